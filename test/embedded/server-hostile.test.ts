import { describe, expect, test } from 'vitest';
import { AUTHORIZED, converse, start } from './server-fixture.ts';

const post = (url: string, body: RequestInit['body'], headers: Record<string, string> = AUTHORIZED) =>
  fetch(`${url}/v1/cases/1/things`, { method: 'POST', headers, ...(body !== undefined && { body }) });

const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

describe('a hostile body', () => {
  test.each<[string, RequestInit['body'], number]>([
    ['nothing', undefined, 400],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 400],
    ['deep nesting', deep, 400],
    ['a prototype key', '{"note":"x","__proto__":{"polluted":1}}', 422],
    ['a constructor key', '{"note":"x","constructor":{"prototype":{"polluted":1}}}', 422],
    ['a prototype key in a record', '{"note":"x","more":{"__proto__":"x","toString":1}}', 422],
    ['a flood of values', `{"note":[${'1,'.repeat(400_000)}1]}`, 400],
    ['a NUL', '{"note":"\u0000"', 400],
    ['more than 1 MiB', `{"note":"${'x'.repeat(1024 * 1024)}"}`, 413],
    ['far more than 1 MiB', new Uint8Array(9_000_000), 413],
  ])('%s: %3$i', async (_, body, status) => {
    const { url, log } = await start();
    const answer = await post(url, body);
    const text = await answer.text();
    expect(answer.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ status, instance: answer.headers.get('x-correlation-id') });
    expect(text).not.toMatch(/node_modules|\.ts:|at [a-z]+ \(/i);
    expect(log).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('the connection lives on after a body that was too large', async () => {
    const { url } = await start();
    const head = 'POST /v1/cases/1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n';
    const conversation = await converse(
      url,
      `${head}Content-Length: 3000000\r\n\r\n${'x'.repeat(3_000_000)}`,
      'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(conversation).toMatch(/^HTTP\/1\.1 413 /);
    expect(conversation).toContain('HTTP/1.1 200 OK');
  });

  test('just 1 MiB is taken', async () => {
    const { url } = await start();
    const body = `{"note":"${'x'.repeat(1024 * 1024 - 11)}"}`;
    expect(body.length).toBe(1024 * 1024);
    expect((await post(url, body)).status).toBe(201);
  });

  test('a chunked body without a length meets the same limit', async () => {
    const { url } = await start();
    const body = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 1100; sent += 1) controller.enqueue(new Uint8Array(1000));
        controller.close();
      },
    });
    const init: RequestInit = { method: 'POST', headers: AUTHORIZED, body, duplex: 'half' };
    expect((await fetch(`${url}/v1/cases/1/things`, init)).status).toBe(413);
  });

  test.each(['text/plain', 'multipart/form-data', 'application/xml', 'application/json; charset=utf-16'])(
    'as %s: 415',
    async (type) => {
      const { url } = await start();
      expect((await post(url, '{"note":"x"}', { ...AUTHORIZED, 'content-type': type })).status).toBe(415);
    },
  );

  test('a client that sends slowly still reads the refusal that came before the end of its body', async () => {
    const { url } = await start();
    const conversation = await converse(
      url,
      'POST /v1/cases/1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n{"no',
      'te":',
      'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(conversation).toMatch(/^HTTP\/1\.1 401 /);
    expect(conversation).toContain('not-signed-in');
    expect(conversation).toContain('HTTP/1.1 200 OK');
  });
});

describe('a hostile target', () => {
  test.each(['/v1/cases/%', '/v1/cases/%ZZ', '/v1/cases/%C0%AE', '/%E0%A4%A', '/v1/cases/%FF/things'])(
    'malformed percent-encoding in %s: 400',
    async (path) => {
      const { url, log } = await start();
      const answer = await fetch(url + path, { headers: AUTHORIZED });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'bad-path' });
      expect(log).toEqual([]);
    },
  );

  test('malformed percent-encoding in a query is text like any other', async () => {
    const { url } = await start();
    expect(await (await fetch(`${url}/v1/notices?q=%ZZ%`)).json()).toEqual({ q: '%ZZ%' });
  });

  test.each([
    ['dots', 'GET /v1/../../etc/passwd HTTP/1.1', 404],
    ['encoded dots', 'GET /v1/cases/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1', 401],
    ['a backslash', 'GET /v1\\notices HTTP/1.1', 400],
    ['an absolute form', 'GET http://evil.example/v1/notices HTTP/1.1', 200],
    ['an asterisk', 'OPTIONS * HTTP/1.1', 400],
    ['a space', 'GET /v1/not ices HTTP/1.1', 400],
    ['a NUL', 'GET /v1/\u0000 HTTP/1.1', 400],
    ['another protocol', 'GET /v1/notices SPDY/9', 400],
    ['an unknown method', 'BREW /v1/notices HTTP/1.1', 400],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1', 0],
  ])('%s', async (_, line, status) => {
    const { url, log } = await start();
    const conversation = await converse(url, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(Number(conversation.split(' ')[1] ?? 0)).toBe(status);
    expect(conversation).not.toMatch(/root:|node_modules|\.ts:/);
    expect(log).toEqual([]);
  });
});

describe('hostile headers', () => {
  test.each([
    ['too large', `GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['too many', `GET /health HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(5000)}\r\n`, 431],
    ['no colon', 'GET /health HTTP/1.1\r\nHost x\r\n\r\n', 400],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
    [
      'two lengths',
      'POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    [
      'length and chunks together',
      'POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a host that is none', 'GET /health HTTP/1.1\r\nHost: a b/\r\nConnection: close\r\n\r\n', 400],
  ])('%s: %3$i', async (_, text, status) => {
    const { url } = await start();
    const conversation = await converse(url, text);
    expect(conversation.split(' ')[1]).toBe(String(status));
    expect(conversation).not.toMatch(/node_modules|\.ts:/);
  });

  test('what node itself refuses is a problem document too', async () => {
    const { url } = await start();
    const conversation = await converse(
      url,
      `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(17_000)}\r\n\r\n`,
    );
    const [, body = ''] = conversation.split('\r\n\r\n');
    expect(conversation).toContain('content-type: application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ code: 'headers-too-large', status: 431, title: '请求头过大' });
  });

  test.each(['a b', 'x'.repeat(65), 'a"b', '{"a":1}', '编号'])(
    'the correlation id %j is not echoed',
    async (id) => {
      const { url } = await start();
      const conversation = await converse(
        url,
        `GET /health HTTP/1.1\r\nHost: x\r\nX-Correlation-Id: ${id}\r\nConnection: close\r\n\r\n`,
      );
      expect(conversation).toMatch(/x-correlation-id: [0-9a-f-]{36}\r\n/i);
    },
  );

  test('a header that a use case sets cannot be split', async () => {
    const { url } = await start({}, async () => ({ headers: { location: '/a\r\nset-cookie: x=1' } }));
    const answer = await fetch(`${url}/v1/notices`);
    expect(answer.status).toBe(500);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('a request that never becomes whole is ended', async () => {
    const { url, log } = await start({ arrivalMs: 50 });
    const head = 'POST /v1/cases/1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n';
    const conversation = await converse(url, `${head}Content-Length: 100\r\n\r\nabc`);
    expect(conversation).toMatch(/^HTTP\/1\.1 408 /);
    expect(conversation).toContain('请求没有按时传完');
    expect(log).toEqual([]);
  });

  test('every refusal of a malformed request is a problem document', async () => {
    const { url } = await start();
    for (const line of ['GET /v1\\notices HTTP/1.1', 'OPTIONS * HTTP/1.1', 'BREW / HTTP/1.1']) {
      const conversation = await converse(url, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(conversation).toMatch(/content-type: application\/problem\+json/i);
      expect(conversation).toContain('"code":"bad-request"');
    }
  });
});
