import { chmod, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';

const Keys = z.object({
  format: z.string(),
  sealing: z.object({ current: z.string(), keys: z.record(z.string(), z.string()) }),
  blindIndex: z.string(),
  signing: z.object({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() }),
});
type Keys = z.infer<typeof Keys>;

let folder: Folder;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'secrets', 'keys.json');
  await KeyFileVault.open(path);
});
afterEach(() => folder.remove());

const readKeys = async (file = path): Promise<Keys> => Keys.parse(JSON.parse(await readFile(file, 'utf8')));
const writeKeys = (keys: unknown) => writeFile(path, JSON.stringify(keys));
const refused = () => expect(KeyFileVault.open(path)).rejects.toBeInstanceOf(VaultRefused);

describe('the key file', () => {
  it('is made whole, for its owner alone, with nothing beside it', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'secrets'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder.path, 'secrets'))).toEqual(['keys.json']);
  });

  it('is made once, also where several start at the same time', async () => {
    const fresh = join(folder.path, 'fresh', 'keys.json');
    const vaults = await Promise.all(Array.from({ length: 8 }, () => KeyFileVault.open(fresh)));
    const indexes = await Promise.all(vaults.map((vault) => vault.blindIndex('x')));
    expect(new Set(indexes).size).toBe(1);
    expect(await readdir(join(folder.path, 'fresh'))).toEqual(['keys.json']);
  });

  it.each([0o640, 0o604, 0o620, 0o601, 0o666])('is refused with mode %o', async (mode) => {
    await chmod(path, mode);
    await refused();
  });

  it('is refused where it is a link or a folder', async () => {
    const real = join(folder.path, 'real.json');
    await rename(path, real);
    await symlink(real, path);
    await refused();
    await expect(KeyFileVault.open(join(folder.path, 'secrets'))).rejects.toBeInstanceOf(VaultRefused);
  });

  it('is refused where it is cut off at any place, and stays as it is', async () => {
    const text = await readFile(path, 'utf8');
    for (let length = 0; length < text.length; length += 13) {
      await writeFile(path, text.slice(0, length));
      await refused();
      expect(await readFile(path, 'utf8')).toBe(text.slice(0, length));
    }
  });

  it('is refused in any other form, and the error tells none of its keys', async () => {
    const keys = await readKeys();
    const key = keys.blindIndex;
    const bad: unknown[] = [
      {},
      [],
      { ...keys, format: 'hardship-filing-keys/2' },
      { ...keys, more: 1 },
      { ...keys, blindIndex: key.slice(1) },
      { ...keys, blindIndex: `${key}A` },
      { ...keys, sealing: { ...keys.sealing, current: 'k2' } },
      { ...keys, sealing: { current: 'k1', keys: {} } },
      { ...keys, sealing: { current: 'K1', keys: { K1: key } } },
      { ...keys, signing: { ...keys.signing, d: undefined } },
      { ...keys, signing: { ...keys.signing, crv: 'X25519' } },
      // The public half of another key pair.
      { ...keys, signing: { ...keys.signing, x: key } },
    ];
    for (const content of bad) {
      await writeKeys(content);
      const error: unknown = await KeyFileVault.open(path).catch((reason: unknown) => reason);
      expect(error, JSON.stringify(Object.keys(content ?? {}))).toBeInstanceOf(VaultRefused);
      expect(String(error)).not.toContain(key.slice(5, 20));
    }
  });

  it('opens with older keys what it seals no more with', async () => {
    const before = await KeyFileVault.open(path);
    const sealed = await before.seal('x', 'c');
    const keys = await readKeys();
    const fresh = Buffer.alloc(32, 7).toString('base64url');
    await writeKeys({ ...keys, sealing: { current: 'k2', keys: { ...keys.sealing.keys, k2: fresh } } });
    const after = await KeyFileVault.open(path);
    expect(await after.open(sealed, 'c')).toBe('x');
    expect(await after.seal('x', 'c')).toMatch(/^v1\.k2\./);
    await expect(before.open(await after.seal('x', 'c'), 'c')).rejects.toBeInstanceOf(VaultRefused);
  });

  it('does not open under another key id with the same key', async () => {
    const sealed = await (await KeyFileVault.open(path)).seal('x', 'c');
    const keys = await readKeys();
    const { k1 = '' } = keys.sealing.keys;
    await writeKeys({ ...keys, sealing: { current: 'k1', keys: { k1, k2: k1 } } });
    const vault = await KeyFileVault.open(path);
    await expect(vault.open(sealed.replace('.k1.', '.k2.'), 'c')).rejects.toBeInstanceOf(VaultRefused);
  });

  it('gives the public key alone, named by its thumbprint', async () => {
    const vault = await KeyFileVault.open(path);
    const { x } = (await readKeys()).signing;
    expect(vault.publicKey()).toEqual({ kty: 'OKP', crv: 'Ed25519', x });
    expect((await vault.sign(new Uint8Array())).keyId).toBe(
      await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x }),
    );
  });
});
