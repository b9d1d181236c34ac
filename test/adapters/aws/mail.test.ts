/** Mail of the cloud edition: address from the table, opened by KMS, user and password from the secret. */

import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { mailNotifier } from '#adapters/aws/mail-on-demand.ts';
import { KmsVault } from '#adapters/aws/vault.ts';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { NotifierUnavailable } from '#functions/shared/errors.ts';
import { sealPersonEmail } from '#functions/shared/personal-data.ts';
import { makeAccount } from '#test/support/accounts.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { type LocalKms, startLocalKms } from '#test/support/local-kms.ts';
import { type LocalSecrets, startLocalSecrets } from '#test/support/local-secrets.ts';
import { type LocalSmtp, startLocalSmtp } from '#test/support/local-smtp.ts';

const SECRET = 'arn:aws-cn:secretsmanager:cn-north-1:1:secret:mail';
const KEYS = {
  SEAL_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:1:key/seal',
  INDEX_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:1:key/index',
  SIGNING_KEY_ARN: 'arn:aws-cn:kms:cn-north-1:1:key/signing',
};

let kms: LocalKms;
let secrets: LocalSecrets;
let smtp: LocalSmtp;
let folder: Folder;
let database: Database;
let items: SqliteItemStore;
const kept = new Map<string, string>();
const password = 'right';
beforeAll(async () => {
  kms = await startLocalKms();
  secrets = await startLocalSecrets(kept);
  smtp = await startLocalSmtp({ password: () => password });
  folder = await temporaryFolder();
  database = new Database(join(folder.path, 'filing.db'));
  items = new SqliteItemStore(database);
});
afterAll(async () => {
  database.close();
  await folder.remove();
  await smtp.stop();
  await secrets.stop();
  await kms.stop();
});
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', kms.url);
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secrets.url);
  vi.stubEnv('AWS_REGION', 'cn-north-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const message = {
  id: 'c-1',
  caseId: 'c',
  to: { subject: 'worker-1' },
  title: '进入公示',
  text: '您有一条新的办理通知，请登录后查看。',
};

test('without a mail server there is no mail', () => {
  expect(mailNotifier({ ...KEYS }, items)).toBeUndefined();
  expect(
    mailNotifier({ ...KEYS, MAIL_SERVER: '', MAIL_FROM: '', MAIL_SECRET_ARN: '' }, items),
  ).toBeUndefined();
});

test('a mail goes to the sealed address, by the user of the secret; a changed password is read anew', async () => {
  const vault = new KmsVault({
    client: new KMSClient({}),
    sealKey: KEYS.SEAL_KEY_ARN,
    indexKey: KEYS.INDEX_KEY_ARN,
    signingKey: KEYS.SIGNING_KEY_ARN,
  });
  const email = await sealPersonEmail(vault, 'worker-1', 'worker@example.cn');
  await makeAccount({ items, clock: new SystemClock() }, 'worker-1', undefined, { email });
  const mail = mailNotifier(
    {
      ...KEYS,
      MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`,
      MAIL_FROM: 'filing@union.example.cn',
      MAIL_SECRET_ARN: SECRET,
    },
    items,
  );
  kept.set(SECRET, JSON.stringify({ user: 'filing', password: 'wrong' }));
  await expect(mail?.send(message)).rejects.toBeInstanceOf(NotifierUnavailable);
  kept.set(SECRET, JSON.stringify({ user: 'filing', password }));
  await mail?.send(message);
  await mail?.send({ ...message, id: 'c-2' });
  expect(smtp.mails.map(({ recipients, user }) => ({ recipients, user }))).toEqual([
    { recipients: ['worker@example.cn'], user: 'filing' },
    { recipients: ['worker@example.cn'], user: 'filing' },
  ]);
  // Once for the wrong one, once for the right one.
  expect(secrets.reads).toBe(2);
});
