/**
 * The transfer key: under it personal fields and documents lie in a bundle on their way between two editions. It is 32 random
 * bytes in a file of their own (mode 0600), which travels apart from the bundle; the keys that work are derived from it.
 *
 * It seals without chance: the nonce is a keyed hash of context and content, so that the same field sealed twice under one
 * key is the same text. This makes a bundle the same whenever it is made, and lets what stands in a target be compared
 * with it. What it gives away is only whether the same field holds the same value.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { makeFolder, syncFolder, writeNew } from '#adapters/embedded/files.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import type { Vault } from '#functions/shared/ports.ts';
import { failedWith, TransferFault } from './fault.ts';

/** What the transfer needs of a vault. */
export type Sealing = Pick<Vault, 'seal' | 'open' | 'blindIndex'>;

const FORMAT = 'hardship-filing-transfer-key/1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER = 't1.';
const DOCUMENT = 'document/';
/** How much longer a sealed document is than the document. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

const KeyFile = z.strictObject({
  format: z.literal(FORMAT),
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .transform((text) => Buffer.from(text, 'base64url')),
});

export class TransferKey implements Sealing {
  readonly #sealing: Buffer;
  readonly #nonces: Buffer;
  readonly #index: Buffer;
  readonly #documents: Buffer;
  readonly #manifest: Buffer;
  /** Tells keys apart and nothing else about them. */
  readonly fingerprint: string;

  constructor(key: Uint8Array) {
    const derive = (purpose: string): Buffer =>
      Buffer.from(hkdfSync('sha256', key, '', `${FORMAT} ${purpose}`, KEY_BYTES));
    this.#sealing = derive('seal');
    this.#nonces = derive('nonce');
    this.#index = derive('index');
    this.#documents = derive('documents');
    this.#manifest = derive('manifest');
    this.fingerprint = derive('fingerprint').toString('base64url');
  }

  /** Reads the key file. Faults: `key-missing`, `key-malformed`. */
  static async read(path: string): Promise<TransferKey> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      const why = failedWith(error, 'ENOENT') ? '没有这个文件' : '无法读取';
      throw new TransferFault('key-missing', 2, `迁移密钥 ${path}：${why}。`);
    }
    const file = KeyFile.safeParse(parseJson(text));
    if (!file.success) throw new TransferFault('key-malformed', 2, `${path} 不是迁移密钥文件，或已损坏。`);
    return new TransferKey(file.data.key);
  }

  /** Reads the key file, making it where there is none. */
  static async open(path: string): Promise<{ readonly key: TransferKey; readonly made: boolean }> {
    const content = JSON.stringify({ format: FORMAT, key: randomBytes(KEY_BYTES).toString('base64url') });
    await makeFolder(dirname(resolve(path)));
    try {
      await writeNew(path, [Buffer.from(`${content}\n`)]);
    } catch (error) {
      if (!failedWith(error, 'EEXIST')) throw error;
      return { key: await TransferKey.read(path), made: false };
    }
    await syncFolder(dirname(resolve(path)));
    return { key: await TransferKey.read(path), made: true };
  }

  async seal(plaintext: string, context: string): Promise<string> {
    return HEADER + this.#encrypt(Buffer.from(plaintext), HEADER + context, plaintext).toString('base64url');
  }

  /** Throws `VaultRefused`. */
  async open(sealed: string, context: string): Promise<string> {
    const body = Buffer.from(sealed.slice(HEADER.length), 'base64url');
    if (!sealed.startsWith(HEADER)) {
      throw new VaultRefused('what is to be opened was not sealed by a transfer');
    }
    return this.#decrypt(body, HEADER + context).toString('utf8');
  }

  /**
   * Where a bundle keeps the document of this content: a keyed hash of its SHA-256. It is known without the content, is the
   * same for the same content, and by itself tells nothing of it.
   */
  addressOf(contentSha256: string): string {
    return createHmac('sha256', this.#documents).update(contentSha256).digest('hex');
  }

  /** A document's content, bound to its address; `SEAL_BYTES` longer. */
  sealDocument(content: Uint8Array, contentSha256: string): Uint8Array {
    return this.#encrypt(content, `${DOCUMENT}${this.addressOf(contentSha256)}`, contentSha256);
  }

  /** Throws `VaultRefused`. */
  openDocument(sealed: Uint8Array, contentSha256: string): Uint8Array {
    return this.#decrypt(sealed, `${DOCUMENT}${this.addressOf(contentSha256)}`);
  }

  /** `identity` tells contents of one context apart. Gives nonce, ciphertext and tag. */
  #encrypt(content: Uint8Array, context: string, identity: string): Buffer {
    // As JSON, so that no two pairs of context and content are told by the same bytes.
    const nonce = createHmac('sha256', this.#nonces)
      .update(JSON.stringify([context, identity]))
      .digest()
      .subarray(0, NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }

  #decrypt(body: Uint8Array, context: string): Buffer {
    if (body.length < SEAL_BYTES) throw new VaultRefused('what is to be opened was not sealed by a transfer');
    const decipher = createDecipheriv('aes-256-gcm', this.#sealing, body.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    const plaintext = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([plaintext, decipher.final()]);
    } catch (cause) {
      throw new VaultRefused('another context, another key, or changed bytes', { cause });
    }
  }

  async blindIndex(value: string): Promise<string> {
    return createHmac('sha256', this.#index).update(value).digest('base64url');
  }

  /** Authenticates a bundle's manifest: who doesn't hold the key can't make one that is taken in. */
  authenticate(manifest: string): string {
    return createHmac('sha256', this.#manifest).update(manifest).digest('base64url');
  }
}

/** `undefined` for what is no JSON: the caller's schema refuses it. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
