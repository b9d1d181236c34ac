import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { centreKeys, crossCheckCentre, settings } from '#adapters/aws/composition.ts';
import { CENTRE, configuration, DOCUMENTS, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { DEFAULT_CROSS_CHECK_POLICY } from '#domain/filing/cross-check.ts';
import { CentreUnavailable } from '#functions/shared/errors.ts';
import { verifyRequest } from '#functions/shared/http-signature.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { listen } from '#test/simulator/union.ts';
import { type JsonAnswer, type JsonService, startJsonService } from '#test/support/json-service.ts';

const NOON = Date.UTC(2026, 4, 6, 12);
const SECRET = { CENTRE_SECRET_ARN: 'arn:aws-cn:secretsmanager:cn-north-1:1:secret:centre' };

let service: JsonService;
let ours: string;
let theirs: string;
beforeAll(async () => {
  service = await startJsonService();
  const folder = mkdtempSync(join(tmpdir(), 'composition-'));
  const files = ensureCrossCheckKeys(join(folder, 'keys'));
  ours = readFileSync(files.ours, 'utf8');
  theirs = readFileSync(files.centre, 'utf8');
  rmSync(folder, { recursive: true });
});
afterAll(() => service.stop());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  vi.stubEnv('AWS_ENDPOINT_URL', service.url);
  vi.stubEnv('AWS_REGION', 'cn-north-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const secret = (text: string): JsonAnswer => ({ result: { SecretString: text } });

describe('the environment', () => {
  const environment = {
    TABLE_NAME: 'table',
    API_URL: 'https://api.example.cn',
    UPLOADS_BUCKET: 'uploads',
    ARCHIVE_BUCKET: 'archive',
    ARCHIVE_LOCK_MODE: 'COMPLIANCE',
    PATH: '/bin',
  };

  it('is read as far as a function needs it', () => {
    expect(configuration({ ...TABLE, ...SETTINGS }, environment)).toEqual({
      TABLE_NAME: 'table',
      API_URL: 'https://api.example.cn',
      ROLES_FROM: 'claims',
    });
    expect(configuration(TABLE, { TABLE_NAME: 'table' })).toEqual({ TABLE_NAME: 'table' });
  });

  it.each(['http://127.0.0.1:8443', 'http://127.0.0.1/api', 'https://api.example.cn'])(
    'may name %s as an address',
    (API_URL) => {
      expect(configuration(SETTINGS, { API_URL })).toMatchObject({ API_URL });
    },
  );

  it.each([
    'http://api.example.cn',
    'http://127.0.0.1:80@api.example.cn',
    'http://127.0.0.1.example.cn',
    'api',
  ])('may not name %s: what is sent there could be read on its way', (API_URL) => {
    expect(() => configuration(SETTINGS, { API_URL })).toThrow('API_URL: invalid_format');
  });

  it('is refused with every fault at once, and without a value', () => {
    const wrong = { ...environment, TABLE_NAME: '', API_URL: 'http://u:p@x', ARCHIVE_LOCK_MODE: 'NONE' };
    expect(() => configuration({ ...TABLE, ...SETTINGS, ...DOCUMENTS, ...CENTRE }, wrong)).toThrow(
      new Error(
        "the function's environment is wrong: TABLE_NAME: too_small; API_URL: invalid_format; " +
          'ARCHIVE_LOCK_MODE: invalid_value; CENTRE_SECRET_ARN: invalid_type; CENTRE_URL: invalid_type',
      ),
    );
  });
});

describe('the settings', () => {
  it('take callback and authority from the address of the API, and trust no key by themselves', () => {
    expect(settings({ API_URL: 'https://API.example.cn:8443/', ROLES_FROM: 'posts' }).crossCheck).toEqual({
      callbackBase: 'https://API.example.cn:8443',
      authority: 'api.example.cn:8443',
      policy: DEFAULT_CROSS_CHECK_POLICY,
      centreKeys: [],
    });
  });

  it('hold the shipped standards', () => {
    const { parameters } = settings({ API_URL: 'https://api.example.cn', ROLES_FROM: 'claims' });
    const shipped = (name: string): unknown =>
      JSON.parse(readFileSync(new URL(`../../../parameters/${name}`, import.meta.url), 'utf8'));
    expect(parameters.document).toEqual(shipped('example-2018.json'));
  });
});

describe('the keys of the centre', () => {
  const ids = (ring: { readonly trusted: readonly { readonly keyId: string }[] }) =>
    ring.trusted.map(({ keyId }) => keyId);

  it('are read from the secret once, and anew after five minutes', async () => {
    const keys = centreKeys(SECRET);
    service.answer(secret(ours), secret(theirs));
    const first = ids(await keys());
    expect(first).toEqual(parseKeyRing(ours).trusted.map(({ keyId }) => keyId));
    vi.setSystemTime(NOON + 5 * 60_000 - 1);
    expect(ids(await keys())).toEqual(first);
    expect(service.requests).toEqual([
      { operation: 'GetSecretValue', body: { SecretId: SECRET.CENTRE_SECRET_ARN } },
    ]);
    vi.setSystemTime(NOON + 5 * 60_000);
    expect(ids(await keys())).toEqual(parseKeyRing(theirs).trusted.map(({ keyId }) => keyId));
  });

  it('are asked for again where they could not be had, or are none', async () => {
    // The SDK tries a refusal again where its clock is far from the server's.
    vi.useRealTimers();
    const keys = centreKeys(SECRET);
    service.answer({ error: 'AccessDeniedException' }, secret('{"signing":"hunter2"}'), secret(ours));
    await expect(keys()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(keys()).rejects.toThrow(/^not a key ring: (?!.*hunter2)/);
    expect(ids(await keys())).toHaveLength(1);
  });
});

describe('the centre', () => {
  it('is asked with a signature by the key of the secret', async () => {
    const requestId = '01j9z3k4m5n6p7q8r9s0t1v2w3';
    const signers: string[] = [];
    const server = await listen(async (request, body) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
      const verified = await verifyRequest(
        { method: 'POST', authority: server.authority, path: request.url ?? '', headers, body },
        parseKeyRing(theirs).trusted,
        { wall: NOON, tag: 'cross-check-request' },
      );
      signers.push(verified.keyId);
      return { status: 202, body: JSON.stringify({ requestId, received: true }) };
    });
    service.answer(secret(ours));
    await crossCheckCentre({ ...SECRET, CENTRE_URL: server.url }).request({ requestId, body: { requestId } });
    await server.close();
    expect(signers).toEqual([parseKeyRing(ours).signing.keyId]);
  });

  it('that cannot be reached is told by the error that the definition tries again', async () => {
    service.answer(secret(ours));
    const gone = await listen(async () => 'drop');
    await gone.close();
    const centre = crossCheckCentre({ ...SECRET, CENTRE_URL: gone.url });
    await expect(centre.request({ requestId: 'r', body: {} })).rejects.toBeInstanceOf(CentreUnavailable);
  });
});
