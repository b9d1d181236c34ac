/**
 * Signed HTTP requests: RFC 9421 signatures over a content digest of the raw bytes (RFC 9530), in the one
 * profile that `docs/cross-check.md` describes. `http-message-signatures` parses the structured fields, builds
 * the signature base and does the cryptography; what makes a signature acceptable is decided here
 * (`docs/decisions/signed-messages.md` says why the library's own policy isn't enough).
 *
 * Replays aren't judged here: the caller remembers nonces and digests.
 */
import { createHash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import * as z from 'zod';
import { AppError } from './errors.ts';

/** What a signature is for: it keeps a request from being sent back as a result, or the other way round. */
export type SignatureTag = 'cross-check-request' | 'cross-check-result' | 'message';

/** `key`: an Ed25519 private key, or the shared secret of HMAC. */
export type SigningKey = {
  readonly keyId: string;
  readonly algorithm: 'ed25519' | 'hmac-sha256';
  readonly key: KeyObject;
};

/**
 * A key of the other side: an Ed25519 public key, or the shared secret. It counts from `notBefore` up to, and
 * without, `notAfter` (milliseconds, wall time); overlapping spans of two keys make a rotation.
 */
export type TrustedKey = SigningKey & { readonly notBefore?: number; readonly notAfter?: number };

/** What every signature covers, plainly: no component parameters. */
const COVERED = ['@method', '@authority', '@path', 'content-digest', 'content-type'] as const;

/** A signature is good for 5 minutes; clocks may differ by 30 seconds. In milliseconds. */
export const MAX_AGE = 300_000;
export const MAX_AHEAD = 30_000;

const REFUSALS = {
  missing: '请求没有签名。',
  malformed: '签名的格式有误。',
  several: '请求带有多个签名，只接受一个。',
  'parameter-invalid': '签名参数不全或有误。',
  'component-missing': '签名没有覆盖全部必需的内容。',
  'component-unsupported': '签名覆盖了不支持的内容。',
  'unknown-key': '签名所用的密钥不在信任名单中。',
  'key-not-in-force': '签名所用的密钥不在有效期内。',
  'algorithm-mismatch': '签名算法与密钥不符。',
  'tag-mismatch': '签名的用途不符。',
  expired: '签名已过期。',
  future: '签名时间晚于当前时间。',
  invalid: '签名验证未通过。',
  'digest-malformed': '内容摘要的格式有误，或没有支持的算法。',
  'digest-mismatch': '内容与其摘要不符。',
} as const;

export type SignatureRefusal = keyof typeof REFUSALS;

/** The codes of all refusals. */
export const SIGNATURE_REFUSALS = Object.keys(REFUSALS).map((reason) => `signature-${reason}`);

/** The request isn't acceptably signed; `reason` says why, and `code` is `signature-<reason>`. */
export class SignatureRefused extends AppError {
  override readonly name = 'SignatureRefused';
  readonly reason: SignatureRefusal;
  constructor(reason: SignatureRefusal, cause?: unknown) {
    super(`signature-${reason}`, 401, REFUSALS[reason]);
    this.reason = reason;
    this.cause = cause;
  }
}

const DIGESTS = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const;

const hash = (algorithm: string, body: Uint8Array): Buffer => createHash(algorithm).update(body).digest();

const contentDigest = (body: Uint8Array): string => `sha-256=:${hash('sha256', body).toString('base64')}:`;

/**
 * Holds the body against the field. Every digest of a known algorithm must fit and there must be one; those of
 * unknown algorithms are passed over, as RFC 9530 asks.
 */
const checkDigest = (field: string, body: Uint8Array): void => {
  const known = field.split(',').flatMap((member) => {
    const [, name, value] = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+={0,2}):$/.exec(member.trim()) ?? [];
    if (name === undefined || value === undefined) throw new SignatureRefused('digest-malformed');
    const algorithm = name === 'sha-256' || name === 'sha-512' ? DIGESTS[name] : undefined;
    return algorithm === undefined ? [] : [{ algorithm, value: Buffer.from(value, 'base64') }];
  });
  if (known.length === 0) throw new SignatureRefused('digest-malformed');
  for (const { algorithm, value } of known) {
    const actual = hash(algorithm, body);
    if (value.length !== actual.length || !timingSafeEqual(value, actual)) {
      throw new SignatureRefused('digest-mismatch');
    }
  }
};

/**
 * Signs a request; the result is all its headers: the given ones, `content-digest`, `signature-input` and
 * `signature`. `headers` must hold `content-type`. `wall` is milliseconds; `nonce` is unguessable, one a
 * message (and the same one when the message is sent again).
 */
export async function signRequest(
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
  },
  key: SigningKey,
  { wall, nonce, tag }: { readonly wall: number; readonly nonce: string; readonly tag: SignatureTag },
): Promise<Record<string, string>> {
  const signed = await httpbis.signMessage(
    {
      name: 'sig',
      key: createSigner(key.key, key.algorithm, key.keyId),
      fields: [...COVERED],
      params: ['created', 'nonce', 'keyid', 'alg', 'tag'],
      paramValues: { created: new Date(wall), nonce, tag },
    },
    {
      method: request.method,
      url: request.url,
      headers: { ...request.headers, 'content-digest': contentDigest(request.body) },
    },
  );
  return Object.fromEntries(new Headers(Object.entries(signed.headers).map(([k, v]) => [k, String(v)])));
}

/** The parameters of a signature, as the library hands them over; nothing else may stand there. */
const parametersSchema = z.strictObject({
  created: z.date(),
  nonce: z.string().min(16).max(128),
  keyid: z.string().min(1).max(128),
  alg: z.string(),
  tag: z.string(),
});

export type VerifiedRequest = {
  readonly keyId: string;
  readonly nonce: string;
  /** Milliseconds since the epoch, wall time of the signer. */
  readonly created: number;
  /** SHA-256 of the raw body, lower-case hex. */
  readonly digest: string;
};

/**
 * Verifies a request as it came in. `authority` is the configured `host[:port]`, never the Host header;
 * `path` is the path as the client sent it, without the query; `body` the raw bytes. Throws
 * `SignatureRefused`, whatever the input.
 */
export async function verifyRequest(
  request: {
    readonly method: string;
    readonly authority: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: Uint8Array;
  },
  keys: readonly TrustedKey[],
  { wall, tag }: { readonly wall: number; readonly tag: SignatureTag },
): Promise<VerifiedRequest> {
  const fields = plainFields(request.headers);
  if (fields.signature === undefined || fields['signature-input'] === undefined) {
    throw new SignatureRefused('missing');
  }
  // One signature, so one member in the dictionary of signatures too: no second one travels along unseen.
  if (fields.signature.includes(',')) throw new SignatureRefused('several');

  const derived = new Map([
    ['@method', request.method],
    ['@authority', request.authority.toLowerCase()],
    ['@path', request.path],
  ]);
  const signatures: z.infer<typeof parametersSchema>[] = [];
  const covered: string[] = [];

  const valid = await httpbis
    .verifyMessage(
      {
        // Called for every signature before the first is verified, so that a second one is always seen.
        keyLookup: async (parameters) => {
          const parsed = parametersSchema.safeParse(parameters);
          if (!parsed.success) throw new SignatureRefused('parameter-invalid');
          if (signatures.push(parsed.data) > 1) throw new SignatureRefused('several');
          const key = acceptableKey(parsed.data, keys, wall, tag);
          return { id: key.keyId, algs: [key.algorithm], verify: createVerifier(key.key, key.algorithm) };
        },
        // The library would hold `created` against the machine's clock; `acceptableKey` has done it by ours.
        notAfter: Number.POSITIVE_INFINITY,
        componentParser: (name, parameters) => {
          const value = derived.get(name);
          if (
            parameters.size > 0 ||
            covered.includes(name) ||
            (name.startsWith('@') && value === undefined)
          ) {
            throw new SignatureRefused('component-unsupported');
          }
          if (value === undefined && fields[name] === undefined) {
            throw new SignatureRefused('component-missing');
          }
          covered.push(name);
          return value === undefined ? null : [value];
        },
      },
      // The library takes nothing from this address: the parser above answers for all derived components.
      { method: request.method, url: 'http://derived.invalid/', headers: fields },
    )
    .catch((error: unknown) => {
      throw error instanceof SignatureRefused ? error : new SignatureRefused('malformed', error);
    });

  const [accepted] = signatures;
  if (accepted === undefined) throw new SignatureRefused('missing');
  const digestField = fields['content-digest'];
  if (digestField === undefined || !COVERED.every((name) => covered.includes(name))) {
    throw new SignatureRefused('component-missing');
  }
  if (valid !== true) throw new SignatureRefused('invalid');
  checkDigest(digestField, request.body);
  return {
    keyId: accepted.keyid,
    nonce: accepted.nonce,
    created: accepted.created.getTime(),
    digest: hash('sha256', request.body).toString('hex'),
  };
}

/** Lower-case names, one value each (repeated lines joined, as HTTP joins them). */
const plainFields = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const fields = new Headers();
  try {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) fields.append(name, value);
  } catch (error) {
    throw new SignatureRefused('malformed', error);
  }
  return Object.fromEntries(fields);
};

const acceptableKey = (
  parameters: z.infer<typeof parametersSchema>,
  keys: readonly TrustedKey[],
  wall: number,
  tag: SignatureTag,
): TrustedKey => {
  const key = keys.find(({ keyId }) => keyId === parameters.keyid);
  if (key === undefined) throw new SignatureRefused('unknown-key');
  if (parameters.alg !== key.algorithm) throw new SignatureRefused('algorithm-mismatch');
  if (parameters.tag !== tag) throw new SignatureRefused('tag-mismatch');
  const created = parameters.created.getTime();
  if (created < wall - MAX_AGE) throw new SignatureRefused('expired');
  if (created > wall + MAX_AHEAD) throw new SignatureRefused('future');
  if (
    wall < (key.notBefore ?? Number.NEGATIVE_INFINITY) ||
    wall >= (key.notAfter ?? Number.POSITIVE_INFINITY)
  ) {
    throw new SignatureRefused('key-not-in-force');
  }
  return key;
};
