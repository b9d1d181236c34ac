/**
 * The key ring of one side: the key it signs with and the keys of the other side that it trusts. It is one
 * JSON document (a file, or a secret of the cloud): see `docs/cross-check.md`.
 */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import type { SigningKey, TrustedKey } from './http-signature.ts';

export type KeyRing = { readonly signing: SigningKey; readonly trusted: readonly TrustedKey[] };

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const keyId = z.string().min(1).max(128);
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** 32 bytes: HMAC-SHA-256 gains nothing from less than its own length, and is weaker for it. */
const secretJwk = z.strictObject({ kty: z.literal('oct'), k: base64url.min(43) });
const publicJwk = z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url });
const privateJwk = z.strictObject({ ...publicJwk.shape, d: base64url });
const validity = { notBefore: instant.optional(), notAfter: instant.optional() };

const keyRingSchema = z.strictObject({
  signing: z.discriminatedUnion('algorithm', [
    z.strictObject({ keyId, algorithm: z.literal('ed25519'), jwk: privateJwk }),
    z.strictObject({ keyId, algorithm: z.literal('hmac-sha256'), jwk: secretJwk }),
  ]),
  trusted: z
    .array(
      z.discriminatedUnion('algorithm', [
        z.strictObject({ keyId, algorithm: z.literal('ed25519'), jwk: publicJwk, ...validity }),
        z.strictObject({ keyId, algorithm: z.literal('hmac-sha256'), jwk: secretJwk, ...validity }),
      ]),
    )
    .min(1)
    .refine((keys) => new Set(keys.map((key) => key.keyId)).size === keys.length, {
      message: 'a key id may stand only once',
    }),
});

const secret = (k: string): KeyObject => createSecretKey(Buffer.from(k, 'base64url'));

/**
 * Reads a key ring from the text of its document. Throws (an error that shows no key material) where it isn't
 * one.
 */
export function parseKeyRing(text: string): KeyRing {
  const parsed = keyRingSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.code}`);
    throw new Error(`not a key ring: ${places.join('; ')}`);
  }
  const { signing, trusted } = parsed.data;
  return {
    signing: {
      keyId: signing.keyId,
      algorithm: signing.algorithm,
      key:
        signing.algorithm === 'ed25519'
          ? createPrivateKey({ key: signing.jwk, format: 'jwk' })
          : secret(signing.jwk.k),
    },
    trusted: trusted.map(({ jwk, notBefore, notAfter, ...key }) => ({
      ...key,
      key: jwk.kty === 'OKP' ? createPublicKey({ key: jwk, format: 'jwk' }) : secret(jwk.k),
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(notAfter === undefined ? {} : { notAfter }),
    })),
  };
}

/** The engine's own message would quote the text, which is a key. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('not a key ring: not JSON');
  }
};
