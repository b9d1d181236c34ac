import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, describe as group, test, vi } from 'vitest';
import { FUNCTIONS, type FunctionDeclaration } from '#functions/manifest.ts';
import { routes } from '#functions/routes.ts';
import { describe, OPENAPI_FILE, textOf } from '../../scripts/openapi.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { operationFor, operations, parserOf, validation } from '../support/openapi.ts';

group('the description', () => {
  test('is the one that the routes make', async () => {
    expect(textOf(describe(routes)), 'run npm run -s openapi').toBe(await readFile(OPENAPI_FILE, 'utf8'));
  });

  test('is valid OpenAPI 3.1', () => {
    expect(validation).toEqual({ valid: true });
  });

  test('has every route of the manifest, and nothing else', () => {
    const declared = Object.values<FunctionDeclaration>(FUNCTIONS).flatMap(({ trigger }) =>
      trigger.kind === 'routes' ? trigger.routes : [],
    );
    const access = { jwt: 'bearer', signature: 'signature', public: '' };
    expect(
      operations
        .map(
          ({ method, path, security }) => `${method} ${path} ${security.flatMap((one) => Object.keys(one))}`,
        )
        .toSorted(),
    ).toEqual(declared.map((one) => `${one.method} ${one.path} ${access[one.access]}`).toSorted());
  });

  test('every operation has a name of its own and a Chinese summary', () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { operationId, summary } of operations) {
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(summary).toMatch(/\p{Script=Han}/u);
    }
  });

  test('every path parameter stands in its path, and is required', () => {
    for (const { path, parameters } of operations) {
      const inPath = parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
      expect(inPath.every(({ required }) => required === true)).toBe(true);
    }
  });

  const bodies = operations.flatMap(({ operationId, method, path, requestBody }) => {
    const content = requestBody?.content['application/json'];
    return content === undefined ? [] : [{ operationId, method, path, ...content }];
  });

  test.each(bodies)('the example of $operationId is accepted', ({ method, path, schema, example }) => {
    expect(example).toBeDefined();
    const route = routes.find((one) => one.method === method && one.path === path);
    const own = route?.request.body ?? route?.about.rawBody;
    expect(parserOf(schema).safeParse(example).error).toBeUndefined();
    expect(own?.safeParse(example).error).toBeUndefined();
  });

  test.each(bodies)('the schema of $operationId refuses what it should', ({ schema, example }) => {
    const parser = parserOf(schema);
    expect(parser.safeParse({ ...Object(example), surplus: 1 }).success).toBe(false);
    expect(parser.safeParse({}).success).toBe(false);
    expect(parser.safeParse([]).success).toBe(false);
  });
});

group('real answers', () => {
  let edition: TestEdition;
  beforeAll(async () => {
    edition = await openTestEdition();
  });
  afterAll(() => edition.close());
  afterEach(() => void vi.restoreAllMocks());

  /** What the API answers from now on, by operation and status. */
  const record = (): { readonly seen: Set<string>; readonly faults: () => Promise<readonly string[]> } => {
    const seen = new Set<string>();
    const checks: Promise<string | undefined>[] = [];
    const send = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const response = await send(input, init);
      const { origin, pathname } = new URL(String(input));
      if (origin !== edition.url || !pathname.startsWith('/v1/')) return response;
      const method = init?.method ?? 'GET';
      const operation = operationFor(method, pathname);
      const { status } = response;
      seen.add(`${operation?.operationId} ${status}`);
      checks.push(
        response
          .clone()
          .json()
          .then((body: unknown) => {
            const contents = Object.values(operation?.responses[status]?.content ?? {});
            const [content] = contents;
            if (content === undefined) return `${method} ${pathname}: ${status} is not described`;
            const parsed = parserOf(content.schema).safeParse(body);
            return parsed.success ? undefined : `${method} ${pathname}: ${status} ${parsed.error.message}`;
          }),
      );
      return response;
    });
    return { seen, faults: async () => (await Promise.all(checks)).filter((fault) => fault !== undefined) };
  };

  test('of a whole filing fit the description, refusals too', async () => {
    const { seen, faults } = record();
    const application = await Application.open(edition);
    const { worker, staff, caseId } = application;
    const path = `/v1/cases/${caseId}`;
    await application.file(['promise']);
    for (const part of ['', '/documents', '/assessment', '/events', '/letters'])
      await worker.get(path + part);
    await worker.get('/v1/tasks');
    await application.finish();
    await staff.centre.get(path);
    await staff.centre.get(`${path}/assessment`);
    await staff.centre.get(`${path}/events`);
    await staff.centre.get(`${path}/letters`);
    await staff.grassroots.get('/v1/cases');
    await staff.superior.get('/v1/tasks?inbox=escalated');
    await edition.anyone().get('/v1/openapi.json');

    const other = await (await Application.open(edition)).file();
    await staff.grassroots.get(`/v1/tasks/${await other.taskId('grassrootsReview')}`);
    await other.passBelow();
    await other.decide('centreReview', { decision: 'pass', opinion: '同意。' });
    await other.object();
    const { notice } = await other.record();
    await edition.anyone().get('/v1/notices');
    await edition.anyone().get(`/v1/notices/${notice?.noticeId}`);
    await other.noticeEnds();
    await edition.anyone().refused('GET', `/v1/notices/${notice?.noticeId}`);
    await staff.superior.get(`/v1/tasks/${await other.taskId('objections')}`);
    await other.withdraw();

    const { declaration } = other.household;
    await edition.anyone().post('/v1/assessments', declaration);
    await edition.anyone().refused('POST', '/v1/assessments', { ...declaration, members: [] });
    await worker.refused('POST', '/v1/cases', {});
    await worker.refused('GET', `/v1/cases/${other.caseId}`);
    await edition.anyone().refused('GET', path);
    await worker.refused('PUT', `${path}/declaration`, { declaration, reason: '更正。' }, {});
    await worker.refused('POST', `${path}/withdrawal`, { reason: '不再需要。' });
    await staff.administrator.refused('POST', `${path}/resumption`, { reason: '恢复。' });

    expect(await faults()).toEqual([]);
    expect([...seen].filter((one) => / 2/.test(one)).length).toBeGreaterThanOrEqual(18);
    expect(seen).toContain('readNotice 410');
    expect(seen).toContain('editDeclaration 428');
  });
});
