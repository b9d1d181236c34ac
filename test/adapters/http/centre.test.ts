import { afterEach, describe, expect, test, vi } from 'vitest';
import { HttpCrossCheckCentre } from '#adapters/http/centre.ts';
import { CentreRefused, CentreUnavailable } from '#functions/shared/errors.ts';
import { verifyRequest } from '#functions/shared/http-signature.ts';
import { listen, makeKeys, requestBody } from '#test/simulator/union.ts';

const keys = makeKeys();
const WALL = Date.UTC(2026, 4, 6);
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Answer = Parameters<typeof listen>[0];
const start = async (answer: Answer) => {
  const server = await listen(answer);
  servers.push(server);
  return server;
};

const centreAt = (url: string, timeout?: number) => {
  let count = 0;
  return new HttpCrossCheckCentre({
    url,
    key: keys.ours.signing,
    clock: { wall: () => WALL },
    ids: { next: () => `nonce-0000000000-${count++}` },
    ...(timeout === undefined ? {} : { timeout }),
  });
};

const RECEIPT = JSON.stringify({ requestId: 'r-1', received: true });
const body = requestBody({ url: 'https://union.example' });

describe('the request', () => {
  test('goes to /requests below the address, signed, and the same content is the same bytes', async () => {
    const seen: { path: string; digest: string; nonce: string; body: unknown }[] = [];
    const server = await start(async (request, bytes) => {
      const verified = await verifyRequest(
        {
          method: request.method ?? '',
          authority: server.authority,
          path: request.url ?? '',
          headers: Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)])),
          body: bytes,
        },
        keys.centre.trusted,
        { wall: WALL, tag: 'cross-check-request' },
      );
      const { digest, nonce } = verified;
      seen.push({
        path: request.url ?? '',
        digest,
        nonce,
        body: JSON.parse(new TextDecoder().decode(bytes)),
      });
      return { status: 202, body: RECEIPT };
    });
    const centre = centreAt(`${server.url}/gateway/`);
    await centre.request({ requestId: 'r-1', body });
    const { requestId, ...rest } = body;
    await centre.request({ requestId: 'r-1', body: { ...rest, requestId } });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ path: '/gateway/requests', nonce: 'nonce-0000000000-0', body });
    expect(seen[1]).toMatchObject({ nonce: 'nonce-0000000000-1', digest: seen[0]?.digest });
  });
});

describe('what the answer means', () => {
  test.each([500, 502, 503, 429, 408, 425])('%i: come again', async (status) => {
    const { url } = await start(async () => ({ status }));
    await expect(centreAt(url).request({ requestId: 'r-1', body })).rejects.toThrow(CentreUnavailable);
  });

  test.each([400, 401, 403, 404, 409, 422, 302, 307])('%i: a person must look', async (status) => {
    const { url } = await start(async () => ({ status }));
    await expect(centreAt(url).request({ requestId: 'r-1', body })).rejects.toThrow(CentreRefused);
  });

  test.each(['', 'ok', '{"requestId":"r-2","received":true}', '{"requestId":"r-1","received":false}'])(
    '202 with %s is no receipt: come again',
    async (text) => {
      const { url } = await start(async () => ({ status: 202, body: text }));
      await expect(centreAt(url).request({ requestId: 'r-1', body })).rejects.toThrow(CentreUnavailable);
    },
  );

  test('a broken connection, nobody there, no answer in time: come again', async () => {
    const dropping = await start(async () => 'drop');
    await expect(centreAt(dropping.url).request({ requestId: 'r-1', body })).rejects.toThrow(
      CentreUnavailable,
    );
    const hanging = await start(async () => 'hang');
    await expect(centreAt(hanging.url, 20).request({ requestId: 'r-1', body })).rejects.toThrow(
      CentreUnavailable,
    );
    const gone = await listen(async () => 'drop');
    await gone.close();
    await expect(centreAt(gone.url).request({ requestId: 'r-1', body })).rejects.toThrow(CentreUnavailable);
  });

  test('no error tells what was sent or answered', async () => {
    const { url } = await start(async () => ({ status: 422, body: '张三 11010519491231002X' }));
    const error = await centreAt(url)
      .request({ requestId: 'r-1', body })
      .catch((caught: unknown) => caught);
    const text = String(error instanceof Error ? `${error.stack} ${error.cause}` : error);
    expect(text).toContain('the centre answered 422');
    expect(text).not.toMatch(/张三|11010519491231002X/);
  });
});

describe('the circuit breaker', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('after five failures in a row nothing is sent for half a minute; then one tries, and all go on', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: WALL });
    let [asked, status] = [0, 503];
    const { url } = await start(async () => {
      asked += 1;
      return { status, body: RECEIPT };
    });
    const centre = centreAt(url);
    const request = (): Promise<void> => centre.request({ requestId: 'r-1', body });
    for (let failure = 0; failure < 7; failure += 1)
      await expect(request()).rejects.toThrow(CentreUnavailable);
    expect(asked).toBe(5);
    vi.setSystemTime(WALL + 29_000);
    await expect(request()).rejects.toThrow('left in peace');
    vi.setSystemTime(WALL + 31_000);
    await expect(request()).rejects.toThrow('503');
    await expect(request()).rejects.toThrow('left in peace');
    expect(asked).toBe(6);
    status = 202;
    vi.setSystemTime(WALL + 62_000);
    await request();
    await request();
    expect(asked).toBe(8);
  });

  test('a refusal is the matter of its request: it opens nothing', async () => {
    let asked = 0;
    const { url } = await start(async () => {
      asked += 1;
      return { status: 422 };
    });
    const centre = centreAt(url);
    for (let refusal = 0; refusal < 8; refusal += 1) {
      await expect(centre.request({ requestId: 'r-1', body })).rejects.toThrow(CentreRefused);
    }
    expect(asked).toBe(8);
  });
});
