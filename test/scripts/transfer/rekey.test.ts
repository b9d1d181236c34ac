/** Whatever a vault has sealed is known by its form, so that none of it can slip through unopened. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KmsVault } from '#adapters/aws/vault.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { keys } from '#functions/shared/keys.ts';
import type { Item } from '#functions/shared/ports.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { type LocalKms, startLocalKms } from '#test/support/local-kms.ts';
import { type Sealing, TransferKey } from '../../../scripts/transfer/key.ts';
import { pack } from '../../../scripts/transfer/rekey.ts';

const key = new TransferKey(new Uint8Array(32).fill(3));
let folder: Folder;
let kms: LocalKms;
let vaults: Readonly<Record<string, Sealing>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  kms = await startLocalKms();
  vaults = {
    file: await KeyFileVault.open(join(folder.path, 'vault.json')),
    kms: new KmsVault({ client: kms.client, sealKey: 'seal', indexKey: 'index', signingKey: 'sign' }),
    transfer: key,
  };
});
afterAll(async () => {
  await kms.stop();
  await folder.remove();
});

const nothing = async (): Promise<undefined> => undefined;
const meetingWith = (note: string): Item => ({
  ...keys.meeting('m1'),
  version: 1,
  schema: 1,
  data: { minutes: [{ note }] },
});

test('a field that any vault has sealed and no list names is refused, whatever it is called', async () => {
  for (const [name, vault] of Object.entries(vaults))
    for (const text of ['', '13900000000']) {
      const item = meetingWith(await vault.seal(text, 'meeting/m1/note'));
      await expect(pack('meeting', item, vault, key, nothing), name).rejects.toMatchObject({
        code: 'unknown-sealed-field',
        message: expect.stringContaining('/minutes/0/note'),
      });
    }
});

test('what only looks a little like it moves as it is', async () => {
  for (const note of ['v1.2.3', 't1.', 'kms1', 'v1.k1.AAAA', '同意。']) {
    const item = meetingWith(note);
    expect(await pack('meeting', item, key, key, nothing)).toEqual({ item });
  }
});

test('a document is opened by its own key, under its own name alone', () => {
  const [hash, other] = ['a'.repeat(64), 'b'.repeat(64)];
  const content = Buffer.from('%PDF-1.4 样例');
  const sealed = key.sealDocument(content, hash);
  expect(Buffer.from(sealed).includes('%PDF')).toBe(false);
  expect(key.sealDocument(content, hash)).toEqual(sealed);
  expect(Buffer.from(key.openDocument(sealed, hash))).toEqual(content);
  expect(() => key.openDocument(sealed, other)).toThrow('another context');
  expect(() => key.openDocument(sealed.subarray(0, 20), hash)).toThrow('not sealed by a transfer');
  const stranger = new TransferKey(new Uint8Array(32).fill(4));
  expect(() => stranger.openDocument(sealed, hash)).toThrow('another key');
  // The name tells nothing to who knows the paper and not the key.
  expect(stranger.addressOf(hash)).not.toBe(key.addressOf(hash));
});
