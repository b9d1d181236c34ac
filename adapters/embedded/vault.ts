/**
 * Keys in one file that its owner alone can read: AES-256-GCM for sealing, HMAC-SHA-256 for the blind index,
 * Ed25519 for signatures. Losing the file is losing what is sealed: it belongs in the backup, apart from the data.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import { inOnePiece } from '#adapters/shared/vault-form.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import type { JsonObject, Vault, VaultSignature } from '#functions/shared/ports.ts';
import { isMissing, makeFolder, replaceFile, syncFolder, writeNew } from './files.ts';

const Key = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .transform((text) => Buffer.from(text, 'base64url'));
const KeyId = z.string().regex(/^[a-z0-9]{1,32}$/);
const Coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const KeyFile = z
  .strictObject({
    format: z.literal('hardship-filing-keys/1'),
    sealing: z.strictObject({
      /** The key that seals; the others only open. */
      current: KeyId,
      keys: z.record(KeyId, Key),
    }),
    blindIndex: Key,
    signing: z.strictObject({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: Coordinate,
      d: Coordinate,
    }),
  })
  .refine(({ sealing }) => sealing.keys[sealing.current] !== undefined);
type KeyFile = z.infer<typeof KeyFile>;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const Sealed = z
  .string()
  .regex(/^v1\.[a-z0-9]{1,32}\.[A-Za-z0-9_-]+$/)
  .transform((text) => {
    const [version = '', keyId = '', body = ''] = text.split('.');
    return { keyId, header: `${version}.${keyId}.`, body: Buffer.from(body, 'base64url'), text };
  })
  // Base 64 has several spellings of the same bytes; only one is ours.
  .refine(({ header, body, text }) => header + body.toString('base64url') === text)
  .refine(({ body }) => body.length >= NONCE_BYTES + TAG_BYTES);

/** The id of the key that a text is sealed with; undefined where it isn't sealed. */
export const sealingKeyOf = (text: string): string | undefined => Sealed.safeParse(text).data?.keyId;

const newKey = (): string => randomBytes(32).toString('base64url');

function newKeyFile(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { kty, crv, x, d } = privateKey.export({ format: 'jwk' });
  return JSON.stringify({
    format: 'hardship-filing-keys/1',
    sealing: { current: 'k1', keys: { k1: newKey() } },
    blindIndex: newKey(),
    signing: { kty, crv, x, d },
  });
}

/** Makes the key file whole or not at all; one that another process made meanwhile stands. */
async function makeKeyFile(path: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const draft = join(folder, `.${randomUUID()}`);
  await writeNew(draft, [Buffer.from(newKeyFile())]);
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft);
  }
  await syncFolder(folder);
}

async function readKeyFile(path: string): Promise<KeyFile> {
  // A link could lead to a file whose folder others can write.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new VaultRefused('密钥文件不是普通文件');
    if ((status.mode & 0o077) !== 0) {
      throw new VaultRefused('密钥文件他人可读写：请改为权限0600，并视同密钥已经泄露');
    }
    if (status.uid !== process.getuid?.()) throw new VaultRefused('密钥文件属于另一个用户');
    return parseKeyFile(await handle.readFile('utf8'));
  } finally {
    await handle.close();
  }
}

/** Errors say nothing of what the file holds. */
function parseKeyFile(text: string): KeyFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new VaultRefused('密钥文件已损坏');
  }
  const keys = KeyFile.safeParse(content);
  if (!keys.success) throw new VaultRefused('密钥文件格式不符或不完整');
  return keys.data;
}

/** Writes other sealing keys; the rest of the file stays. Whole or not at all. */
async function writeSealing(path: string, keys: KeyFile, sealing: KeyFile['sealing']): Promise<void> {
  const texts = Object.entries(sealing.keys).map(([id, key]) => [id, key.toString('base64url')] as const);
  const content = JSON.stringify({
    ...keys,
    sealing: { current: sealing.current, keys: Object.fromEntries(texts) },
    blindIndex: keys.blindIndex.toString('base64url'),
  });
  await replaceFile(path, Buffer.from(content), dirname(path));
}

/** Adds a sealing key and makes it the one that seals; the former ones only open. Resolves with its id. */
export async function rotateSealingKey(path: string): Promise<string> {
  const keys = await readKeyFile(path);
  const numbers = Object.keys(keys.sealing.keys).map((id) => Number(/^k([0-9]{1,9})$/.exec(id)?.[1] ?? 0));
  // The present key is never removed, so that no id comes twice.
  const id = `k${Math.max(...numbers) + 1}`;
  const fresh = Buffer.from(newKey(), 'base64url');
  await writeSealing(path, keys, { current: id, keys: { ...keys.sealing.keys, [id]: fresh } });
  return id;
}

/** Removes former sealing keys for good: what is still sealed with them is lost. The present key stays. */
export async function removeSealingKeys(path: string, ids: readonly string[]): Promise<void> {
  const keys = await readKeyFile(path);
  const { current } = keys.sealing;
  const kept = Object.entries(keys.sealing.keys).filter(([id]) => id === current || !ids.includes(id));
  await writeSealing(path, keys, { current, keys: Object.fromEntries(kept) });
}

export class KeyFileVault implements Vault {
  readonly #keys: KeyFile;
  readonly #signingKey: KeyObject;
  readonly #signer: Omit<VaultSignature, 'signature'>;

  private constructor(keys: KeyFile, signingKey: KeyObject, signer: Omit<VaultSignature, 'signature'>) {
    this.#keys = keys;
    this.#signingKey = signingKey;
    this.#signer = signer;
  }

  /**
   * Opens the key file; makes it (mode 0600) where there is none. `VaultRefused` for a file that others can read,
   * a link, a damaged or unknown format; its message is for the operator, in Chinese.
   */
  static async open(path: string): Promise<KeyFileVault> {
    return (await KeyFileVault.openExisting(path)) ?? KeyFileVault.#make(path);
  }

  /** Opens the key file; undefined where there is none. */
  static async openExisting(path: string): Promise<KeyFileVault | undefined> {
    try {
      return await KeyFileVault.#of(await readKeyFile(path));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ELOOP') {
        throw new VaultRefused('密钥文件是链接');
      }
      if (!isMissing(error)) throw error;
      return undefined;
    }
  }

  static async #make(path: string): Promise<KeyFileVault> {
    await makeKeyFile(path);
    return KeyFileVault.#of(await readKeyFile(path));
  }

  static async #of(keys: KeyFile): Promise<KeyFileVault> {
    const { d, ...publicKey } = keys.signing;
    const signingKey = importSigningKey(keys.signing);
    return new KeyFileVault(keys, signingKey, {
      keyId: await calculateJwkThumbprint(publicKey),
      algorithm: 'Ed25519',
      publicKey,
    });
  }

  /** The ids of the sealing keys: the one that seals, and those that only open. */
  sealingKeys(): { readonly current: string; readonly former: readonly string[] } {
    const { current, keys } = this.#keys.sealing;
    return { current, former: Object.keys(keys).filter((id) => id !== current) };
  }

  /** The key that checks signatures, as a JWK. */
  publicKey(): JsonObject {
    return this.#signer.publicKey;
  }

  async seal(plaintext: string, context: string): Promise<string> {
    const keyId = this.#keys.sealing.current;
    const header = `v1.${keyId}.`;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealingKey(keyId), nonce, {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(associatedData(header, context));
    const body = Buffer.concat([
      nonce,
      cipher.update(plaintext, 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return header + body.toString('base64url');
  }

  async open(sealed: string, context: string): Promise<string> {
    const parsed = Sealed.safeParse(sealed);
    if (!parsed.success) throw new VaultRefused('what is to be opened was not sealed here');
    const { keyId, header, body } = parsed.data;
    const decipher = createDecipheriv('aes-256-gcm', this.#sealingKey(keyId), body.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(header, context));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    const plaintext = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([plaintext, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new VaultRefused('another context, or changed bytes', { cause });
    }
  }

  async blindIndex(value: string): Promise<string> {
    return createHmac('sha256', this.#keys.blindIndex)
      .update(inOnePiece(Buffer.from(value)))
      .digest('base64url');
  }

  async sign(bytes: Uint8Array): Promise<VaultSignature> {
    return {
      ...this.#signer,
      signature: sign(null, inOnePiece(bytes), this.#signingKey).toString('base64url'),
    };
  }

  #sealingKey(keyId: string): Buffer {
    const key = this.#keys.sealing.keys[keyId];
    if (key === undefined) throw new VaultRefused('sealed with a key that this vault does not have');
    return key;
  }
}

const associatedData = (header: string, context: string): Buffer => Buffer.from(header + context, 'utf8');

/** Imports the private key; one whose public half belongs to another is refused. */
function importSigningKey(jwk: KeyFile['signing']): KeyObject {
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  if (key.export({ format: 'jwk' }).x !== jwk.x) throw new VaultRefused('签名密钥的两半不相配');
  return key;
}
