/** What holds on every route: entity tags, limits, CORS, headers; and the trial assessment by the contract. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { documentKey, putDocument } from '#functions/shared/document-store.ts';
import { CORS } from '#functions/shared/http/cors.ts';
import { UPLOAD_LIMITS } from '#functions/shared/settings.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition, type TestEditionOptions } from '../support/edition.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition({ http: { allowedOrigins: ['https://portal.example.cn'] } });
});
afterAll(() => edition.close());

describe('entity tags', () => {
  test('who has the case already is told so in a few bytes, until it changes', async () => {
    const { worker, caseId } = await Application.open(edition);
    const path = `/v1/cases/${caseId}`;
    const first = await worker.call('GET', path);
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toBe('"1"');
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await worker.call('GET', path, undefined, { 'if-none-match': known });
      expect([again.status, again.body, again.headers.get('etag')], known).toEqual([304, {}, tag]);
    }
    expect((await worker.call('GET', path, undefined, { 'if-none-match': '"0"' })).status).toBe(200);
    await worker.post(`${path}/submission`);
    const changed = await worker.call('GET', path, undefined, { 'if-none-match': tag });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
  });

  test('lists and other pages have one by their content', async () => {
    const { worker } = await Application.open(edition);
    for (const [client, path] of [
      [worker, '/v1/cases'],
      [worker, '/v1/tasks'],
      [edition.anyone(), '/v1/notices'],
      [edition.anyone(), '/v1/openapi.json'],
    ] as const) {
      const etag = (await client.call('GET', path)).headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[\w-]+"$/);
      expect((await client.call('GET', path, undefined, { 'if-none-match': etag })).status).toBe(304);
    }
  });

  test('an edit says which version it is of: 428 without, 412 for an old one, and the edit of another stands', async () => {
    const application = await Application.open(edition);
    const { worker, caseId, household, staff } = application;
    const path = `/v1/cases/${caseId}/declaration`;
    const edit = (cause: string) => ({ declaration: household.declaration, reason: cause });
    const { headers } = await worker.call('GET', `/v1/cases/${caseId}`);
    const seen = headers.get('etag') ?? '';

    expect(await worker.refused('PUT', path, edit('没有注明'), {})).toMatchObject({
      status: 428,
      code: 'precondition-required',
    });
    const byOfficer = await staff.grassroots.call('PUT', path, edit('代为更正'), { 'if-match': seen });
    expect([byOfficer.status, byOfficer.headers.get('etag')]).toEqual([200, '"2"']);
    const mark = await application.mark();
    const late = await worker.refused('PUT', path, edit('没有看到'), { 'if-match': seen });
    expect(late).toMatchObject({ status: 412, code: 'changed-meanwhile' });
    expect(late.detail).toContain('重新查看');
    for (const weak of [`W/"2"`, '"3"', '"1", "3"']) {
      expect((await worker.call('PUT', path, edit('不是它'), { 'if-match': weak })).status, weak).toBe(412);
    }
    for (const nonsense of ['2', '"2', '', '"2" "3"', `"${'x'.repeat(2000)}"`]) {
      expect(
        (await worker.call('PUT', path, edit('写错了'), { 'if-match': nonsense })).status,
        nonsense,
      ).toBe(400);
    }
    expect(await application.mark()).toBe(mark);
    const after = await worker.call('PUT', path, edit('看过了'), { 'if-match': '"1", "2"' });
    expect([after.status, after.headers.get('etag')]).toEqual([200, '"3"']);
  });

  test('of two edits of one version at once, one wins', async () => {
    const { worker, caseId, household, staff } = await Application.open(edition);
    const path = `/v1/cases/${caseId}/declaration`;
    const body = { declaration: household.declaration, reason: '同时修改。' };
    const answers = await Promise.all(
      [worker, staff.grassroots, worker, staff.grassroots].map((client) =>
        client.call('PUT', path, body, { 'if-match': '"1"' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412]);
  });

  test('a submission may say what was on the screen', async () => {
    const { worker, caseId } = await Application.open(edition);
    const path = `/v1/cases/${caseId}/submission`;
    expect((await worker.call('POST', path, undefined, { 'if-match': '"9"' })).status).toBe(412);
    expect((await worker.call('POST', path, undefined, { 'if-match': '"1"' })).status).toBe(200);
    // Again, for one who heard no answer: it is done.
    expect((await worker.call('POST', path, undefined, { 'if-match': '"1"' })).status).toBe(200);
  });
});

describe('the size of a body', () => {
  test('is each route’s own, and the refusal names it', async () => {
    const { worker, caseId } = await Application.open(edition);
    const reason = (bytes: number) => `{"reason":"${'x'.repeat(bytes - 13)}"}`;
    const path = `/v1/cases/${caseId}/withdrawal`;
    expect(await worker.refused('POST', path, reason(16 * 1024 + 1))).toMatchObject({
      status: 413,
      code: 'too-large',
      detail: '提交的内容过大，最多 16 KiB。',
      maxBytes: 16 * 1024,
    });
    expect(await worker.refused('POST', path, reason(16 * 1024))).toMatchObject({ status: 422 });
  });
});

describe('how often one may ask', () => {
  let limited: TestEdition | undefined;
  afterEach(async () => {
    await limited?.close();
    limited = undefined;
  });
  const open = async (http: TestEditionOptions['http']): Promise<TestEdition> => {
    limited = await openTestEdition({
      http: { ...http, rateLimits: { caller: 3, address: 4, signature: 2, upload: 2 } },
    });
    return limited;
  };
  const FORWARDED = (address: string) => ({ 'x-forwarded-for': address });

  test('each person has a minute’s share of the own, and is told when to come again', async () => {
    const it = await open({});
    const [one, other] = [await it.person('one', 'applicant'), await it.person('other', 'applicant')];
    for (let count = 0; count < 3; count += 1) await one.get('/v1/cases');
    const { status, headers, body } = await one.call('GET', '/v1/cases');
    expect([status, body.code, body.perMinute]).toEqual([429, 'too-many-requests', 3]);
    const seconds = Number(headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(body.detail).toBe(`操作过于频繁，请在 ${seconds} 秒后重试。`);
    await other.get('/v1/cases');
  });

  test('those who have not signed in share their address’s, refused tokens included', async () => {
    const it = await open({});
    const statuses: number[] = [];
    for (const token of [undefined, 'a.b.c', undefined, 'a.b.c', undefined, 'a.b.c']) {
      const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
      statuses.push((await it.anyone().call('GET', '/v1/cases', undefined, headers)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429]);
    expect((await it.anyone().call('GET', '/v1/notices')).status).toBe(429);
    // Who has signed in is not kept out by others at the same address.
    await (await it.person('one', 'applicant')).get('/v1/cases');
  });

  test('a made-up X-Forwarded-For buys nothing; that of a trusted proxy tells addresses apart', async () => {
    const it = await open({});
    const made = await Promise.all(
      [1, 2, 3, 4, 5].map((last) =>
        it.anyone().call('GET', '/v1/notices', undefined, FORWARDED(`192.0.2.${last}`)),
      ),
    );
    expect(made.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 429]);
    await it.close();

    const behind = await open({ trustedProxies: 1 });
    const ask = async (address: string): Promise<number> =>
      (await behind.anyone().call('GET', '/v1/notices', undefined, FORWARDED(address))).status;
    // The client writes what it likes; the proxy adds where it really came from.
    for (const spoofed of ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'])
      expect(await ask(`${spoofed}, 192.0.2.1`)).toBe(200);
    expect(await ask('5.5.5.5, 192.0.2.1')).toBe(429);
    expect(await ask('5.5.5.5, 192.0.2.2')).toBe(200);
  });

  test('uploads and signed messages have a share of their own', async () => {
    const it = await open({});
    const upload = async () => {
      const response = await fetch(`${it.url}/uploads`, { method: 'POST' });
      await response.body?.cancel();
      return response.status;
    };
    expect([await upload(), await upload(), await upload()]).toEqual([415, 415, 429]);
    const path = `/v1/cross-checks/${'0'.repeat(26)}/results`;
    const results: number[] = [];
    for (let count = 0; count < 3; count += 1)
      results.push((await it.anyone().call('POST', path, {})).status);
    expect(results).toEqual([401, 401, 429]);
    expect((await it.anyone().call('GET', '/v1/notices')).status).toBe(200);
  });
});

describe('papers of one case', () => {
  const paper = { paper: 'promise', contentType: 'application/pdf', sha256: 'a'.repeat(64) };
  /** Promises that stand in the table already. */
  const fill = async (caseId: string, count: number, bytes: number): Promise<void> => {
    for (let number = 0; number < count; number += 1) {
      const documentId = edition.ports.ids.next();
      await edition.ports.items.transact([
        putDocument(
          {
            documentId,
            caseId,
            paper: 'promise',
            memberId: null,
            expenditure: null,
            contentType: 'application/pdf',
            bytes,
            sha256: 'a'.repeat(64),
            key: documentKey(caseId, documentId),
            promisedAt: new Date(edition.ports.clock.now()).toISOString(),
            promisedBy: 'someone',
            state: { status: 'promised' },
          },
          0,
        ),
      ]);
    }
  };

  test('are so many at most', async () => {
    const { worker, caseId } = await Application.open(edition);
    await fill(caseId, UPLOAD_LIMITS.maxDocuments - 1, 1);
    const path = `/v1/cases/${caseId}/documents`;
    await worker.post(path, { ...paper, bytes: 9 });
    expect(await worker.refused('POST', path, { ...paper, bytes: 9 })).toMatchObject({
      status: 409,
      code: 'too-many-documents',
      maxDocuments: 500,
    });
  });

  test('hold so many bytes together at most', async () => {
    const { worker, caseId } = await Application.open(edition);
    const { maxTotalBytes, maxBytes } = UPLOAD_LIMITS;
    const large = Math.floor(maxTotalBytes / maxBytes);
    await fill(caseId, large, maxBytes);
    const left = maxTotalBytes - large * maxBytes;
    const path = `/v1/cases/${caseId}/documents`;
    expect(await worker.refused('POST', path, { ...paper, bytes: left + 1 })).toMatchObject({
      status: 409,
      code: 'documents-too-large',
      detail: '一份申请的材料合计不能超过 1024 MB，请压缩后上传，或联系基层工会。',
    });
    await worker.post(path, { ...paper, bytes: left });
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string, path = '/v1/cases', method = 'POST') =>
    fetch(edition.url + path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });

  test('may call where the installation names them, for a while without asking again', async () => {
    for (const path of ['/v1/cases', '/uploads']) {
      const { status, headers } = await preflight('https://portal.example.cn', path);
      expect(status).toBe(204);
      expect(headers.get('access-control-allow-origin')).toBe('https://portal.example.cn');
      expect(headers.get('access-control-allow-methods')).toBe(CORS.methods.join(','));
      expect(headers.get('access-control-allow-headers')).toBe(CORS.requestHeaders.join(','));
      expect(headers.get('access-control-max-age')).toBe('7200');
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(headers.get('vary')).toMatch(/origin/i);
    }
    const worker = await edition.person('cors', 'applicant');
    const { headers } = await worker.call('GET', '/v1/cases', undefined, {
      origin: 'https://portal.example.cn',
    });
    expect(headers.get('access-control-allow-origin')).toBe('https://portal.example.cn');
    expect(headers.get('access-control-expose-headers')).toContain('etag');
  });

  test.each([
    'https://evil.example.cn',
    'http://portal.example.cn',
    'https://portal.example.cn.evil.example',
    'https://portal.example.cn:8443',
    'https://PORTAL.example.cn',
    'null',
  ])('%s may not', async (origin) => {
    expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
    const { headers } = await edition.anyone().call('GET', '/v1/notices', undefined, { origin });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('the installation that names none lets none', async () => {
    const closed = await openTestEdition();
    try {
      const response = await fetch(`${closed.url}/v1/notices`, {
        headers: { origin: 'https://portal.example.cn' },
      });
      await response.body?.cancel();
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    } finally {
      await closed.close();
    }
  });
});

test('security headers stand on every answer, whatever it is', async () => {
  const worker = await edition.person('headers', 'applicant');
  const { etag } = Object.fromEntries((await worker.call('GET', '/v1/cases')).headers);
  const answers = await Promise.all([
    worker.call('GET', '/v1/cases'),
    worker.call('GET', '/v1/cases', undefined, { 'if-none-match': etag ?? '' }),
    worker.call('GET', `/v1/cases/${'0'.repeat(26)}`),
    worker.call('POST', '/v1/cases', '{'),
    edition.anyone().call('GET', '/v1/cases'),
    edition.anyone().call('GET', '/nowhere'),
    edition.anyone().call('GET', '/health'),
    edition.anyone().call('POST', '/uploads'),
    edition.anyone().call('GET', '/v1/openapi.json'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 304, 404, 400, 401, 404, 200, 415, 200]);
  for (const { headers } of answers) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-correlation-id')).toMatch(/^[\w.:-]+$/);
  }
});

describe('the trial assessment, by the contract', () => {
  const faultForm = z.looseObject({
    faults: z.array(z.strictObject({ pointer: z.string(), code: z.string(), message: z.string() })),
  });
  const post = async (content: string | Uint8Array) => {
    const started = performance.now();
    const response = await fetch(`${edition.url}/v1/assessments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(content),
    });
    const body: unknown = await response.json();
    return { status: response.status, body, ms: performance.now() - started };
  };
  const valid = async (): Promise<Record<string, unknown>> => {
    const { household } = await Application.open(edition);
    return { ...household.declaration };
  };
  const faultsOf = (body: unknown): readonly string[] =>
    faultForm.parse(body).faults.map(({ pointer, code }) => `${pointer} ${code}`);

  test.each<[string, string | Uint8Array, readonly string[]]>([
    ['no JSON', '{"region":', [' not-json']],
    ['nothing', '', [' not-json']],
    ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), [' not-utf8']],
    ['no object', '[]', [' not-object']],
    ['far too deep', `${'['.repeat(15_000)}${']'.repeat(15_000)}`, [' not-object']],
  ])('%s is a document with faults: 422', async (_, content, faults) => {
    const { status, body } = await post(content);
    expect(status).toBe(422);
    expect(faultsOf(body)).toEqual(faults);
  });

  test('a key that stands twice is one fault among the others, with its place', async () => {
    const text = JSON.stringify({ ...(await valid()), region: 340100, surplus: 1 });
    const doubled = `${text.slice(0, -1)},"onSiteVisit":true,"onSiteVisit":false}`;
    const { status, body } = await post(doubled);
    expect(status).toBe(422);
    expect(faultsOf(body).toSorted()).toEqual([
      '/onSiteVisit duplicate-key',
      '/region not-region',
      '/surplus unknown-key',
    ]);
  });

  test('2,000 faults are 2,000 faults', async () => {
    const incomes = Array.from({ length: 2_000 }, () => ({ kind: 'wage', amount: 1 }));
    const [member] = z.array(z.looseObject({})).parse((await valid()).members);
    const { status, body } = await post(
      JSON.stringify({ ...(await valid()), members: [{ ...member, incomes }] }),
    );
    expect(status).toBe(422);
    expect(faultsOf(body)).toEqual(
      incomes.map((_, index) => `/members/0/incomes/${index}/amount not-decimal`),
    );
  });

  test('5 MB that fit are assessed', async () => {
    const evidence = Array.from({ length: 50 }, (_, index) => `${index}-${'x'.repeat(100_000)}`);
    const [member] = z.array(z.looseObject({})).parse((await valid()).members);
    const incomes = [{ kind: 'wage', amount: '18000', evidence }];
    const { status, body } = await post(
      JSON.stringify({ ...(await valid()), members: [{ ...member, incomes }] }),
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'eligible' });
  });

  test.each([
    ['empty objects', `{"members":[${'{},'.repeat(1_700_000)}{}]}`],
    ['numbers', `{"members":[${'1,'.repeat(2_500_000)}1]}`],
    ['keys', `{${Array.from({ length: 350_000 }, (_, index) => `"k${index}":1`).join()}}`],
  ])('5 MB of %s get a clear answer in bounded time', async (_, content) => {
    const { status, body, ms } = await post(content);
    expect(status).toBe(422);
    expect(faultsOf(body)).toEqual([' too-many-values']);
    expect(ms).toBeLessThan(10_000);
  });

  test('more than 8 MiB is 413, and names the limit', async () => {
    const { status, body } = await post(' '.repeat(8 * 1024 * 1024 + 1));
    expect(status).toBe(413);
    expect(body).toMatchObject({ code: 'too-large', maxBytes: 8 * 1024 * 1024 });
  });

  test('anything but JSON by its content type is 415', async () => {
    const response = await fetch(`${edition.url}/v1/assessments`, { method: 'POST', body: '{}' });
    await response.body?.cancel();
    expect(response.status).toBe(415);
  });
});
