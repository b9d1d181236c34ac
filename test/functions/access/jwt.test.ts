import {
  CompactSign,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authenticate, createAuthenticate } from '#functions/shared/access/jwt.ts';
import { type LocalServer, startLocalServer } from '#test/support/local-server.ts';

const ISSUER = 'https://login.example';
const AUDIENCE = 'filing';
/** 2020-01-01T00:00:00Z; the authenticator's clock stands there. */
const NOW = 1_577_836_800;

const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'u-1',
  name: '王芳',
  roles: ['grassrootsOfficer', 'someone-elses-role'],
  organisation: '340102',
  iat: NOW - 60,
  exp: NOW + 600,
};

let authenticate: Authenticate;
let keys: Readonly<Record<'EdDSA' | 'ES256' | 'RS256' | 'ES384' | 'stranger', GenerateKeyPairResult>>;
let jwks: { keys: Record<string, unknown>[] };

const published = async (kid: string, pair: GenerateKeyPairResult) => ({
  ...(await exportJWK(pair.publicKey)),
  kid,
});

beforeAll(async () => {
  const [EdDSA, ES256, RS256, ES384, stranger] = await Promise.all([
    generateKeyPair('EdDSA'),
    generateKeyPair('ES256'),
    generateKeyPair('RS256'),
    generateKeyPair('ES384'),
    generateKeyPair('EdDSA'),
  ]);
  keys = { EdDSA, ES256, RS256, ES384, stranger };
  jwks = {
    keys: await Promise.all([
      published('EdDSA', EdDSA),
      published('ES256', ES256),
      published('RS256', RS256),
      published('ES384', ES384),
    ]),
  };
  authenticate = createAuthenticate({
    keys: JSON.parse(JSON.stringify(jwks)),
    issuer: ISSUER,
    audience: AUDIENCE,
    wall: () => NOW * 1000,
  });
});

type Signer = { alg?: string; kid?: string; key?: GenerateKeyPairResult['privateKey'] | Uint8Array };

const token = (claims: JWTPayload, { alg = 'EdDSA', kid = 'EdDSA', key }: Signer = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key ?? keys.EdDSA.privateKey);

const without = (claim: keyof typeof CLAIMS): JWTPayload =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => name !== claim));

const refused = (value: string) =>
  expect(authenticate(`Bearer ${value}`)).rejects.toMatchObject({ status: 401, code: 'not-signed-in' });

describe('a bearer token', () => {
  test('becomes a caller with the roles that are ours', async () => {
    expect(await authenticate(`Bearer ${await token(CLAIMS)}`)).toEqual({
      subject: 'u-1',
      name: '王芳',
      roles: ['grassrootsOfficer'],
      organisation: '340102',
    });
  });

  test('needs no organisation', async () => {
    expect(await authenticate(`bearer ${await token(without('organisation'))}`)).toEqual({
      subject: 'u-1',
      name: '王芳',
      roles: ['grassrootsOfficer'],
    });
  });

  test('may be signed by ES256 and RS256', async () => {
    for (const alg of ['ES256', 'RS256'] as const) {
      const signed = await token(CLAIMS, { alg, kid: alg, key: keys[alg].privateKey });
      expect(await authenticate(`Bearer ${signed}`)).toMatchObject({ subject: 'u-1' });
    }
  });

  test('left out is nobody', async () => {
    expect(await authenticate(undefined)).toBeNull();
  });
});

describe('refused with 401', () => {
  test.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'somewhere-else' }],
    ['expired', { exp: NOW - 31 }],
    ['an empty subject', { sub: '' }],
    ['roles that are no list', { roles: 'administrator' }],
    ['a name that is no text', { name: 5 }],
  ])('%s', async (_, change) => refused(await token({ ...CLAIMS, ...change })));

  test('not valid yet', async () => refused(await token({ ...CLAIMS, nbf: NOW + 31 })));

  test.each(['exp', 'sub', 'name', 'roles', 'iss', 'aud'] as const)('without %s', async (claim) =>
    refused(await token(without(claim))),
  );

  test('a key that is not published', async () =>
    refused(await token(CLAIMS, { key: keys.stranger.privateKey })));

  test('an unknown key id', async () => refused(await token(CLAIMS, { kid: 'nobody' })));

  test('no signature at all', async () => refused(new UnsecuredJWT(CLAIMS).encode()));

  test('a public key used as a shared secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(jwks.keys[0]));
    await refused(await token(CLAIMS, { alg: 'HS256', key: secret }));
  });

  test('an algorithm that is not on the list, by a published key', async () =>
    refused(await token(CLAIMS, { alg: 'ES384', kid: 'ES384', key: keys.ES384.privateKey })));

  test('a changed payload', async () => {
    const [head, , signature] = (await token(CLAIMS)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...CLAIMS, roles: ['administrator'] })).toString(
      'base64url',
    );
    await refused(`${head}.${payload}.${signature}`);
  });

  test('a signed text that is no JSON', async () => {
    const text = await new CompactSign(new TextEncoder().encode('hello'))
      .setProtectedHeader({ alg: 'EdDSA', kid: 'EdDSA' })
      .sign(keys.EdDSA.privateKey);
    await refused(text);
  });

  test.each(['Basic dTpw', 'Bearer', 'Bearer a.b', 'Bearer a.b.c', 'Bearer a.b.c d', '', 'a.b.c'])(
    'the header %j',
    async (header) => {
      await expect(authenticate(header)).rejects.toMatchObject({ status: 401 });
    },
  );

  test('an expired token is told apart in words', async () => {
    const expired = await token({ ...CLAIMS, exp: NOW - 600 });
    await expect(authenticate(`Bearer ${expired}`)).rejects.toThrow('登录已过期');
  });
});

test('clocks may differ by 30 seconds at both ends', async () => {
  expect(await authenticate(`Bearer ${await token({ ...CLAIMS, exp: NOW - 29 })}`)).not.toBeNull();
  expect(await authenticate(`Bearer ${await token({ ...CLAIMS, nbf: NOW + 29 })}`)).not.toBeNull();
});

describe('keys by URL', () => {
  let server: LocalServer;
  let url: URL;
  let status = 200;

  beforeAll(async () => {
    server = await startLocalServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
    });
    url = new URL('/jwks.json', server.url);
  });
  afterAll(() => server.stop());

  const remote = (): Authenticate =>
    createAuthenticate({ keys: url, issuer: ISSUER, audience: AUDIENCE, wall: () => NOW * 1000 });

  test('are fetched and used', async () => {
    status = 200;
    expect(await remote()(`Bearer ${await token(CLAIMS)}`)).toMatchObject({ subject: 'u-1' });
  });

  test('that cannot be had are no fault of the token: 503', async () => {
    status = 500;
    await expect(remote()(`Bearer ${await token(CLAIMS)}`)).rejects.toMatchObject({
      status: 503,
      code: 'identity-unavailable',
    });
  });
});
