/**
 * Keys in KMS, which they never leave. A sealed text is an envelope: a data key of its own, wrapped by KMS, and the
 * text under that key in AES-256-GCM. KMS holds the context as the wrapped key's encryption context (and writes it
 * into the audit log, so it names cases, never people); the cipher holds it as associated data once more. When KMS
 * rotates the seal key, the wrapped keys of before still open.
 */
import { createCipheriv, createDecipheriv, createPublicKey, randomBytes } from 'node:crypto';
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  type KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import { inOnePiece } from '#adapters/shared/vault-form.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import type { Vault, VaultSignature } from '#functions/shared/ports.ts';

/** The form of the envelope: `kms1.<wrapped data key>.<nonce, ciphertext, tag>`, both in base64url. */
const FORMAT = 'kms1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Base 64 has several spellings of the same bytes; only one is ours. */
const Base64url = z
  .string()
  .refine((text) => Buffer.from(text, 'base64url').toString('base64url') === text)
  .transform((text) => Buffer.from(text, 'base64url'));
const Sealed = z
  .string()
  .transform((text) => text.split('.'))
  .pipe(
    z.tuple([
      z.literal(FORMAT),
      Base64url.refine(({ length }) => length > 0),
      Base64url.refine(({ length }) => length >= NONCE_BYTES + TAG_BYTES),
    ]),
  );

const DataKey = z.object({ Plaintext: z.instanceof(Uint8Array), CiphertextBlob: z.instanceof(Uint8Array) });
const Opened = DataKey.pick({ Plaintext: true });
const Mac = z.object({ Mac: z.instanceof(Uint8Array) });
const Signature = z.object({ Signature: z.instanceof(Uint8Array) });
const PublicKey = z.object({ PublicKey: z.instanceof(Uint8Array) });
const Ed25519 = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });

/** KMS takes no empty value, so the format leads it; one of another format then never opens as this one. */
const encryptionContext = (context: string) => ({ 'hardship-filing': `${FORMAT}:${context}` });

const associatedData = (wrapped: Uint8Array, context: string): Buffer =>
  Buffer.from(`${FORMAT}.${Buffer.from(wrapped).toString('base64url')}.${context}`, 'utf8');

export type KmsVaultOptions = {
  readonly client: KMSClient;
  /** SYMMETRIC_DEFAULT. What a function may do with which key is its role's to say. */
  readonly sealKey: string;
  /** HMAC_256. */
  readonly indexKey: string;
  /** ECC_NIST_EDWARDS25519. */
  readonly signingKey: string;
};

export class KmsVault implements Vault {
  readonly #options: KmsVaultOptions;
  #signer: Promise<Omit<VaultSignature, 'signature'>> | undefined;

  constructor(options: KmsVaultOptions) {
    this.#options = options;
  }

  async seal(plaintext: string, context: string): Promise<string> {
    const { client, sealKey } = this.#options;
    const { Plaintext: key, CiphertextBlob: wrapped } = DataKey.parse(
      await client.send(
        new GenerateDataKeyCommand({
          KeyId: sealKey,
          KeySpec: 'AES_256',
          EncryptionContext: encryptionContext(context),
        }),
      ),
    );
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    key.fill(0);
    cipher.setAAD(associatedData(wrapped, context));
    const body = [nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return [FORMAT, ...[Buffer.from(wrapped), Buffer.concat(body)].map(base64url)].join('.');
  }

  async open(sealed: string, context: string): Promise<string> {
    const parsed = Sealed.safeParse(sealed);
    if (!parsed.success) throw new VaultRefused('what is to be opened was not sealed here');
    const [, wrapped, body] = parsed.data;
    const key = await this.#unwrap(wrapped, context);
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    key.fill(0);
    decipher.setAAD(associatedData(wrapped, context));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    const plaintext = decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([plaintext, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new VaultRefused('another context, or changed bytes', { cause });
    }
  }

  async blindIndex(value: string): Promise<string> {
    const { client, indexKey: KeyId } = this.#options;
    const answer = await client.send(
      new GenerateMacCommand({
        KeyId,
        MacAlgorithm: 'HMAC_SHA_256',
        Message: inOnePiece(Buffer.from(value)),
      }),
    );
    return base64url(Mac.parse(answer).Mac);
  }

  async sign(bytes: Uint8Array): Promise<VaultSignature> {
    const { client, signingKey: KeyId } = this.#options;
    const command = new SignCommand({
      KeyId,
      Message: inOnePiece(bytes),
      // Pure Ed25519, as everyone verifies it; KMS asks for the message itself then.
      MessageType: 'RAW',
      SigningAlgorithm: 'ED25519_SHA_512',
    });
    const [signer, answer] = await Promise.all([this.#whoSigns(), client.send(command)]);
    return { ...signer, signature: base64url(Signature.parse(answer).Signature) };
  }

  async #unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array> {
    const { client, sealKey: KeyId } = this.#options;
    try {
      const answer = await client.send(
        new DecryptCommand({
          KeyId,
          CiphertextBlob: wrapped,
          EncryptionContext: encryptionContext(context),
        }),
      );
      return Opened.parse(answer).Plaintext;
    } catch (error) {
      if (error instanceof InvalidCiphertextException || error instanceof IncorrectKeyException) {
        throw new VaultRefused('another context, another key, or changed bytes', { cause: error });
      }
      throw error;
    }
  }

  /** Asked once; a failure is not remembered. */
  #whoSigns(): Promise<Omit<VaultSignature, 'signature'>> {
    this.#signer ??= this.#readSigner().catch((error: unknown) => {
      this.#signer = undefined;
      throw error;
    });
    return this.#signer;
  }

  async #readSigner(): Promise<Omit<VaultSignature, 'signature'>> {
    const { client, signingKey: KeyId } = this.#options;
    const answer = await client.send(new GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({
      key: Buffer.from(PublicKey.parse(answer).PublicKey),
      format: 'der',
      type: 'spki',
    });
    const publicKey = Ed25519.parse(key.export({ format: 'jwk' }));
    return { keyId: await calculateJwkThumbprint(publicKey), algorithm: 'Ed25519', publicKey };
  }
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
