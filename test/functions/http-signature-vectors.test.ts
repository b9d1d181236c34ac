/** The library under our profile, held against the published examples: RFC 9421, appendix B. */
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import { describe, expect, test } from 'vitest';

const ED25519_PRIVATE = createPrivateKey({
  key: Buffer.from('MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF', 'base64'),
  format: 'der',
  type: 'pkcs8',
});
const ED25519_PUBLIC = createPublicKey({
  key: Buffer.from('MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=', 'base64'),
  format: 'der',
  type: 'spki',
});
const SHARED_SECRET = createSecretKey(
  Buffer.from(
    'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
    'base64',
  ),
);

const KEYS = {
  'test-key-ed25519': { key: ED25519_PUBLIC, algorithm: 'ed25519' },
  'test-shared-secret': { key: SHARED_SECRET, algorithm: 'hmac-sha256' },
} as const;

type Message = { method: string; url: string; headers: Record<string, string | string[]> };

const verify = (message: Message) =>
  httpbis.verifyMessage(
    {
      keyLookup: async ({ keyid }) => {
        const found = Object.entries(KEYS).find(([id]) => id === keyid)?.[1];
        return found === undefined ? null : { verify: createVerifier(found.key, found.algorithm) };
      },
    },
    message,
  );

/** B.2: the test request. */
const REQUEST: Message = {
  method: 'POST',
  url: 'https://example.com/foo?param=Value&Pet=dog',
  headers: {
    Host: 'example.com',
    Date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'Content-Type': 'application/json',
    'Content-Digest':
      'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
    'Content-Length': '18',
  },
};

const CASES = [
  {
    section: 'B.2.5',
    name: 'sig-b25',
    signer: createSigner(SHARED_SECRET, 'hmac-sha256', 'test-shared-secret'),
    fields: ['date', '@authority', 'content-type'],
    input: 'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    signature: 'sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:',
  },
  {
    section: 'B.2.6',
    name: 'sig-b26',
    signer: createSigner(ED25519_PRIVATE, 'ed25519', 'test-key-ed25519'),
    fields: ['date', '@method', '@path', '@authority', 'content-type', 'content-length'],
    input:
      'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    signature:
      'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
  },
];

describe.each(CASES)('RFC 9421 $section', ({ name, signer, fields, input, signature }) => {
  test('signs to the published bytes', async () => {
    const signed = await httpbis.signMessage(
      {
        name,
        key: signer,
        fields,
        params: ['created', 'keyid'],
        paramValues: { created: new Date(1_618_884_473_000) },
      },
      REQUEST,
    );
    expect(signed.headers).toMatchObject({ 'Signature-Input': input, Signature: signature });
  });

  test('verifies the published signature, and not another', async () => {
    const headers = { ...REQUEST.headers, 'Signature-Input': input };
    expect(await verify({ ...REQUEST, headers: { ...headers, Signature: signature } })).toBe(true);
    const other = signature.replace(/=:(.)/, (_, first) => `=:${first === 'A' ? 'B' : 'A'}`);
    expect(await verify({ ...REQUEST, headers: { ...headers, Signature: other } })).toBe(false);
  });
});

describe('RFC 9421 B.4: which changes on the way a signature survives', () => {
  const signed = {
    'Signature-Input':
      'transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"',
    Signature:
      'transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:',
  };
  const date = 'Fri, 15 Jul 2022 14:24:55 GMT';
  const url = 'https://example.org/demo?name1=Value1&Name2=value2';
  test.each<[string, Message]>([
    [
      'as sent',
      { method: 'GET', url, headers: { Date: date, Accept: ['application/json', '*/*'], ...signed } },
    ],
    [
      'another header and query',
      {
        method: 'GET',
        url: `${url}&param=added`,
        headers: {
          Date: date,
          Accept: ['application/json', '*/*'],
          'Accept-Language': 'en-US,en;q=0.5',
          ...signed,
        },
      },
    ],
    [
      'lines joined, another date, no host',
      {
        method: 'GET',
        url: 'https://example.org/demo',
        headers: { Accept: 'application/json, */*', Date: 'Sat, 16 Jul 2022 00:00:00 GMT', ...signed },
      },
    ],
  ])('survives: %s', async (_, message) => {
    expect(await verify(message)).toBe(true);
  });
  test.each<[string, Message]>([
    [
      'another method and authority',
      {
        method: 'POST',
        url: 'https://example.com/demo?name1=Value1&Name2=value2',
        headers: { Accept: ['application/json', '*/*'], ...signed },
      },
    ],
    [
      'lines in another order',
      { method: 'GET', url, headers: { Accept: ['*/*', 'application/json'], ...signed } },
    ],
  ])('breaks: %s', async (_, message) => {
    expect(await verify(message)).toBe(false);
  });
});
