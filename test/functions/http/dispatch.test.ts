import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Caller } from '#functions/shared/access/policy.ts';
import { AppError, ConditionFailed, InvalidCursor, InvalidInput } from '#functions/shared/errors.ts';
import { type Answer, dispatch } from '#functions/shared/http/dispatch.ts';
import type { Call } from '#functions/shared/http/request.ts';
import { defineRoute, type Reply, type Route } from '#functions/shared/http/route.ts';
import { createLogger } from '#functions/shared/log.ts';
import type { Json } from '#functions/shared/ports.ts';
import { ABOUT } from '#test/support/toy-route.ts';

type TestPorts = { readonly handle: (input: Json) => Promise<Reply> };

const edit = defineRoute({
  method: 'POST',
  path: '/v1/cases/{caseId}/things',
  access: 'jwt',
  operation: 'case.edit',
  status: 201,
  about: ABOUT,
  request: {
    params: z.strictObject({ caseId: z.string().regex(/^[0-9a-z]{4}$/, '编号应为 4 位。') }),
    query: z.strictObject({ limit: z.coerce.number().int().min(1).optional() }),
    body: z.strictObject({ amount: z.string(), note: z.string().optional() }),
  },
  handle: ({ handle }: TestPorts, { caller }, { params, query, body }) =>
    handle({ caseId: params.caseId, limit: query.limit ?? null, amount: body.amount, by: caller.subject }),
});

const list = defineRoute({
  method: 'GET',
  path: '/v1/notices',
  access: 'public',
  operation: 'notice.read',
  status: 200,
  about: ABOUT,
  request: {},
  handle: ({ handle }: TestPorts, { correlationId }) => handle({ correlationId }),
});

const take = defineRoute({
  method: 'POST',
  path: '/v1/cross-checks/{requestId}/results',
  access: 'signature',
  status: 202,
  about: ABOUT,
  request: { params: z.strictObject({ requestId: z.string() }) },
  handle: ({ handle }: TestPorts, { message }, { params }) =>
    handle({
      requestId: params.requestId,
      method: message.method,
      target: message.target,
      digest: message.headers['content-digest'] ?? null,
      body: [...message.body],
    }),
});

const officer: Caller = {
  subject: 'u-1',
  name: '王芳',
  roles: ['grassrootsOfficer'],
  organisation: '340102',
};
const auditor: Caller = { subject: 'u-2', name: '李明', roles: ['auditor'] };

const call = (change: Partial<Call> = {}): Call => ({
  target: '/v1/x',
  params: { caseId: 'ab12' },
  query: '',
  headers: { 'content-type': 'application/json' },
  rawBody: new TextEncoder().encode('{"amount":"1.00"}'),
  caller: officer,
  correlationId: 'corr-1',
  ...change,
});

const body = (text: string): Partial<Call> => ({ rawBody: new TextEncoder().encode(text) });

const echo = async (input: Json): Promise<Reply> => ({ body: input });

const run = async (
  route: Route<TestPorts>,
  change: Partial<Call> = {},
  handle: TestPorts['handle'] = echo,
): Promise<Answer & { json: unknown; log: readonly string[] }> => {
  const log: string[] = [];
  const logger = createLogger({ sink: (line) => log.push(line), wall: () => 0 });
  const answer = await dispatch(route, { handle }, call(change), logger);
  return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body), log };
};

describe('a call that fits', () => {
  test('reaches the use case parsed, and is answered with the status of the route', async () => {
    const answer = await run(edit, { query: 'limit=20' });
    expect(answer.status).toBe(201);
    expect(answer.headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    expect(answer.json).toEqual({ caseId: 'ab12', limit: 20, amount: '1.00', by: 'u-1' });
    expect(answer.log).toEqual([]);
  });

  test('may be answered with another status, with headers and without a body', async () => {
    const reply = async () => ({ status: 204, headers: { location: '/v1/cases/ab12' } });
    expect(await run(edit, {}, reply)).toMatchObject({
      status: 204,
      headers: { location: '/v1/cases/ab12' },
      body: '',
    });
  });

  test('a public route needs nobody', async () => {
    const answer = await run(list, { caller: null, params: {}, rawBody: new Uint8Array() });
    expect(answer).toMatchObject({ status: 200, json: { correlationId: 'corr-1' } });
  });

  test('a signed message comes raw, whatever its bytes', async () => {
    const answer = await run(take, {
      target: '/v1/cross-checks/r1/results?x=%20',
      params: { requestId: 'r1' },
      headers: { 'content-digest': 'sha-256=:x:' },
      rawBody: new Uint8Array([0xff, 0x00, 0x7b]),
      caller: null,
    });
    expect(answer).toMatchObject({
      status: 202,
      json: {
        requestId: 'r1',
        method: 'POST',
        target: '/v1/cross-checks/r1/results?x=%20',
        digest: 'sha-256=:x:',
        body: [0xff, 0x00, 0x7b],
      },
    });
  });
});

describe('access comes before content', () => {
  const unparsable = body('{');

  test('nobody signed in: 401, with a challenge', async () => {
    const answer = await run(edit, { ...unparsable, caller: null });
    expect(answer).toMatchObject({ status: 401, json: { code: 'not-signed-in' } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('no role with the right: 403', async () => {
    expect(await run(edit, { ...unparsable, caller: auditor })).toMatchObject({
      status: 403,
      json: { code: 'not-allowed' },
    });
  });
});

describe('a call that does not fit', () => {
  test('hears every fault of path, query and body at once', async () => {
    const answer = await run(edit, {
      params: { caseId: '../etc' },
      query: 'limit=0&limit=0&page=2&__proto__=1',
      ...body('{"amount":1,"nope":true,"__proto__":{}}'),
    });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json).toEqual({
      type: 'urn:problem:invalid-input',
      title: '内容有误',
      status: 422,
      code: 'invalid-input',
      detail: '提交的内容有误，请按提示逐项改正后重新提交。',
      instance: 'corr-1',
      faults: [
        { in: 'query', pointer: '/limit', code: 'duplicate-key', message: '该参数只能出现一次。' },
        { in: 'path', pointer: '/caseId', code: 'wrong-format', message: '编号应为 4 位。' },
        { in: 'query', pointer: '/limit', code: 'too-small', message: '不能小于 1。' },
        { in: 'query', pointer: '/page', code: 'unknown-key', message: '不认识的项目，请删去。' },
        { in: 'query', pointer: '/__proto__', code: 'unknown-key', message: '不认识的项目，请删去。' },
        { pointer: '/amount', code: 'wrong-type', message: '类型不对，应为文字。' },
        { pointer: '/nope', code: 'unknown-key', message: '不认识的项目，请删去。' },
        { pointer: '/__proto__', code: 'unknown-key', message: '不认识的项目，请删去。' },
      ],
    });
  });

  test.each<[string, Partial<Call>, number, string]>([
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415, 'unsupported-media-type'],
    ['no content type', { headers: {} }, 415, 'unsupported-media-type'],
    ['no JSON', body('{"amount":'), 400, 'not-json'],
    ['no body', body(''), 400, 'not-json'],
    ['a key twice', body('{"amount":"1","amount":"2"}'), 400, 'duplicate-key'],
    ['too deep', body('['.repeat(99) + ']'.repeat(99)), 400, 'too-deep'],
    ['a list for an object', body('[]'), 422, 'invalid-input'],
    ['null for an object', body('null'), 422, 'invalid-input'],
  ])('%s', async (_, change, status, code) => {
    expect(await run(edit, change)).toMatchObject({ status, json: { code, status, instance: 'corr-1' } });
  });

  test('a route without a query or a body takes none', async () => {
    const bare = { params: {}, rawBody: new Uint8Array() };
    expect(await run(list, { ...bare, query: 'a/b=1' })).toMatchObject({
      status: 422,
      json: { faults: [{ in: 'query', pointer: '/a~1b', code: 'unknown-key' }] },
    });
    expect(await run(list, { params: {} })).toMatchObject({ status: 400, json: { code: 'unexpected-body' } });
  });

  test('a flood of faults is answered in moderation, and the rest is counted', async () => {
    const many = defineRoute({
      method: 'POST',
      path: '/v1/assessments',
      access: 'public',
      operation: 'assessment.try',
      status: 200,
      about: ABOUT,
      request: { body: z.array(z.string()) },
      handle: async (_: TestPorts) => ({}),
    });
    const answer = await run(many, body(`[${'1,'.repeat(14_999)}1]`));
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ faultsLeftOut: 5_000 });
    expect(answer.body.length).toBeLessThan(2_000_000);
  });
});

describe('what the use case throws', () => {
  const throwing = (error: unknown) => run(edit, {}, () => Promise.reject(error));

  test.each<[string, unknown, number, string]>([
    ['an error for callers', new AppError('case-closed', 409, '案件已经办结。'), 409, 'case-closed'],
    ['faults', new InvalidInput([]), 422, 'invalid-input'],
    ['a failed condition', new ConditionFailed([0]), 409, 'conflict'],
    ['a cursor that is none', new InvalidCursor('x'), 400, 'invalid-cursor'],
  ])('%s is told', async (_, error, status, code) => {
    const answer = await throwing(error);
    expect(answer).toMatchObject({ status, json: { code, status } });
    expect(answer.log).toEqual([]);
  });

  test('details come along and cannot overwrite what the problem says', async () => {
    const answer = await throwing(
      new AppError('too-early', 409, '公示期未满。', { noticeEnds: '2020-01-08', status: 200, detail: 'x' }),
    );
    expect(answer.json).toEqual({
      noticeEnds: '2020-01-08',
      type: 'urn:problem:too-early',
      title: '与当前状态不符',
      status: 409,
      code: 'too-early',
      detail: '公示期未满。',
      instance: 'corr-1',
    });
  });

  test.each<[string, unknown]>([
    ['an error of ours', new TypeError('secret 340102199001011234 at /srv/app.ts')],
    ['no error at all', 'secret 340102199001011234'],
    ['nothing', undefined],
  ])('%s is a 500 that tells nothing, and a log line that tells the place', async (_, error) => {
    const answer = await throwing(error);
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal', instance: 'corr-1' } });
    expect(answer.body).not.toMatch(/secret|340102|\.ts|TypeError/);
    expect(answer.log).toHaveLength(1);
    expect(JSON.parse(answer.log[0] ?? '')).toMatchObject({
      level: 'error',
      correlationId: 'corr-1',
      route: 'POST /v1/cases/{caseId}/things',
    });
    expect(answer.log[0]).not.toMatch(/secret|340102199001011234/);
  });
});
