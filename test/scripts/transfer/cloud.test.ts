/** From one machine into the cloud and back: the same content, under three vaults one after another. */
import { join } from 'node:path';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { S3DocumentStore } from '#adapters/aws/documents.ts';
import { DynamoItemInventory, S3DocumentInventory } from '#adapters/aws/inventory.ts';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { KmsVault } from '#adapters/aws/vault.ts';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { keys, outboxPartition } from '#functions/shared/keys.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import { type DynamoDbLocal, startDynamoDbLocal, whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { type LocalKms, startLocalKms } from '#test/support/local-kms.ts';
import { type S3ForTests, startS3 } from '#test/support/s3.ts';
import { enrolling, makeAdministrator, PASSWORD, setPassword, signIn } from '#test/support/sign-in.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { cloudSide } from '../../../scripts/transfer/cloud.ts';
import { openEmbedded, type Side } from '../../../scripts/transfer/edition.ts';
import { exportBundle } from '../../../scripts/transfer/export.ts';
import { importBundle } from '../../../scripts/transfer/import.ts';
import { TransferKey } from '../../../scripts/transfer/key.ts';
import { verifyBundle } from '../../../scripts/transfer/verify.ts';
import { contentOf, type Filled, fill, openSource } from './support.ts';

/** Sort keys of what an edition without passwords of its own doesn't take. */
const PASSWORDS = ['CREDENTIAL', 'LOGIN', 'SETUP'];

const reason = whyNoDynamoDbLocal();
if (reason !== undefined) console.warn(`SKIPPED: a transfer into the cloud and back: ${reason}`);

describe.skipIf(reason !== undefined)('into the cloud and back', () => {
  let work: Folder;
  let source: Folder;
  let server: DynamoDbLocal;
  let s3: S3ForTests;
  let kms: LocalKms;
  let cloud: Side;
  let filled: Filled;
  const key = new TransferKey(new Uint8Array(32).fill(1));
  const parameters = Buffer.from(JSON.stringify(parametersDocument));
  const silent = (): void => {};

  const cloudOf = (frozen: boolean): Side => {
    const clock = new VirtualClock(Date.now());
    const client = server.client();
    const sign = { form: createPresignedPost, link: getSignedUrl };
    const buckets = { client: s3.client(), uploadsBucket: 'uploads-bucket', archiveBucket: 'archive-bucket' };
    return cloudSide({
      items: new DynamoItemStore({ client, table: 'filing' }),
      documents: new S3DocumentStore({ ...buckets, lockMode: 'GOVERNANCE', clock, sign }),
      vault: new KmsVault({ client: kms.client, sealKey: 'seal', indexKey: 'index', signingKey: 'sign' }),
      inventory: {
        items: new DynamoItemInventory({ client, table: 'filing' }),
        documents: new S3DocumentInventory(buckets),
      },
      clock,
      ids: new RandomIds(clock),
      metrics: new MemoryMetrics(),
      frozen,
      deployed: parametersDocument,
    });
  };

  beforeAll(async () => {
    work = await temporaryFolder();
    server = await startDynamoDbLocal();
    s3 = await startS3('uploads-bucket', 'archive-bucket');
    kms = await startLocalKms();
    await server.createTable('filing');
    cloud = cloudOf(true);
    const edition = await openSource();
    source = edition.folder;
    filled = await fill(edition);
    await edition.stop();
  });
  afterAll(async () => {
    await Promise.all([server.stop(), s3.stop(), kms.stop(), work.remove(), source.remove()]);
  });

  const carry = async (from: Side, to: Side, name: string): Promise<readonly string[]> => {
    const folder = join(work.path, name);
    expect(await exportBundle(from, { folder, key, parameters, say: silent })).toBe(true);
    const { faults, manifest, id } = await verifyBundle(folder, key);
    expect(faults).toEqual([]);
    return importBundle(to, { folder, manifest, id }, key, silent);
  };

  it('carries everything into the table and the buckets', async () => {
    const from = await openEmbedded(source.path, false);
    expect(await carry(from, cloud, 'there')).toEqual([
      expect.stringMatching(/^登录口令和二次验证2份未写入云端/),
    ]);
    expect(await contentOf(cloud)).toEqual(await contentOf(from, PASSWORDS));
    expect((await contentOf(from)).items.length).toBe((await contentOf(cloud)).items.length + 5);
    await from.close();
  });

  it('exports the cloud only where the operator says that it stands still', async () => {
    const folder = join(work.path, 'restless');
    await expect(
      exportBundle(cloudOf(false), { folder, key, parameters, say: silent }),
    ).rejects.toMatchObject({
      code: 'not-frozen',
      exit: 2,
    });
  });

  it('exports the cloud only once its outbox is empty', async () => {
    const row = { pk: outboxPartition('c1'), sk: 'row' };
    const data = { kind: 'heartbeat', taskToken: 't' };
    await cloud.items.transact([{ type: 'put', item: { ...row, version: 1, schema: 1, data } }]);
    const folder = join(work.path, 'restless');
    await expect(exportBundle(cloud, { folder, key, parameters, say: silent })).rejects.toMatchObject({
      code: 'not-quiet',
      exit: 1,
    });
    await cloud.items.transact([{ type: 'delete', key: row }]);
  });

  it('carries everything back, as it was at the start', async () => {
    const back = await openEmbedded(join(work.path, 'back'), true);
    expect(await carry(cloud, back, 'back-again')).toContainEqual(
      expect.stringMatching(/^2人还没有本机口令/),
    );
    const first = await openEmbedded(source.path, false);
    expect(await contentOf(back)).toEqual(await contentOf(first, PASSWORDS));
    // The order of partitions is each store's own; the digest of all audit heads isn't.
    const [there, again] = await Promise.all(
      ['there', 'back-again'].map(
        async (name) => (await verifyBundle(join(work.path, name), key)).manifest.heads,
      ),
    );
    expect(again).toBe(there);
    await first.close();
    await back.close();
  });

  it('lets people into the edition that they have come back to, by a link of a new first administrator', async () => {
    const edition = await openSource({ path: join(work.path, 'back'), remove: async () => {} });
    await makeAdministrator(edition, 'new.admin');
    const { client } = await signIn(edition, 'new.admin', PASSWORD, enrolling({ key: '', recovery: [] }));
    const linkOf = async (subject: string): Promise<string> => {
      const reset = { secondFactor: true, reason: '迁回单机版' };
      const { link } = await client.post(`/v1/people/${subject}/reset`, reset);
      return z.looseObject({ url: z.string() }).parse(link).url;
    };
    const next = '绿色的自行车停在四楼门口';
    const { subject, worker } = filled.accounts;
    expect(await setPassword(await linkOf(subject), next)).toBe(200);
    // Staff sign in by the subject, which an administrator sees, and set up a second factor; a worker by the ID number.
    const former = await signIn(edition, subject, next, enrolling({ key: '', recovery: [] }));
    expect(former.subject).toBe(subject);
    expect((await former.client.call('GET', '/v1/people')).status).toBe(200);
    const { subject: registered } = await edition.ports.items
      .get(keys.accountGuard(await edition.ports.vault.blindIndex(worker.idNumber)))
      .then((item) => z.object({ subject: z.string() }).parse(item?.data));
    expect(await setPassword(await linkOf(registered), next)).toBe(200);
    expect((await signIn(edition, worker.idNumber, next)).subject).toBe(registered);
    await edition.stop();
  });

  it('says so where the cloud is deployed with other local standards', async () => {
    expect(await cloud.keepParameters(parameters)).toEqual([]);
    expect(await cloud.keepParameters(Buffer.from('{}'))).toEqual([expect.stringContaining('重新部署云端')]);
  });
});
