import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AcceptUpload } from '#embedded/http/upload.ts';
import { AppError } from '#functions/shared/errors.ts';
import { converse, start } from './server-fixture.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const form = (...parts: readonly (readonly [name: string, value: string | Blob])[]): FormData => {
  const data = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, value, '身份证.jpg');
  }
  return data;
};

const upload = (url: string, body: FormData) => fetch(`${url}/uploads`, { method: 'POST', body });
const file = (bytes: number): Blob => new Blob([new Uint8Array(bytes).map((_, at) => at % 251)]);

/** What became of the file in the hands of whoever takes it. */
const recorder = () => {
  const outcomes: string[] = [];
  const accept: AcceptUpload = async (_, content) => {
    try {
      for await (const chunk of content) expect(chunk.length).toBeGreaterThan(0);
      outcomes.push('whole');
    } catch (error) {
      outcomes.push(error instanceof AppError ? error.code : 'unknown');
      throw error;
    }
    return {};
  };
  return { accept, outcomes };
};

const BOUNDARY = 'XX';
const part = (name: string, value: string, filename?: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${
    filename === undefined ? '' : `; filename="${filename}"`
  }\r\n\r\n${value}\r\n`;

/** One request with this text as its multipart body, and a connection that ends after the answer. */
const rawUpload = (url: string, body: string, type = `multipart/form-data; boundary=${BOUNDARY}`) =>
  converse(
    url,
    `POST /uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

describe('an upload', () => {
  test('reaches its taker with all fields and every byte', async () => {
    const blob = file(5_000_000);
    const digest = createHash('sha256');
    const { url } = await start({
      acceptUpload: async (fields, content) => {
        for await (const chunk of content) digest.update(chunk);
        return { status: 201, body: { ...fields }, headers: { etag: '"1"' } };
      },
    });
    const answer = await upload(url, form(['key', 'uploads/c1/居民户口簿'], ['policy', 'p'], ['file', blob]));
    expect([answer.status, answer.headers.get('etag')]).toEqual([201, '"1"']);
    expect(await answer.json()).toEqual({ key: 'uploads/c1/居民户口簿', policy: 'p' });
    expect(digest.digest('hex')).toBe(sha256(await blob.bytes()));
  });

  test('is answered with 204 where its taker says nothing', async () => {
    const { accept } = recorder();
    const { url } = await start({ acceptUpload: accept });
    expect((await upload(url, form(['file', file(1)]))).status).toBe(204);
    expect((await upload(url, form(['file', file(0)]))).status).toBe(204);
  });

  test('survives a slow taker, who begins when all of it has arrived', async () => {
    const { url } = await start({
      acceptUpload: async (_, content) => {
        for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
        let bytes = 0;
        for await (const chunk of content) {
          bytes += chunk.length;
          await new Promise(setImmediate);
        }
        return { status: 200, body: bytes };
      },
    });
    expect(await (await upload(url, form(['file', file(3_000_000)]))).json()).toBe(3_000_000);

    // In small pieces much of it still waits in front of the parser when the request has ended.
    const pieces = [part('file', 'x'.repeat(70_000), 'a').slice(0, -2), ...Array(20).fill('y'.repeat(1000))];
    const body = new ReadableStream({
      start(stream) {
        for (const piece of [...pieces, `\r\n--${BOUNDARY}--\r\n`]) {
          stream.enqueue(new TextEncoder().encode(piece));
        }
        stream.close();
      },
    });
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
    const answer = await fetch(`${url}/uploads`, { method: 'POST', headers, body, duplex: 'half' });
    expect(await answer.json()).toBe(90_000);
  });

  test('refused by its taker before or amid the file: the refusal arrives, the connection lives on', async () => {
    const refusal = new AppError('upload-expired', 403, '上传凭证已过期，请重新获取。');
    const early: AcceptUpload = async () => {
      throw refusal;
    };
    const amid: AcceptUpload = async (_, content) => {
      for await (const chunk of content) if (chunk.length > 0) throw refusal;
      return {};
    };
    for (const acceptUpload of [early, amid]) {
      const { url } = await start({ acceptUpload });
      const answer = await upload(url, form(['file', file(4_000_000)]));
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'upload-expired' });
      expect((await fetch(`${url}/health`)).status).toBe(200);
    }
  });

  test('answered without its file being read is drained', async () => {
    const { url } = await start({ acceptUpload: async () => ({ status: 200 }) });
    expect((await upload(url, form(['file', file(4_000_000)]))).status).toBe(200);
  });

  test('just as large as allowed is taken, one byte more is 413', async () => {
    const { accept, outcomes } = recorder();
    const { url } = await start({ acceptUpload: accept, uploadBytes: 1024 * 1024 });
    expect((await upload(url, form(['file', file(1024 * 1024)]))).status).toBe(204);
    for (const bytes of [1024 * 1024 + 1, 6_000_000]) {
      const answer = await upload(url, form(['file', file(bytes)]));
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ code: 'too-large', detail: '文件过大，最多 1 MiB。' });
    }
    expect(outcomes).toEqual(['whole', 'too-large', 'too-large']);
  });

  test('a fault of the taker is a 500 that tells nothing', async () => {
    const { url, log } = await start({
      acceptUpload: async () => {
        throw new Error('secret /srv/data');
      },
    });
    const answer = await upload(url, form(['file', file(10)]));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(log).toHaveLength(1);
  });
});

describe('a form that is none', () => {
  const bytes = '1234567890';
  const END = `--${BOUNDARY}--\r\n`;

  test.each<[string, string, number, string]>([
    ['no file', `${part('key', 'a')}${END}`, 400, 'bad-upload-form'],
    ['an empty form', END, 400, 'bad-upload-form'],
    ['no body', '', 400, 'upload-incomplete'],
    ['a file of another name', `${part('photo', bytes, 'a.jpg')}${END}`, 400, 'bad-upload-form'],
    [
      'a field twice',
      `${part('key', 'a')}${part('key', 'b')}${part('file', bytes, 'a')}${END}`,
      400,
      'bad-upload-form',
    ],
    [
      'a field too long',
      `${part('key', 'x'.repeat(17_000))}${part('file', bytes, 'a')}${END}`,
      400,
      'bad-upload-form',
    ],
    [
      'too many fields',
      `${Array.from({ length: 21 }, (_, at) => part(`f${at}`, 'x')).join('')}${part('file', bytes, 'a')}${END}`,
      400,
      'bad-upload-form',
    ],
    ['cut off in the file', part('file', bytes, 'a').slice(0, -6), 400, 'upload-incomplete'],
    ['cut off in a field', part('key', 'abc').slice(0, -4), 400, 'upload-incomplete'],
    ['cut off in a header', part('key', 'abc').slice(0, 30), 400, 'upload-incomplete'],
    ['no multipart at all', '{"key":"a"}', 400, 'upload-incomplete'],
    ['a broken part header', `--${BOUNDARY}\r\n\u0000:\r\n\r\nx\r\n${END}`, 400, 'upload-incomplete'],
  ])('%s', async (_, body, status, code) => {
    const { url, log } = await start();
    const conversation = await rawUpload(url, body);
    expect(conversation).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(conversation).toContain(`"code":"${code}"`);
    expect(conversation).not.toMatch(/node_modules|busboy|\.ts:/);
    expect(log).toEqual([]);
  });

  test.each(['application/json', 'multipart/form-data', 'multipart/mixed; boundary=x', 'text/plain', 'x'])(
    'as %s: 415',
    async (type) => {
      const { url } = await start();
      const conversation = await rawUpload(url, 'x', type);
      expect(conversation).toMatch(/^HTTP\/1\.1 415 /);
    },
  );

  test.each([
    ['a second file', part('file', 'second', 'b')],
    ['a field', part('late', 'x')],
    ['a field twice', part('key', 'b')],
  ])('%s after the file is ignored', async (_, more) => {
    const { url } = await start();
    const conversation = await rawUpload(url, `${part('key', 'a')}${part('file', bytes, 'a')}${more}${END}`);
    expect(conversation).toContain('{"fields":{"key":"a"},"bytes":10}');
  });

  test('a field named like a prototype is a field', async () => {
    const { url } = await start();
    const conversation = await rawUpload(url, `${part('__proto__', 'x')}${part('file', bytes, 'a')}${END}`);
    expect(conversation).toContain('{"fields":{"__proto__":"x"},"bytes":10}');
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  test('a file that is cut off never looks whole to its taker', async () => {
    const { accept, outcomes } = recorder();
    const { url } = await start({ acceptUpload: accept });
    await rawUpload(url, part('file', bytes, 'a').slice(0, -6));
    expect(outcomes).toEqual(['upload-incomplete']);
  });

  test('a client that hangs up amid the file: its taker hears of it, the server goes on', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const controller = new AbortController();
    const { url, log } = await start({
      acceptUpload: async (_, content) => {
        try {
          for await (const chunk of content) if (chunk.length > 0) controller.abort();
          resolve('whole');
        } catch (error) {
          resolve(error instanceof AppError ? error.code : 'unknown');
          throw error;
        }
        return {};
      },
    });
    const head = part('file', 'x'.repeat(100_000), 'a');
    const body = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode(head));
      },
    });
    const request = fetch(`${url}/uploads`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body,
      duplex: 'half',
      signal: controller.signal,
    });
    await expect(request).rejects.toThrow();
    expect(await promise).toBe('upload-incomplete');
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(log).toEqual([]);
  });
});
