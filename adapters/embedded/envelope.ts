/**
 * A document as it lies on disk: sealed by a data key of its own, which the vault has sealed in turn. So a file and the
 * key file suffice to open it, and new vault keys mean a new header, not new content.
 *
 * | part | what |
 * |---|---|
 * | first line | `hardship-filing-document/1` |
 * | second line | the data key, sealed by the vault for this document's key |
 * | 12 bytes | nonce |
 * | the rest but 16 bytes | AES-256-GCM over the content, with the first line and the document's key as associated data |
 * | 16 bytes | the tag |
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ChecksumMismatch, VaultRefused } from '#functions/shared/errors.ts';
import type { Vault } from '#functions/shared/ports.ts';

const FORMAT = 'hardship-filing-document/1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NEWLINE = 0x0a;

/** Longer than any header: the format, and 32 bytes sealed under a key id of at most 32 characters. */
export const HEADER_BYTES = 256;

const contextOf = (key: string): string => `document/${key}`;
const associatedData = (key: string): Buffer => Buffer.from(`${FORMAT}\n${key}`);
const headerOf = (sealedKey: string): Buffer => Buffer.from(`${FORMAT}\n${sealedKey}\n`);

/** Seals content as it streams by: no more of it than a chunk is ever in memory, and none of it is given out in plain. */
export async function* sealContent(
  vault: Pick<Vault, 'seal'>,
  key: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const dataKey = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(key));
  yield headerOf(await vault.seal(dataKey.toString('base64url'), contextOf(key)));
  yield nonce;
  for await (const chunk of content) yield cipher.update(chunk);
  cipher.final();
  yield cipher.getAuthTag();
}

/** The two parts of a file, or of its beginning. `ChecksumMismatch` where it is none of ours. */
export function splitEnvelope(file: Uint8Array): { readonly sealedKey: string; readonly body: Uint8Array } {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const start = FORMAT.length + 1;
  const end = bytes.indexOf(NEWLINE, start);
  if (bytes.toString('latin1', 0, start) !== `${FORMAT}\n` || end < 0 || end >= HEADER_BYTES) {
    throw new ChecksumMismatch('the stored file is not a sealed document');
  }
  return { sealedKey: bytes.toString('latin1', start, end), body: bytes.subarray(end + 1) };
}

const dataKeyOf = async (vault: Pick<Vault, 'open'>, key: string, sealedKey: string): Promise<string> => {
  try {
    return await vault.open(sealedKey, contextOf(key));
  } catch (cause) {
    if (!(cause instanceof VaultRefused)) throw cause;
    throw new ChecksumMismatch('the data key does not open: another document, or changed bytes', { cause });
  }
};

/** The content of a file. `ChecksumMismatch` where it is another document's, cut short or changed. */
export async function openContent(
  vault: Pick<Vault, 'open'>,
  key: string,
  file: Uint8Array,
): Promise<Buffer> {
  const { sealedKey, body } = splitEnvelope(file);
  if (body.length < NONCE_BYTES + TAG_BYTES) throw new ChecksumMismatch('the stored file is cut short');
  const dataKey = Buffer.from(await dataKeyOf(vault, key, sealedKey), 'base64url');
  const decipher = createDecipheriv(CIPHER, dataKey, body.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(key));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  const content = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return content;
  } catch (cause) {
    throw new ChecksumMismatch('the stored content has changed', { cause });
  }
}

/** The same file with its data key sealed anew, under the vault's present key. */
export async function resealEnvelope(
  vault: Pick<Vault, 'open' | 'seal'>,
  key: string,
  file: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const { sealedKey, body } = splitEnvelope(file);
  return [headerOf(await vault.seal(await dataKeyOf(vault, key, sealedKey), contextOf(key))), body];
}
