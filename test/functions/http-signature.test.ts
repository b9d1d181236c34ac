import {
  createHash,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_AGE,
  MAX_AHEAD,
  SignatureRefused,
  type SignatureTag,
  type SigningKey,
  signRequest,
  type TrustedKey,
  verifyRequest,
} from '#functions/shared/http-signature.ts';

const WALL = Date.UTC(2026, 4, 6, 1, 2, 3);
const NONCE = '01jt9x8q3v5k7m2n4p6r8s0t1w';
const TAG: SignatureTag = 'cross-check-result';
const BODY = new TextEncoder().encode('{"requestId":"r-1","结果":"无"}');
const PATH = '/v1/cross-checks/r-1/results';
const AUTHORITY = 'union.example:8443';

const pair = generateKeyPairSync('ed25519');
const ED: SigningKey = { keyId: 'centre-1', algorithm: 'ed25519', key: pair.privateKey };
const ED_TRUSTED: TrustedKey = { keyId: 'centre-1', algorithm: 'ed25519', key: pair.publicKey };
const SECRET = createSecretKey(Buffer.alloc(32, 7));
const HMAC: SigningKey = { keyId: 'centre-h', algorithm: 'hmac-sha256', key: SECRET };
const KEYS = [ED_TRUSTED, HMAC];

type Incoming = Parameters<typeof verifyRequest>[0];

const incoming = async (key = ED, wall = WALL, nonce = NONCE): Promise<Incoming> => ({
  method: 'POST',
  authority: AUTHORITY,
  path: PATH,
  body: BODY,
  headers: await signRequest(
    {
      method: 'POST',
      url: `https://${AUTHORITY}${PATH}`,
      headers: { 'content-type': 'application/json' },
      body: BODY,
    },
    key,
    { wall, nonce, tag: TAG },
  ),
});

const reasonOf = async (request: Incoming, keys = KEYS, wall = WALL, tag = TAG): Promise<string> => {
  try {
    await verifyRequest(request, keys, { wall, tag });
  } catch (error) {
    if (error instanceof SignatureRefused) return error.reason;
    throw error;
  }
  return 'accepted';
};

const BASE_LINES = {
  '@method': 'POST',
  '@authority': AUTHORITY,
  '@path': PATH,
  'content-digest': `sha-256=:${createHash('sha256').update(BODY).digest('base64')}:`,
  'content-type': 'application/json',
};
const ALL = '"@method" "@authority" "@path" "content-digest" "content-type"';
const PARAMETERS = `;created=${WALL / 1000};nonce="${NONCE}";keyid="centre-1";alg="ed25519";tag="${TAG}"`;

/** Signs by the letter of RFC 9421 section 2.5, without the code or the library under test. */
const byHand = (
  options: {
    components?: string;
    parameters?: string;
    values?: Record<string, string>;
    key?: KeyObject;
    headers?: Record<string, string | undefined>;
  } = {},
): Incoming => {
  const { components = ALL, parameters = PARAMETERS, key = pair.privateKey } = options;
  const values: Record<string, string> = { ...BASE_LINES, ...options.values };
  const parts = components === '' ? [] : components.split(' ');
  const lines = parts.map(
    (part) => `${part}: ${values[part.split(';')[0]?.replaceAll('"', '') ?? ''] ?? ''}`,
  );
  const base = [...lines, `"@signature-params": (${components})${parameters}`].join('\n');
  const signature =
    key.type === 'secret'
      ? createHmac('sha256', key).update(base).digest()
      : signBytes(null, Buffer.from(base), key);
  return {
    method: 'POST',
    authority: AUTHORITY,
    path: PATH,
    body: BODY,
    headers: {
      'Content-Type': 'application/json',
      'Content-Digest': values['content-digest'],
      'Signature-Input': `sig=(${components})${parameters}`,
      Signature: `sig=:${signature.toString('base64')}:`,
      ...options.headers,
    },
  };
};

describe('signing', () => {
  test('gives the bytes that the RFC prescribes', async () => {
    const { headers } = await incoming();
    const expected = byHand().headers;
    expect(headers).toEqual({
      'content-type': 'application/json',
      'content-digest': expected['Content-Digest'],
      'signature-input': expected['Signature-Input'],
      signature: expected.Signature,
    });
  });

  test.each([ED, HMAC])('is verified: $algorithm', async (key) => {
    expect(await verifyRequest(await incoming(key), KEYS, { wall: WALL + 1000, tag: TAG })).toEqual({
      keyId: key.keyId,
      nonce: NONCE,
      created: WALL,
      digest: createHash('sha256').update(BODY).digest('hex'),
    });
  });
});

describe('verifying', () => {
  test('accepts what was signed without this code', async () => {
    expect(await reasonOf(byHand())).toBe('accepted');
  });

  test('accepts any order of components, and further header fields', async () => {
    const request = byHand({
      components: '"content-type" "date" "@path" "content-digest" "@authority" "@method"',
      values: { date: 'Wed, 06 May 2026 01:02:03 GMT' },
      headers: { Date: 'Wed, 06 May 2026 01:02:03 GMT' },
    });
    expect(await reasonOf(request)).toBe('accepted');
  });

  test('accepts SHA-512, alone or beside SHA-256 and what it does not know', async () => {
    const sha512 = `sha-512=:${createHash('sha512').update(BODY).digest('base64')}:`;
    for (const digest of [
      sha512,
      `${BASE_LINES['content-digest']}, ${sha512}`,
      `${sha512}, unixsum=:AAA=:`,
    ]) {
      expect(await reasonOf(byHand({ values: { 'content-digest': digest } }))).toBe('accepted');
    }
  });

  test('accepts the digest that RFC 9421 publishes for its test body', async () => {
    const digest =
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:';
    const request = byHand({ values: { 'content-digest': digest } });
    const body = new TextEncoder().encode('{"hello": "world"}');
    expect(await reasonOf({ ...request, body })).toBe('accepted');
    expect(await reasonOf(request)).toBe('digest-mismatch');
  });

  test('takes the configured authority without regard to case', async () => {
    expect(await reasonOf({ ...byHand(), authority: 'Union.Example:8443' })).toBe('accepted');
  });

  test('is bounded by age and by clock difference, both inclusive', async () => {
    const request = byHand();
    expect(await reasonOf(request, KEYS, WALL + MAX_AGE)).toBe('accepted');
    expect(await reasonOf(request, KEYS, WALL + MAX_AGE + 1)).toBe('expired');
    expect(await reasonOf(request, KEYS, WALL - MAX_AHEAD)).toBe('accepted');
    expect(await reasonOf(request, KEYS, WALL - MAX_AHEAD - 1)).toBe('future');
    expect([MAX_AGE, MAX_AHEAD]).toEqual([300_000, 30_000]);
  });

  test('asks the given wall time alone, not the clock of the machine', async () => {
    const later = Date.UTC(2126, 4, 6);
    expect(await reasonOf(await incoming(ED, later), KEYS, later)).toBe('accepted');
  });

  test('counts a key from its first moment up to its last, and two keys while they overlap', async () => {
    const next = generateKeyPairSync('ed25519');
    const old: TrustedKey = { ...ED_TRUSTED, notBefore: WALL - 10_000, notAfter: WALL + 10_000 };
    const young: TrustedKey = {
      ...ED_TRUSTED,
      keyId: 'centre-2',
      key: next.publicKey,
      notBefore: WALL - 5_000,
    };
    const ring = [old, young];
    const byOld = byHand();
    const byYoung = await incoming({ keyId: 'centre-2', algorithm: 'ed25519', key: next.privateKey });
    expect(await reasonOf(byOld, ring)).toBe('accepted');
    expect(await reasonOf(byYoung, ring)).toBe('accepted');
    expect(await reasonOf(byOld, ring, WALL + 9_999)).toBe('accepted');
    expect(await reasonOf(byOld, ring, WALL + 10_000)).toBe('key-not-in-force');
    expect(await reasonOf(byOld, ring, WALL - 10_000)).toBe('accepted');
    expect(await reasonOf(byOld, ring, WALL - 10_001)).toBe('key-not-in-force');
    expect(await reasonOf(byYoung, ring, WALL - 5_001)).toBe('key-not-in-force');
  });
});

describe('refusing', () => {
  const otherKey = generateKeyPairSync('ed25519').privateKey;
  const parameters = (from: string | RegExp, to: string) =>
    byHand({ parameters: PARAMETERS.replace(from, to) });
  const headers = (changed: Record<string, string | undefined>) => byHand({ headers: changed });
  const good = byHand().headers;

  test.each<[string, Incoming]>([
    ['missing', headers({ Signature: undefined, 'Signature-Input': undefined })],
    ['missing', headers({ Signature: undefined })],
    ['missing', headers({ 'Signature-Input': undefined })],
    ['missing', headers({ Signature: '', 'Signature-Input': '' })],
    ['malformed', headers({ Signature: 'sig=:no base64!:' })],
    ['malformed', headers({ Signature: 'sig="a string"' })],
    ['malformed', headers({ Signature: `other${good.Signature}` })],
    ['malformed', headers({ 'Signature-Input': 'sig=(((' })],
    ['malformed', headers({ 'Signature-Input': `sig=1${PARAMETERS}` })],
    ['malformed', headers({ 'X-Note': 'a line\nand another' })],
    ['several', headers({ Signature: `${good.Signature}, ${good.Signature?.replace('sig', 'sig2')}` })],
    [
      'several',
      headers({
        'Signature-Input': `${good['Signature-Input']}, ${good['Signature-Input']?.replace('sig', 'sig2')}`,
      }),
    ],
    [
      'several',
      headers({
        'Signature-Input': `a=("@method")${PARAMETERS.replace('centre-1', 'nobody')}, ${good['Signature-Input']}, c=()${PARAMETERS}`,
      }),
    ],
    ['parameter-invalid', parameters(/;created=\d+/, '')],
    ['parameter-invalid', parameters(/;created=\d+/, ';created="now"')],
    ['parameter-invalid', parameters(/;nonce="[^"]+"/, '')],
    ['parameter-invalid', parameters(/;nonce="[^"]+"/, ';nonce="short"')],
    ['parameter-invalid', parameters(/;keyid="[^"]+"/, '')],
    ['parameter-invalid', parameters(/;alg="[^"]+"/, '')],
    ['parameter-invalid', parameters(/;tag="[^"]+"/, '')],
    ['parameter-invalid', parameters(/$/, ';expires=99999999999')],
    ['unknown-key', parameters('centre-1', 'centre-9')],
    ['algorithm-mismatch', parameters('alg="ed25519"', 'alg="hmac-sha256"')],
    ['algorithm-mismatch', parameters('alg="ed25519"', 'alg="none"')],
    ['tag-mismatch', parameters(TAG, 'cross-check-request')],
    ['component-unsupported', byHand({ components: ALL.replace('"content-digest"', '"content-digest";sf') })],
    ['component-unsupported', byHand({ components: ALL.replace('"@method"', '"@method";req') })],
    ['component-unsupported', byHand({ components: `${ALL} "@query"`, values: { '@query': '?' } })],
    ['component-unsupported', byHand({ components: `${ALL} "@method"` })],
    ['component-missing', byHand({ components: '' })],
    ['component-missing', byHand({ components: `${ALL} "date"` })],
    ['component-missing', headers({ 'Content-Type': undefined })],
    ['component-missing', headers({ 'Content-Digest': undefined })],
    ['invalid', byHand({ key: otherKey })],
    ['invalid', byHand({ key: SECRET })],
    ['invalid', headers({ Signature: 'sig=:AAAA:' })],
    ['invalid', headers({ Signature: 'sig=::' })],
    ['digest-malformed', byHand({ values: { 'content-digest': 'sha-256=AAAA' } })],
    ['digest-malformed', byHand({ values: { 'content-digest': 'unixsum=:AAA=:' } })],
    ['digest-mismatch', byHand({ values: { 'content-digest': 'sha-256=:AAAA:' } })],
    [
      'digest-mismatch',
      byHand({
        values: {
          'content-digest': `${BASE_LINES['content-digest']}, sha-512=:${Buffer.alloc(64).toString('base64')}:`,
        },
      }),
    ],
  ])('%s (case %#)', async (reason, request) => {
    expect(await reasonOf(request)).toBe(reason);
  });

  test.each(['@method', '@authority', '@path', 'content-digest', 'content-type'])(
    'a signature that leaves out %s',
    async (name) => {
      const components = ALL.split(' ')
        .filter((part) => part !== `"${name}"`)
        .join(' ');
      expect(await reasonOf(byHand({ components }))).toBe('component-missing');
    },
  );

  test('a public key that is used as the secret of HMAC', async () => {
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' });
    const request = byHand({
      key: createSecretKey(raw),
      parameters: PARAMETERS.replace('"ed25519"', '"hmac-sha256"'),
    });
    expect(await reasonOf(request)).toBe('algorithm-mismatch');
  });

  test('carries a code, a status and nothing of the message', async () => {
    await expect(
      verifyRequest(byHand({ key: otherKey }), KEYS, { wall: WALL, tag: TAG }),
    ).rejects.toMatchObject({ code: 'signature-invalid', status: 401, details: {} });
  });
});

describe('any change is refused', () => {
  test.each([ED, HMAC])('of a byte of the body: $algorithm', async (key) => {
    const request = await incoming(key);
    await fc.assert(
      fc.asyncProperty(fc.nat(BODY.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const body = BODY.map((byte, index) => (index === at ? byte ^ change : byte));
        expect(await reasonOf({ ...request, body })).toBe('digest-mismatch');
      }),
      { numRuns: 50 },
    );
  });

  test('of the length of the body', async () => {
    const request = await incoming();
    expect(await reasonOf({ ...request, body: BODY.slice(1) })).toBe('digest-mismatch');
    expect(await reasonOf({ ...request, body: new Uint8Array([...BODY, 32]) })).toBe('digest-mismatch');
  });

  test.each([ED, HMAC])('of a character of what is covered, or of the signature: $algorithm', async (key) => {
    const request = await incoming(key);
    const lines = ['content-type', 'content-digest', 'signature', 'signature-input'] as const;
    const places = fc.constantFrom('method', 'authority', 'path', ...lines);
    const letters = fc.constantFrom(...'abcXYZ019/+-.');
    await fc.assert(
      fc.asyncProperty(places, fc.nat(), letters, async (place, position, letter) => {
        const before =
          place === 'method' || place === 'authority' || place === 'path'
            ? request[place]
            : (request.headers[place] ?? '');
        const at = position % before.length;
        const after = `${before.slice(0, at)}${letter}${before.slice(at + 1)}`;
        fc.pre(meaningOf(place, after) !== meaningOf(place, before));
        const changed =
          place === 'method' || place === 'authority' || place === 'path'
            ? { ...request, [place]: after }
            : { ...request, headers: { ...request.headers, [place]: after } };
        expect(await reasonOf(changed)).not.toBe('accepted');
      }),
      { numRuns: 300 },
    );
  });
});

/** The authority has no case; the last digit of base64 before its padding holds bits that count for nothing. */
const meaningOf = (place: string, text: string): string => {
  if (place === 'authority') return text.toLowerCase();
  const [, label, value] = /^(\w+)=:(.*):$/.exec(text) ?? [];
  return place === 'signature' && value !== undefined
    ? `${label} ${Buffer.from(value, 'base64').toString('hex')}`
    : text;
};
