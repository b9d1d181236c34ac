import { describe, expect, test } from 'vitest';
import { AUTHORIZED, start } from './server-fixture.ts';

/** Work that waits inside until it is let go on. */
const gate = () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const { promise: reached, resolve: enter } = Promise.withResolvers<void>();
  const work = async () => {
    enter();
    await opened;
    return {};
  };
  return { open, reached, work };
};

describe('routes', () => {
  test('a public one is served, with the headers that every answer has', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/v1/notices?q=%E5%BC%A0`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ q: '张' });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-correlation-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });

  test('a body, path parameters and the caller reach the use case; the correlation id comes back', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/v1/cases/%E6%A1%88%2F1/things`, {
      method: 'POST',
      headers: { ...AUTHORIZED, 'x-correlation-id': 'trace-7' },
      body: '{"note":"好"}',
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ caseId: '案/1', note: '好', by: 'u-1', correlationId: 'trace-7' });
    expect(answer.headers.get('x-correlation-id')).toBe('trace-7');
  });

  test('without a token 401, with a bad one 401, both with a challenge', async () => {
    const { url } = await start();
    const anonymous = await fetch(`${url}/v1/cases/1`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');
    expect(anonymous.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const bad = await fetch(`${url}/v1/cases/1`, { headers: { authorization: 'Bearer bad' } });
    expect(bad.status).toBe(401);
    expect(await bad.json()).toMatchObject({ detail: '登录凭证无效，请重新登录。' });
  });

  test('a signed message arrives byte for byte, with its target as sent', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/v1/cross-checks/r%201/results?n=a%2Fb`, {
      method: 'POST',
      headers: { 'content-digest': 'sha-256=:x:', authorization: 'Bearer bad' },
      body: new Uint8Array([0, 0xff, 0xfe]),
    });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({
      target: '/v1/cross-checks/r%201/results?n=a%2Fb',
      digest: 'sha-256=:x:',
      bytes: [0, 0xff, 0xfe],
    });
  });

  test('HEAD is GET without a body, OPTIONS names the methods', async () => {
    const { url } = await start();
    const head = await fetch(`${url}/v1/notices`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const options = await fetch(`${url}/v1/notices`, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect(options.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    ['DELETE', '/v1/notices', 'GET, HEAD, OPTIONS'],
    ['GET', '/v1/cases/1/things', 'POST, OPTIONS'],
    ['HEAD', '/v1/cases/1/things', 'POST, OPTIONS'],
    ['PATCH', '/v1/cases/1', 'GET, HEAD, OPTIONS'],
    ['GET', '/uploads', 'POST, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
  ])('%s %s: 405, allowed are %s', async (method, path, allow) => {
    const { url } = await start();
    const answer = await fetch(url + path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    if (method !== 'HEAD')
      expect(await answer.json()).toMatchObject({ code: 'method-not-allowed', status: 405 });
  });

  test.each([
    '/v1',
    '/v1/',
    '/v1/nothing',
    '/v1/cases/1/',
    '/v1/cases/1/2/3',
    '/v1//notices',
    '/.env',
    '/health/x',
  ])('%s: 404', async (path) => {
    const { url } = await start();
    const answer = await fetch(url + path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'not-found', title: '没有找到' });
  });

  test('health tells status and version', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/health`);
    expect(await answer.json()).toEqual({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  test('further pages keep their own policy, and their faults tell nothing', async () => {
    const { url, log } = await start();
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toBe("default-src 'self'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const broken = await fetch(`${url}/broken`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).not.toContain('secret');
    expect(log).toHaveLength(1);
  });
});

test('a use case that never answers is given up with 503', async () => {
  const { url } = await start({ answerMs: 30 }, () => new Promise(() => undefined));
  const answer = await fetch(`${url}/v1/notices`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'too-slow', title: '暂时无法办理' });
});

describe('closing', () => {
  test('lets a request under way finish, takes no new one, and ends kept connections', async () => {
    const { open, reached, work } = gate();
    const { server, url } = await start({}, work);
    await (await fetch(`${url}/health`)).text();
    const underWay = fetch(`${url}/v1/notices`);
    await reached;
    const closed = server.close(10_000);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    open();
    const answer = await underWay;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('connection')).toBe('close');
    await closed;
  });

  test('cuts off what does not finish within the grace', async () => {
    const { reached, work } = gate();
    const { server, url } = await start({}, work);
    const cut = expect(fetch(`${url}/v1/notices`)).rejects.toThrow();
    await reached;
    await server.close(20);
    await cut;
  });

  test('a port that is taken is an error, not a crash', async () => {
    const { url } = await start();
    const { server } = await start();
    await server.close(0);
    await expect(server.listen(Number(new URL(url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
