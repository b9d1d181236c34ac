/**
 * Permits: what may be done by whoever shows one, and until when (wall time), signed by HMAC-SHA-256, so that nothing
 * needs to be stored. The counterpart of S3's signatures. Each kind has a purpose of its own in the MAC, so that a permit
 * of one kind is none of another.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

type Signed = { readonly policy: string; readonly signature: string };

const mac = (secret: Uint8Array, kind: string, policy: string): Buffer =>
  createHmac('sha256', secret).update(`${kind}\n`).update(policy).digest();

/** `policy` is base64url of the content's JSON. */
export const signPermit = (secret: Uint8Array, kind: string, content: object): Signed => {
  const policy = Buffer.from(JSON.stringify(content)).toString('base64url');
  return { policy, signature: mac(secret, kind, policy).toString('base64url') };
};

/** What was signed, to be parsed; undefined where it was not signed with this secret as this kind. */
export const contentOfPermit = (secret: Uint8Array, kind: string, { policy, signature }: Signed): unknown => {
  const expected = mac(secret, kind, policy);
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(policy, 'base64url').toString());
};
