/**
 * The functions as they are deployed: each bundle by itself, in a Node process that has no packages, against a
 * stand-in for AWS that knows no case.
 */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionDeclaration,
  type FunctionName,
} from '#functions/manifest.ts';
import { bundle, entryOf } from '#infra/bundle.ts';
import { bytesAtStart } from '#test/support/bundles.ts';
import { LAMBDA_ENVIRONMENT } from '#test/support/lambda-environment.ts';
import { type LocalServer, startLocalServer } from '#test/support/local-server.ts';

const keyRing = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const part = (jwk: object) => ({ algorithm: 'ed25519', jwk });
  return JSON.stringify({
    signing: { keyId: 'ours', ...part(privateKey.export({ format: 'jwk' })) },
    trusted: [{ keyId: 'theirs', ...part(publicKey.export({ format: 'jwk' })) }],
  });
};

/** By operation: an empty table, and the centre's keys. */
const ANSWERS: Readonly<Record<string, object>> = {
  GetItem: {},
  Query: { Items: [], Count: 0 },
  GetSecretValue: { SecretString: keyRing() },
};

let folder: string;
let bundles: ReadonlyMap<string, string>;
let service: LocalServer;
const requests: { readonly operation: string; readonly body: unknown }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'infra-bundle-'));
  bundles = await bundle(
    new Map(FUNCTION_NAMES.map((name) => [name, entryOf(name)])),
    join(folder, 'bundles'),
  );
  service = await startLocalServer(async (request, response) => {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    requests.push({ operation, body: await json(request) });
    response.statusCode = operation in ANSWERS ? 200 : 400;
    response.end(JSON.stringify(ANSWERS[operation] ?? { __type: 'UnknownOperationException' }));
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await service.stop();
});

const folderOf = (name: FunctionName): string => bundles.get(name) ?? 'missing';

/** All that belongs to a function, loaded at its start or on demand. */
const textOf = (name: FunctionName): string =>
  readdirSync(folderOf(name))
    .toSorted()
    .map((file) => readFileSync(join(folderOf(name), file), 'utf8'))
    .join('\n');

const Outcome = z.union([
  z.strictObject({ result: z.json().optional() }),
  z.strictObject({ errorType: z.string(), errorMessage: z.string() }),
]);

/** The answers of handlers to an event each; an error as Lambda's runtime tells it. */
async function answers(
  events: Partial<Record<FunctionName, unknown>>,
  environment: Readonly<Record<string, string>> = LAMBDA_ENVIRONMENT,
): Promise<Readonly<Record<string, z.output<typeof Outcome>>>> {
  const calls = Object.entries(events).map(([name, event]) => ({
    name,
    event,
    url: pathToFileURL(join(bundles.get(name) ?? 'missing', 'index.mjs')).href,
  }));
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs';
    const told = {};
    for (const { name, event, url } of ${JSON.stringify(calls)})
      try {
        const { handler } = await import(url);
        told[name] = { result: await handler(event, { awsRequestId: 'r-1' }) };
      } catch ({ name: errorType, message: errorMessage }) {
        told[name] = { errorType, errorMessage };
      }
    writeFileSync('told.json', JSON.stringify(told));`,
  );
  await promisify(execFile)(process.execPath, [program], {
    cwd: folder,
    env: { ...environment, AWS_ENDPOINT_URL: service.url },
  });
  return z.record(z.string(), Outcome).parse(JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')));
}

const declared = (name: FunctionName): FunctionDeclaration => FUNCTIONS[name];
const withTrigger = (kind: FunctionDeclaration['trigger']['kind']) =>
  FUNCTION_NAMES.filter((name) => declared(name).trigger.kind === kind);
const eventsFor = (names: readonly FunctionName[], event: (name: FunctionName) => unknown) =>
  Object.fromEntries(names.map((name) => [name, event(name)]));

const CASE_ID = '01j9z3k4m5n6p7q8r9s0t1v2w3';

/** What some payloads have beyond that of all. */
const MORE: Partial<Record<FunctionName, object>> = {
  'open-task': { kind: 'centreReview', taskToken: 'AAAA' },
  'escalate-task': { kind: 'centreReview' },
  'request-cross-check': { taskToken: 'AAAA' },
  'report-fault': { state: 'Archive', fault: 'States.Runtime' },
};

/** The first route's event as API Gateway sends it, with nothing in it but an empty JSON object. */
const apiEvent = (name: FunctionName, changes: object = {}) => {
  const { trigger } = declared(name);
  const [route] = trigger.kind === 'routes' ? trigger.routes : [];
  if (route === undefined) throw new Error(`${name} has no route`);
  const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  return {
    version: '2.0',
    routeKey: `${route.method} ${route.path}`,
    rawPath: route.path.replaceAll(/\{\w+\}/g, CASE_ID),
    // No route knows this parameter: what needs no token is refused before anything is read.
    rawQueryString: route.access === 'public' ? 'colour=red' : '',
    headers: { 'content-type': 'application/json' },
    pathParameters: Object.fromEntries(parameters.map((parameter) => [parameter, CASE_ID])),
    ...(route.method !== 'GET' && { body: '{}' }),
    isBase64Encoded: false,
    requestContext: {},
    ...changes,
  };
};

const Api = z.object({ result: z.object({ statusCode: z.int(), body: z.string() }) });
const Problem = z.object({ code: z.string() });
const statusAndCode = (outcome: unknown) => {
  const { statusCode, body } = Api.parse(outcome).result;
  return [statusCode, Problem.parse(JSON.parse(body)).code];
};

describe('every function of the manifest runs by itself', () => {
  it('those of the API refuse whoever has not signed in, or does not fit', async () => {
    const told = await answers(eventsFor(withTrigger('routes'), (name) => apiEvent(name)));
    const expected = {
      jwt: [401, 'not-signed-in'],
      signature: [401, 'signature-missing'],
      public: [422, 'invalid-input'],
    };
    const accessOf = (name: FunctionName) => {
      const { trigger } = declared(name);
      return trigger.kind === 'routes' ? (trigger.routes[0]?.access ?? 'jwt') : 'jwt';
    };
    expect(Object.fromEntries(Object.entries(told).map(([name, one]) => [name, statusAndCode(one)]))).toEqual(
      eventsFor(withTrigger('routes'), (name) => expected[accessOf(name)]),
    );
  });

  it('those of the state machine read the case, and tell errors by the name that Catch goes by', async () => {
    requests.length = 0;
    const names = withTrigger('workflow');
    const told = await answers(
      eventsFor(names, (name) => ({
        version: 1,
        caseId: CASE_ID,
        submission: 1,
        visit: 1,
        ...MORE[name],
      })),
    );
    expect(told).toEqual(
      eventsFor(names, () => ({ errorType: 'AppError', errorMessage: '没有找到该申请，请核对编号。' })),
    );
    const ofCase = {
      operation: 'GetItem',
      body: {
        TableName: 'table',
        Key: { pk: { S: `CASE#${CASE_ID}` }, sk: { S: 'CASE' } },
        ConsistentRead: true,
      },
    };
    expect(requests.filter((request) => isDeepStrictEqual(request, ofCase))).toHaveLength(names.length);
  });

  it('those of events take what is none of theirs, and an empty outbox', async () => {
    const told = await answers({
      'receive-document': {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: { bucket: { name: 'uploads' }, object: { key: 'uploads/somebody-elses' } },
      },
      'relay-outbox': { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} },
    });
    expect(told).toEqual({ 'receive-document': {}, 'relay-outbox': { result: { batchItemFailures: [] } } });
  });

  it('a signed-in caller is answered from the table', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: 'https://id.example.cn',
      sub: 'u-1',
      name: '王合成',
      roles: ['applicant'],
    };
    const event = apiEvent('read-case', {
      routeKey: 'GET /v1/cases/{caseId}',
      rawPath: `/v1/cases/${CASE_ID}`,
      pathParameters: { caseId: CASE_ID },
      headers: { authorization: `Bearer ${part({ alg: 'RS256' })}.${part(claims)}.c2ln` },
      requestContext: { authorizer: { jwt: { claims: { ...claims, roles: '[applicant]' } } } },
    });
    const told = await answers({ 'read-case': event });
    expect(statusAndCode(told['read-case'])).toEqual([404, 'case-not-found']);
  });

  it('says at once, and together, which variables are wrong', async () => {
    const { TABLE_NAME: _, ...rest } = LAMBDA_ENVIRONMENT;
    const told = await answers({ 'open-task': {} }, { ...rest, API_URL: 'http://api.example.cn' });
    expect(told['open-task']).toEqual({
      errorType: 'Error',
      errorMessage: "the function's environment is wrong: TABLE_NAME: invalid_type; API_URL: invalid_format",
    });
  });
});

describe('a bundle', () => {
  const rightsOf = (name: FunctionName) => declared(name).rights;
  const takesCallbacks = (name: FunctionName) => {
    const { trigger } = declared(name);
    return trigger.kind === 'routes' && trigger.routes.some(({ access }) => access === 'signature');
  };

  it.each<[string, string, (name: FunctionName) => boolean]>([
    ['DynamoDB', 'DynamoDB_20120810', (name) => rightsOf(name).table !== undefined],
    [
      'S3',
      'AmazonS3',
      (name) => rightsOf(name).uploads !== undefined || rightsOf(name).archive !== undefined,
    ],
    [
      'KMS',
      'TrentService',
      (name) => rightsOf(name).vault !== undefined || !!rightsOf(name).egress?.includes('mail'),
    ],
    ['Step Functions', 'AWSStepFunctions', (name) => rightsOf(name).workflow !== undefined],
    ['SNS', 'AmazonSimpleNotificationService', (name) => !!rightsOf(name).egress?.includes('notifier')],
    [
      'Secrets Manager',
      'secretsmanager',
      (name) =>
        !!rightsOf(name).egress?.some((way) => way === 'centre' || way === 'mail') || takesCallbacks(name),
    ],
  ])('holds the client of %s where its function has a right to it, and nowhere else', (_, marker, has) => {
    expect(FUNCTION_NAMES.filter((name) => textOf(name).includes(marker))).toEqual(
      FUNCTION_NAMES.filter(has),
    );
  });

  it('is the same byte for byte when it is made by itself, elsewhere', async () => {
    const names = ['archive-file', 'try-assessment'] as const;
    for (const name of names) {
      const again = await bundle(new Map([[name, entryOf(name)]]), join(folder, `again-${name}`));
      expect(readFileSync(join(again.get(name) ?? '', 'index.mjs'), 'utf8') === textOf(name)).toBe(true);
    }
  });

  it('is small: a cold start reads all of it', () => {
    const sizes = FUNCTION_NAMES.map((name) => ({ name, bytes: bytesAtStart(folderOf(name)) }));
    expect(sizes.filter(({ bytes }) => bytes > 600_000)).toEqual([]);
  });

  it('holds what it needs seldom beside it: the relay’s mail, the stamp for outsiders’ papers', () => {
    const files = (name: FunctionName) => readdirSync(folderOf(name)).length;
    expect(FUNCTION_NAMES.filter((name) => files(name) > 1)).toEqual(['relay-outbox', 'open-external']);
    expect(readFileSync(join(folderOf('relay-outbox'), 'index.mjs'), 'utf8')).not.toContain('nodemailer');
    expect(textOf('relay-outbox')).toContain('nodemailer');
    expect(readFileSync(join(folderOf('open-external'), 'index.mjs'), 'utf8')).not.toContain('PDFDocument');
    expect(bytesAtStart(folderOf('relay-outbox'))).toBeLessThan(
      Buffer.byteLength(textOf('relay-outbox')) - 200_000,
    );
  });
});

it('names every entry that is missing, and makes nothing', async () => {
  const entries = new Map([
    ['open-case', entryOf('open-case')],
    ['no-such-function', entryOf('no-such-function')],
    ['nor-this', entryOf('nor-this')],
  ]);
  await expect(bundle(entries, join(folder, 'none'))).rejects.toThrow(
    /no Lambda entry for 2 functions:\n {2}no-such-function: \S+\/functions\/no-such-function\/handler.ts\n {2}nor-this: /,
  );
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
