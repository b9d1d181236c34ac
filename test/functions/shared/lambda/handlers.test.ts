import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { newPerson, type Person } from '#domain/people/person.ts';
import { callerBy, callerSource } from '#functions/shared/access/source.ts';
import { CaseClosed, CaseConflict } from '#functions/shared/case-store.ts';
import { AppError, CentreRefused, CentreUnavailable } from '#functions/shared/errors.ts';
import {
  type CallContext,
  defineFileRoute,
  defineRoute,
  type RawMessage,
} from '#functions/shared/http/route.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { objectCreatedHandler } from '#functions/shared/lambda/object-created.ts';
import { outboxHandler } from '#functions/shared/lambda/outbox.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import type { Item, ItemKey, JsonObject } from '#functions/shared/ports.ts';
import { ABOUT } from '#test/support/toy-route.ts';

const context = { awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef' };

/** The lines of the log, and what they say. Metrics are lines too, and stand apart. */
let lines: string[];
let logged: unknown[];
let metrics: unknown[];
beforeEach(() => {
  lines = [];
  logged = [];
  metrics = [];
  const take = (text: unknown): boolean => {
    const said: unknown = JSON.parse(String(text));
    if (typeof said === 'object' && said !== null && '_aws' in said) metrics.push(said);
    else {
      lines.push(String(text));
      logged.push(said);
    }
    return true;
  };
  // Lambda takes both into the log; Powertools writes errors to the one, all else to the other.
  vi.spyOn(process.stdout, 'write').mockImplementation(take);
  vi.spyOn(process.stderr, 'write').mockImplementation(take);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenOf = (claims: object) => [base64url({ alg: 'RS256' }), base64url(claims), 'c2ln'].join('.');
const CLAIMS = {
  iss: 'https://id.example.cn',
  sub: 'u-1',
  name: '王合成',
  roles: ['applicant', 'keeper'],
};

/** An event as API Gateway sends it in payload format 2.0. */
const apiEvent = (changes: Record<string, unknown> = {}, claims: object | null = CLAIMS) => ({
  version: '2.0',
  routeKey: 'POST /v1/cases/{caseId}/documents',
  rawPath: '/v1/cases/01j/documents',
  rawQueryString: 'limit=10',
  headers: {
    accept: 'application/json',
    authorization: `Bearer ${tokenOf(CLAIMS)}`,
    'content-type': 'application/json',
    host: 'example.execute-api.cn-north-1.amazonaws.com.cn',
    'x-correlation-id': 'c-1',
  },
  queryStringParameters: { limit: '10' },
  requestContext: {
    accountId: '123456789012',
    apiId: 'api-id',
    ...(claims && {
      authorizer: { jwt: { claims: { ...claims, roles: '[applicant keeper]' }, scopes: null } },
    }),
    domainName: 'example.execute-api.cn-north-1.amazonaws.com.cn',
    http: { method: 'POST', path: '/v1/cases/01j/documents', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1' },
    requestId: 'id',
    routeKey: 'POST /v1/cases/{caseId}/documents',
    stage: '$default',
    timeEpoch: 1583348638390,
  },
  pathParameters: { caseId: '01j' },
  body: '{"name":"申请书"}',
  isBase64Encoded: false,
  ...changes,
});

type Seen = { readonly context: CallContext; readonly input: unknown };
type TestPorts = { readonly see: (seen: Seen) => void };

const routes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/documents',
    access: 'jwt',
    operation: 'document.upload',
    status: 201,
    about: ABOUT,
    request: {
      params: z.strictObject({ caseId: z.string() }),
      query: z.strictObject({ limit: z.string() }),
      body: z.strictObject({ name: z.string() }),
    },
    handle: async ({ see }: TestPorts, context, input) => {
      see({ context, input });
      return { body: { 状态: '好' }, headers: { location: '/v1/x' } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cross-checks/{requestId}/results',
    access: 'signature',
    status: 200,
    about: ABOUT,
    request: { params: z.strictObject({ requestId: z.string() }) },
    handle: async ({ see }: TestPorts, context, input) => {
      see({ context, input });
      return {};
    },
  }),
];

const called = async (event: unknown) => {
  const seen: Seen[] = [];
  const result = await apiHandler(routes, { see: (one) => void seen.push(one) })(event, context);
  return { seen, result };
};
const Problem = z.object({ code: z.string(), instance: z.string() });

describe('apiHandler', () => {
  it('runs the route with what the caller sent, and answers for the gateway', async () => {
    const { seen, result } = await called(apiEvent());
    expect(seen).toEqual([
      {
        context: {
          correlationId: 'c-1',
          // Of the token, whose lists the gateway would flatten.
          caller: { subject: 'u-1', name: '王合成', roles: ['applicant', 'keeper'] },
        },
        input: { params: { caseId: '01j' }, query: { limit: '10' }, body: { name: '申请书' } },
      },
    ]);
    expect(result).toMatchObject({
      statusCode: 201,
      body: '{"状态":"好"}',
      isBase64Encoded: false,
      headers: {
        location: '/v1/x',
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-correlation-id': 'c-1',
      },
    });
  });

  it('takes name, roles and union of the claims that the provider uses', async () => {
    const source = callerSource({
      NAME_CLAIM: 'display',
      ROLES_CLAIM: 'groups',
      ORGANISATION_CLAIM: 'unit',
    });
    expect(
      await callerBy(source, undefined, { sub: 'u-1', display: '王合成', groups: ['keeper'], unit: 'hf' }),
    ).toEqual({
      subject: 'u-1',
      name: '王合成',
      roles: ['keeper'],
      organisation: 'hf',
    });
  });

  it('looks posts up where it is told to: an unknown subject is an applicant, a suspended person nothing', async () => {
    const items = new Map<string, Item>();
    const store = { get: async ({ pk, sk }: ItemKey) => items.get(`${pk}/${sk}`) };
    const source = callerSource({ ROLES_FROM: 'posts' });
    const claims = { sub: 'u-1', name: '王合成', roles: ['administrator'], organisation: 'ah' };
    const add = (change: Partial<Person>) => {
      const person = newPerson({ subject: 'u-1', name: '王登记', kind: 'staff', ...change }, 0);
      items.set('SUBJECT#u-1/PERSON', {
        pk: 'SUBJECT#u-1',
        sk: 'PERSON',
        version: 1,
        schema: 1,
        data: person,
      });
    };
    expect(await callerBy(source, store, claims)).toEqual({
      subject: 'u-1',
      name: '王合成',
      roles: ['applicant'],
    });
    const post = {
      postId: 'p',
      role: 'keeper' as const,
      organisation: 'hf',
      from: '2020-01-01T00:00:00.000Z',
      until: null,
    };
    add({ posts: [post] });
    expect(await callerBy(source, store, claims)).toEqual({
      subject: 'u-1',
      name: '王登记',
      roles: ['keeper'],
      organisation: 'hf',
    });
    add({ posts: [post], state: 'suspended' });
    expect(await callerBy(source, store, claims)).toEqual({ subject: 'u-1', name: '王登记', roles: [] });
  });

  it('hands on the bytes of a signed message as they came, encoded by the gateway or not', async () => {
    const bytes = Uint8Array.from([0, 255, 254, 128]);
    const signed = {
      routeKey: 'POST /v1/cross-checks/{requestId}/results',
      rawPath: '/v1/cross-checks/01j/results',
      rawQueryString: '',
      pathParameters: { requestId: '01j' },
      body: Buffer.from(bytes).toString('base64'),
      isBase64Encoded: true,
    };
    const { seen, result } = await called(apiEvent(signed, null));
    const [one] = seen;
    const { message } = z.object({ message: z.custom<RawMessage>() }).parse(one?.context);
    expect(Uint8Array.from(message.body)).toEqual(bytes);
    expect(message).toMatchObject({ method: 'POST', target: '/v1/cross-checks/01j/results' });
    expect(message.headers.host).toBe('example.execute-api.cn-north-1.amazonaws.com.cn');
    expect(result).toMatchObject({ statusCode: 200, body: '' });
  });

  it('takes a file and answers with one, byte by byte', async () => {
    const bytes = Uint8Array.from([0, 255, 254, 128]);
    const echo = defineFileRoute({
      method: 'POST',
      path: '/v1/organisations/import',
      operation: 'custody.transfer',
      status: 200,
      accepts: { types: ['application/octet-stream'], maxBytes: 4 },
      about: ABOUT,
      request: {},
      handle: async (_: object, { file }) => ({
        file: { contentType: 'application/x', name: 'a.x', bytes: file.toReversed() },
      }),
    });
    const send = (content: Uint8Array, type: string) => {
      const { headers, ...event } = apiEvent({
        routeKey: 'POST /v1/organisations/import',
        rawQueryString: '',
        pathParameters: {},
        body: Buffer.from(content).toString('base64'),
        isBase64Encoded: true,
      });
      return apiHandler([echo], {})({ ...event, headers: { ...headers, 'content-type': type } }, context);
    };
    expect(await send(bytes, 'Application/Octet-Stream; x=y')).toMatchObject({
      statusCode: 200,
      body: Buffer.from(bytes.toReversed()).toString('base64'),
      isBase64Encoded: true,
      headers: { 'content-type': 'application/x', 'content-disposition': 'attachment; filename="a.x"' },
    });
    expect(await send(bytes, 'application/json')).toMatchObject({ statusCode: 415, isBase64Encoded: false });
    expect(await send(new Uint8Array(5), 'application/octet-stream')).toMatchObject({ statusCode: 413 });
  });

  it.each<[string, object | null, Record<string, string>]>([
    ['a token that no authorizer has verified', null, {}],
    ['another token than the verified one', { ...CLAIMS, sub: 'u-2' }, {}],
    ['a token of another issuer than the verified one', { ...CLAIMS, iss: 'https://id.example.org' }, {}],
    [
      'a second header of the name, before or after the verified one',
      CLAIMS,
      { authorization: `Bearer ${tokenOf({ ...CLAIMS, sub: 'root' })},Bearer ${tokenOf(CLAIMS)}` },
    ],
    ['no token at all, whatever the event says', CLAIMS, { authorization: '' }],
  ])('believes no claims of %s', async (_, claims, headers) => {
    const event = apiEvent({}, claims);
    const { seen, result } = await called({ ...event, headers: { ...event.headers, ...headers } });
    expect(seen).toEqual([]);
    expect(result.statusCode).toBe(401);
    expect(Problem.parse(JSON.parse(result.body))).toMatchObject({ code: 'not-signed-in', instance: 'c-1' });
  });

  it('refuses a token that does not say who is meant', async () => {
    const { name: _, ...nameless } = CLAIMS;
    const { result } = await called({
      ...apiEvent({}, nameless),
      headers: { authorization: `Bearer ${tokenOf(nameless)}` },
    });
    expect(result.statusCode).toBe(401);
  });

  it('serves a request without body, query and path parameters, and refuses what they lack', async () => {
    const { result } = await called(
      apiEvent({ rawQueryString: '', pathParameters: undefined, body: undefined }),
    );
    expect(result.statusCode).toBe(400);
    expect(Problem.parse(JSON.parse(result.body)).code).toMatch(/body|json/);
  });

  it('asks for ports that may change at each request, and answers 500 where there are none', async () => {
    let asked = 0;
    const handler = apiHandler(routes, async () => {
      asked += 1;
      if (asked === 2) throw new TypeError('the secret of 340102199001011234');
      return { see: () => undefined };
    });
    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await handler(apiEvent(), context)).statusCode);
    expect(statuses).toEqual([201, 500, 201]);
    expect(lines.map((text) => JSON.parse(text))).toMatchObject([
      { level: 'ERROR', correlationId: 'c-1', error: 'TypeError' },
    ]);
    expect(lines.join('')).not.toContain('340102199001011234');
  });

  it('makes an id for a request that brings none of its own', async () => {
    const event = apiEvent();
    const { result } = await called({ ...event, headers: { 'x-correlation-id': 'a b\n' } });
    expect(result.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('fails where the gateway has a route that the function does not serve', async () => {
    await expect(called(apiEvent({ routeKey: '$default' }))).rejects.toMatchObject({ name: 'Error' });
  });
});

describe('workflowHandler', () => {
  const payloadSchema = z.object({ version: z.literal(1), caseId: z.string() });
  const failing = (thrown: unknown) =>
    workflowHandler(async () => {
      throw thrown;
    }, {});

  it('runs the use case with its ports and the payload, and returns its result to the state machine', async () => {
    const handler = workflowHandler(
      async (ports: { readonly by: string }, payload): Promise<JsonObject> => ({
        ...payloadSchema.parse(payload),
        by: ports.by,
      }),
      { by: 'ports' },
    );
    expect(await handler({ version: 1, caseId: '01j' }, context)).toEqual({
      version: 1,
      caseId: '01j',
      by: 'ports',
    });
    expect(logged).toEqual([]);
  });

  it('tells an error by its name, without what it quotes', async () => {
    const unavailable = new CentreUnavailable('no answer for 340102199001011234', {
      cause: new Error('张三'),
    });
    const error = await failing(unavailable)({}, context).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'Centre.Unavailable' });
    for (const told of [inspected(error), JSON.stringify(logged)]) {
      expect(told).toContain('Centre.Unavailable');
      expect(told).toContain(context.awsRequestId);
      expect(told).not.toMatch(/340102199001011234|张三/);
    }
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).toContain('handlers.test.ts');
  });

  it('tells each error that the definition retries or catches by the name it has there', async () => {
    const thrown = [new CaseClosed(), new CaseConflict(), new CentreRefused(), new CentreUnavailable()];
    const told = await Promise.all(
      thrown.map((one) =>
        failing(one)({}, context).catch((error: unknown) => z.instanceof(Error).parse(error).name),
      ),
    );
    const definition = readFileSync(
      new URL('../../../../statemachines/filing.asl.json', import.meta.url),
      'utf8',
    );
    const named = [...definition.matchAll(/"ErrorEquals": \[([^\]]*)\]/g)].flatMap(([, names = '']) =>
      z.array(z.string()).parse(JSON.parse(`[${names}]`)),
    );
    const ours = named.filter((name) => !/^(States|Lambda)\./.test(name));
    expect([...new Set(ours)].sort()).toEqual(told.sort());
  });

  it('passes on an error that is made for people', async () => {
    class Closed extends AppError {
      override readonly name = 'Closed';
    }
    await expect(failing(new Closed('closed', 409, '该档案已关闭。'))({}, context)).rejects.toMatchObject({
      name: 'Closed',
      message: '该档案已关闭。',
    });
    expect(logged).toMatchObject([{ code: 'closed' }]);
  });

  it('says where a payload of another version differs, not what it holds', async () => {
    const handler = workflowHandler(
      async (_ports, payload): Promise<JsonObject> => payloadSchema.parse(payload),
      {},
    );
    await expect(handler({ version: 2, caseId: ['340102199001011234'] }, context)).rejects.toMatchObject({
      name: 'ZodError',
      message: `details in the log under request ${context.awsRequestId}`,
    });
    expect(logged).toMatchObject([{ faults: 'version: invalid_value; caseId: invalid_type' }]);
    expect(JSON.stringify(logged)).not.toContain('340102199001011234');
  });

  it('gives a name to what is thrown without one', async () => {
    await expect(failing('340102199001011234')({}, context)).rejects.toMatchObject({ name: 'UnknownFault' });
    expect(JSON.stringify(logged)).not.toContain('340102199001011234');
  });
});

const inspected = (error: unknown): string =>
  error instanceof Error
    ? JSON.stringify([error.name, error.message, error.stack, error.cause, Object.entries(error)])
    : String(error);

/** An event as EventBridge delivers it for a bucket that notifies it. */
const objectCreated = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '123456789012',
  time: '2026-11-24T00:00:00Z',
  region: 'cn-north-1',
  resources: ['arn:aws-cn:s3:::uploads'],
  detail: {
    version: '0',
    bucket: { name: 'uploads' },
    object: {
      key: 'uploads/01j/申请书 1+2.pdf',
      size: 5,
      etag: 'b1946ac92492d2347c6235b4d2611184',
      'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
      sequencer: '00617F08299329D189',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '123456789012',
    'source-ip-address': '192.0.2.1',
    reason: 'PostObject',
  },
};

describe('objectCreatedHandler', () => {
  it('hands on the key as it is: EventBridge does not encode it', async () => {
    const received: unknown[] = [];
    await objectCreatedHandler(async (key) => received.push(key))(objectCreated, context);
    expect(received).toEqual(['uploads/01j/申请书 1+2.pdf']);
  });

  it('refuses another event', async () => {
    const receive = vi.fn(async () => undefined);
    const handler = objectCreatedHandler(receive);
    await expect(
      handler({ ...objectCreated, 'detail-type': 'Object Deleted' }, context),
    ).rejects.toMatchObject({ name: 'ZodError' });
    expect(receive).not.toHaveBeenCalled();
  });
});

describe('outboxHandler', () => {
  const record = (sk: string) => ({
    eventID: sk,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'cn-north-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_583_348_638,
      Keys: { pk: { S: 'OUTBOX#1' }, sk: { S: sk } },
      SequenceNumber: `sequence-${sk}`,
      SizeBytes: 20,
      StreamViewType: 'KEYS_ONLY',
    },
    eventSourceARN: 'arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t/stream/s',
  });
  const streamed = { Records: ['a', 'b', 'c', 'd'].map(record) };
  const scheduled = {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    time: '2026-11-24T00:00:00Z',
    resources: ['arn:aws-cn:events:cn-north-1:123456789012:rule/relay'],
    detail: {},
  };
  const rowAt = ({ pk, sk }: ItemKey): Item => ({ pk, sk, version: 1, schema: 1, data: { secret: '张三' } });
  const refuse = () => Promise.reject(new Error('not to be called'));

  it('tells the rows that the stream names, in order, but for those that are told already', async () => {
    const relayed: Item[] = [];
    const handler = outboxHandler({
      find: async (key) => (key.sk === 'b' ? undefined : rowAt(key)),
      relay: async (rows) => {
        relayed.push(...rows);
        return [];
      },
      sweep: refuse,
    });
    expect(await handler(streamed, context)).toEqual({ batchItemFailures: [] });
    expect(relayed.map(({ pk, sk }) => pk + sk)).toEqual(['OUTBOX#1a', 'OUTBOX#1c', 'OUTBOX#1d']);
  });

  it('names to the stream those that could not be told, and nothing of them to the log', async () => {
    const handler = outboxHandler({
      find: async (key) => rowAt(key),
      relay: async (rows) =>
        rows
          .filter(({ sk }) => sk === 'b' || sk === 'd')
          .map((row) => ({ row, error: new TypeError('of 张三') })),
      sweep: refuse,
    });
    expect(await handler(streamed, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'sequence-b' }, { itemIdentifier: 'sequence-d' }],
    });
    expect(lines.map((text) => JSON.parse(text))).toMatchObject([
      { level: 'ERROR', error: 'TypeError' },
      { level: 'ERROR', error: 'TypeError' },
    ]);
    expect(lines.join('')).not.toContain('张三');
  });

  it('has everything told when the schedule says so, and fails where something is left', async () => {
    const failures = [[], [{ row: { pk: 'OUTBOX#1', sk: 'a' }, error: new TypeError('of 张三') }]];
    const handler = outboxHandler({ find: refuse, relay: refuse, sweep: async () => failures.shift() ?? [] });
    expect(await handler(scheduled, context)).toEqual({ batchItemFailures: [] });
    await expect(handler(scheduled, context)).rejects.toMatchObject({ name: 'Outbox.Undelivered' });
    expect(lines.join('')).not.toContain('张三');
  });

  it('fails when the table cannot be read, so that the stream tries the batch again', async () => {
    const handler = outboxHandler({
      find: () => Promise.reject(new TypeError('fetch failed')),
      relay: refuse,
      sweep: refuse,
    });
    await expect(handler(streamed, context)).rejects.toMatchObject({ name: 'TypeError' });
  });

  it('refuses another event', async () => {
    const handler = outboxHandler({ find: refuse, relay: refuse, sweep: refuse });
    await expect(handler({ ...scheduled, source: 'aws.s3' }, context)).rejects.toMatchObject({
      name: 'ZodError',
    });
  });
});
