import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AppError, CentreUnavailable } from '#functions/shared/errors.ts';
import { type ApiRequest, type ApiResponse, apiHandler } from '#functions/shared/lambda/api.ts';
import { objectCreatedHandler } from '#functions/shared/lambda/object-created.ts';
import { outboxHandler } from '#functions/shared/lambda/outbox.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';

const context = { awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef' };

let logged: unknown[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, 'error').mockImplementation((entry) => logged.push(entry));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = [
  base64url({ alg: 'ES256' }),
  base64url({ sub: 'u-1', roles: ['centre', 'city'] }),
  'c2ln',
].join('.');

/** An event as API Gateway sends it in payload format 2.0. */
const apiEvent = (changes: Record<string, unknown> = {}, authorized = true) => ({
  version: '2.0',
  routeKey: 'POST /v1/cases/{caseId}/documents',
  rawPath: '/v1/cases/01j/documents',
  rawQueryString: 'limit=10&kind=A-1&kind=A-2',
  headers: {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    host: 'example.execute-api.cn-north-1.amazonaws.com.cn',
  },
  queryStringParameters: { limit: '10', kind: 'A-1,A-2' },
  requestContext: {
    accountId: '123456789012',
    apiId: 'api-id',
    ...(authorized && {
      authorizer: { jwt: { claims: { sub: 'u-1', roles: '[centre city]' }, scopes: null } },
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

async function dispatched(event: unknown): Promise<ApiRequest> {
  const seen: ApiRequest[] = [];
  await apiHandler(async (request) => {
    seen.push(request);
    return { status: 204, headers: {}, body: '' };
  })(event, context);
  const [request] = seen;
  if (!request) throw new Error('not dispatched');
  return request;
}

describe('apiHandler', () => {
  it('hands on the request as the caller sent it', async () => {
    const request = await dispatched(apiEvent());
    expect(request).toMatchObject({
      method: 'POST',
      route: '/v1/cases/{caseId}/documents',
      path: '/v1/cases/01j/documents',
      parameters: { caseId: '01j' },
    });
    expect(request.query.getAll('kind')).toEqual(['A-1', 'A-2']);
    expect(request.headers['content-type']).toBe('application/json');
    expect(new TextDecoder().decode(request.body)).toBe('{"name":"申请书"}');
  });

  it('keeps the bytes of a body that the gateway encoded', async () => {
    const bytes = Uint8Array.from([0, 255, 254, 128]);
    const request = await dispatched(
      apiEvent({ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true }),
    );
    expect(Uint8Array.from(request.body)).toEqual(bytes);
  });

  it('takes the claims from the token, whose lists the gateway would flatten', async () => {
    expect((await dispatched(apiEvent())).claims).toEqual({ sub: 'u-1', roles: ['centre', 'city'] });
  });

  it('believes no token that no authorizer has verified', async () => {
    expect(await dispatched(apiEvent({}, false))).not.toHaveProperty('claims');
  });

  it('serves a request without body, query and path parameters', async () => {
    const request = await dispatched(
      apiEvent({
        routeKey: 'GET /v1/notices',
        rawPath: '/v1/notices',
        rawQueryString: '',
        pathParameters: undefined,
        body: undefined,
      }),
    );
    expect(request).toMatchObject({ route: '/v1/notices', parameters: {} });
    expect(request.body).toHaveLength(0);
  });

  it.each<[string, ApiResponse['body'], { body: string; isBase64Encoded: boolean }]>([
    ['text as it is', '{"状态":"好"}', { body: '{"状态":"好"}', isBase64Encoded: false }],
    ['bytes in base64', Uint8Array.from([0, 255]), { body: 'AP8=', isBase64Encoded: true }],
  ])('answers with %s', async (_, body, expected) => {
    const handler = apiHandler(async () => ({ status: 201, headers: { 'content-type': 'x/y' }, body }));
    expect(await handler(apiEvent(), context)).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'x/y' },
      ...expected,
    });
  });
});

describe('workflowHandler', () => {
  const parse = z.object({
    schema: z.literal(1),
    caseId: z.string(),
    taskToken: z.string().optional(),
  }).parse;

  it('runs the use case with the parsed payload and returns its result to the state machine', async () => {
    const handler = workflowHandler(parse, async ({ caseId, taskToken }) => ({ caseId, waits: !!taskToken }));
    expect(await handler({ schema: 1, caseId: '01j', taskToken: 'AAAA' }, context)).toEqual({
      caseId: '01j',
      waits: true,
    });
    expect(logged).toEqual([]);
  });

  it('tells an error by the name that Retry and Catch go by, without what it quotes', async () => {
    const handler = workflowHandler(parse, async () => {
      throw new CentreUnavailable('no answer for 340102199001011234', { cause: new Error('张三') });
    });
    const error = await handler({ schema: 1, caseId: '01j' }, context).catch((thrown: unknown) => thrown);
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

  it('passes on an error that is made for people', async () => {
    class Closed extends AppError {}
    const handler = workflowHandler(parse, async () => {
      throw new Closed('closed', 409, '该档案已关闭。');
    });
    await expect(handler({ schema: 1, caseId: '01j' }, context)).rejects.toMatchObject({
      name: 'Closed',
      message: '该档案已关闭。',
    });
    expect(logged).toMatchObject([{ code: 'closed' }]);
  });

  it('refuses a payload of another version and says where it differs, not what it holds', async () => {
    const handler = workflowHandler(parse, async () => null);
    await expect(handler({ schema: 2, caseId: ['340102199001011234'] }, context)).rejects.toMatchObject({
      name: 'ZodError',
      message: `details in the log under request ${context.awsRequestId}`,
    });
    expect(logged).toMatchObject([
      {
        faults: [
          { path: 'schema', code: 'invalid_value' },
          { path: 'caseId', code: 'invalid_type' },
        ],
      },
    ]);
    expect(JSON.stringify(logged)).not.toContain('340102199001011234');
  });

  it('gives a name to what is thrown without one', async () => {
    const handler = workflowHandler(parse, async () => Promise.reject('340102199001011234'));
    await expect(handler({ schema: 1, caseId: '01j' }, context)).rejects.toMatchObject({
      name: 'UnknownFault',
    });
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
    await objectCreatedHandler(async (object) => received.push(object))(objectCreated, context);
    expect(received).toEqual([{ key: 'uploads/01j/申请书 1+2.pdf', bytes: 5 }]);
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
  const streamed = {
    Records: [
      {
        eventID: '1',
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'cn-north-1',
        dynamodb: { Keys: { pk: { S: 'OUTBOX#1' }, sk: { S: '01j' } }, StreamViewType: 'KEYS_ONLY' },
        eventSourceARN: 'arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t/stream/s',
      },
    ],
  };
  const scheduled = {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    time: '2026-11-24T00:00:00Z',
    resources: ['arn:aws-cn:events:cn-north-1:123456789012:rule/relay'],
    detail: {},
  };

  it.each([
    ['the stream', streamed],
    ['the schedule', scheduled],
  ])('relays once when woken by %s', async (_, event) => {
    const relay = vi.fn(async () => 3);
    expect(await outboxHandler(relay)(event, context)).toBeUndefined();
    expect(relay).toHaveBeenCalledTimes(1);
  });

  it('fails when the relay fails, so that the stream tries again', async () => {
    const handler = outboxHandler(async () => {
      throw new TypeError('fetch failed');
    });
    await expect(handler(streamed, context)).rejects.toMatchObject({ name: 'TypeError' });
  });
});
