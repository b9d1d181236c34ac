/**
 * 10,000 requests nobody should send, against the edition as its users have it, over real HTTP: none may bring it down
 * (5xx), show its insides, or show one person another's data. `FUZZ_SEED` repeats a run.
 */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintToken } from '#embedded/identity/issuer.ts';
import { ROLES } from '#functions/shared/access/policy.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { operations } from '../support/openapi.ts';
import { hostile, mutated } from '../support/schema-arbitrary.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_190_107);
const OVER_HTTP = 9_000;
const RAW = 1_000;
const AT_ONCE = 24;

let edition: TestEdition;
/** Whose data nobody of the callers below may see, but the public notice. */
let hidden: Application;
let shown: Application;
let own: Application;
/** Tokens of callers who have nothing to do with the hidden case. */
const tokens: string[] = [];
/** Of the shown case's public notice, and of the hidden case's open task. */
let noticeId: string;
let taskId: string;

beforeAll(async () => {
  edition = await openTestEdition();
  hidden = await (await Application.open(edition, { name: '不得外泄甲' })).file();
  shown = await (await Application.open(edition, { route: 'territorial' })).file();
  await shown.decide('grassrootsReview', { decision: 'pass', opinion: '同意。' });
  noticeId = (await shown.record()).notice?.noticeId ?? '';
  taskId = await hidden.taskId('grassrootsReview');
  own = await Application.open(edition, { route: 'territorial' });
  const keys = join(edition.folder.path, 'keys');
  for (const role of ROLES.filter((one) => one !== 'auditor')) {
    tokens.push(
      await mintToken(keys, {
        subject: role === 'applicant' ? own.subject : `fuzz-${role}`,
        name: '试探者',
        roles: [role],
        ttlSeconds: 3600,
        ...(role === 'applicant' ? {} : { organisation: 'hf-1-1' }),
      }),
    );
  }
});
afterAll(() => edition.close());

/** What must never be in an answer: our insides, anybody's plain numbers, the hidden case's people. */
const leaksOf = (text: string): readonly string[] => {
  const households = [hidden, shown, own].map(({ household }) => household);
  const secrets = [
    ...households.flatMap(({ persons, phone, address, bankCard }) => [
      ...persons.map(({ idNumber }) => idNumber),
      phone,
      address,
      bankCard.number,
    ]),
    ...hidden.household.persons.map(({ name }) => name),
    ...tokens,
    edition.folder.path,
  ];
  const insides =
    /node_modules|\.ts:\d|\bat [\w.<>]+ \(|SQLITE|sqlite|SELECT |INSERT INTO|filing\.db|ZodError|TypeError|eyJhbGci|taskToken|idIndex|"sealed"/;
  return [...secrets.filter((secret) => text.includes(secret)), ...(insides.exec(text) ?? [])];
};

type Shot = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
afterAll(() => agent.destroy());

const fire = ({ method, path, headers, body }: Shot): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(edition.url);
    const sent = request({ hostname, port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: `${JSON.stringify(response.headers)} ${Buffer.concat(chunks).toString('utf8')}`,
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** Works through a list, several at once, and gathers what is wrong. */
const gather = async <T>(
  list: readonly T[],
  judge: (one: T) => Promise<string | undefined>,
): Promise<string[]> => {
  const wrong: string[] = [];
  const queue = list.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of queue) {
        const fault = await judge(one);
        if (fault !== undefined) wrong.push(fault);
      }
    }),
  );
  return wrong;
};

const visible = fc
  .oneof(hostile, fc.string({ unit: 'binary', maxLength: 80 }))
  .map((value) =>
    encodeURIComponent(String(typeof value === 'object' ? JSON.stringify(value) : value).toWellFormed()),
  )
  .map((text) => text.slice(0, 3000));

/** For a path's parameter: what fits it, another's, or something hostile. */
const identifier = (path: string): fc.Arbitrary<string> => {
  const fits = path.includes('{noticeId}') ? [noticeId] : path.includes('{taskId}') ? [taskId] : [own.caseId];
  const others = [hidden.caseId, shown.caseId, noticeId, taskId, '0'.repeat(26), 'f'.repeat(32)];
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...fits) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
    { weight: 2, arbitrary: visible },
  );
};

/** A header's value: bytes that node lets a client send. */
const headerValue = fc.oneof(
  fc.stringMatching(/^[\x21-\x7e\x80-\xff]{0,200}$/),
  fc.constantFrom('*', '"1"', 'W/"1"', '"', '', '0', 'x'.repeat(4000), '__proto__'),
);

const shots = (): fc.Arbitrary<Shot> => {
  const header = fc.dictionary(
    fc.constantFrom(
      'idempotency-key',
      'if-match',
      'if-none-match',
      'x-correlation-id',
      'x-forwarded-for',
      'origin',
      'content-digest',
      'signature',
      'signature-input',
      'content-encoding',
      'accept',
    ),
    headerValue,
    { maxKeys: 3 },
  );
  const caller = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...tokens).map((token) => `Bearer ${token}`) },
    // The one who gets furthest.
    { weight: 3, arbitrary: fc.constant(`Bearer ${tokens[0]}`) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: headerValue },
  );
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constant('application/json') },
    { weight: 1, arbitrary: headerValue },
  );
  const query = fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc
        .array(
          fc.tuple(
            fc.oneof(fc.constantFrom('limit', 'cursor', 'union', 'inbox', '__proto__'), visible),
            visible,
          ),
          {
            minLength: 1,
            maxLength: 3,
          },
        )
        .map((pairs) => `?${pairs.map(([key, value]) => `${key}=${value}`).join('&')}`),
    },
  );
  const ofOperation = operations.map((operation): fc.Arbitrary<Shot> => {
    const content = operation.requestBody?.content['application/json'];
    const body =
      content === undefined
        ? fc.option(fc.constant('{}'), { nil: undefined, freq: 10 })
        : fc.oneof(
            {
              weight: 12,
              arbitrary: mutated(content.schema, content.example).map((value) => JSON.stringify(value)),
            },
            {
              weight: 1,
              arbitrary: fc
                .tuple(fc.nat({ max: 200 }), fc.string({ unit: 'binary' }))
                .map(([at, by]) => JSON.stringify(content.example).slice(0, at) + by),
            },
          );
    return fc
      .record({ id: identifier(operation.path), extra: header, caller, type, query, body })
      .map(({ id, extra, caller: authorization, type: contentType, query: text, body: sent }) => ({
        method: operation.method,
        path: `${operation.path.replace(/\{\w+\}/, () => id)}${text}`,
        headers: {
          ...extra,
          ...(authorization === undefined ? {} : { authorization }),
          ...(sent === undefined ? {} : { 'content-type': contentType }),
        },
        body: sent,
      }));
  });
  const elsewhere = fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
      path: visible,
      caller,
    })
    .map(({ method, path, caller: authorization }) => ({
      method,
      path: `/${path}`,
      headers: authorization === undefined ? {} : { authorization },
      body: undefined,
    }));
  return fc.oneof({ weight: 20, arbitrary: fc.oneof(...ofOperation) }, { weight: 1, arbitrary: elsewhere });
};

/** The one answer that holds plain numbers: to the worker, of the own case. */
const asOwner = ({ path, headers }: Shot): boolean =>
  headers.authorization === `Bearer ${tokens[ROLES.indexOf('applicant')]}` &&
  path.startsWith(`/v1/cases/${own.caseId}/own-data`);

/** An opening of a field of a case of the own union: the answer is that one field in plain, on record. */
const asOpening = ({ method, path }: Shot, status: number): boolean =>
  status === 200 &&
  method === 'POST' &&
  [shown, own].some(({ caseId }) => path === `/v1/cases/${caseId}/openings`);

test(`${OVER_HTTP} requests over HTTP, for every route and role (seed ${SEED})`, async () => {
  const statuses = new Map<number, number>();
  const wrong = await gather(fc.sample(shots(), { numRuns: OVER_HTTP, seed: SEED }), async (shot) => {
    const { status, text } = await fire(shot);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const leaks = asOwner(shot) || asOpening(shot, status) ? [] : leaksOf(text);
    if (status < 500 && status >= 200 && leaks.length === 0) return undefined;
    return `${status} ${leaks.join()} ${JSON.stringify(shot).slice(0, 600)}`;
  });
  expect(wrong).toEqual([]);
  // The net is wide enough: requests get as far as the use cases, and are refused at every door before them.
  for (const status of [200, 201, 400, 401, 403, 404, 409, 415, 422])
    expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
}, 120_000);

/** A connection's bytes as they are; everything that comes back. */
const throwAt = (bytes: Uint8Array): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(edition.url);
    const socket = connect(Number(port), hostname);
    const received: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end: ${JSON.stringify(Buffer.from(bytes).toString('latin1')).slice(0, 400)}`));
    }, 20_000);
    socket.on('data', (chunk) => received.push(chunk));
    // A reset is one of the ways to hang up.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received).toString('utf8'));
    });
    socket.end(bytes);
  });

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const rawShots = (): fc.Arbitrary<Uint8Array> => {
  const line = fc.oneof(
    fc.constantFrom(
      'GET / HTTP/1.1',
      'GET /v1/notices HTTP/1.1',
      'POST /v1/assessments HTTP/1.1',
      'POST /uploads HTTP/1.1',
      'GET  /  HTTP/1.1',
      'get / HTTP/1.1',
      'GET / HTTP/9.9',
      'GET /',
      'GET http://[::1/ HTTP/1.1',
      'GET /\u0000 HTTP/1.1',
      'GET /%00%0d%0aX:%20y HTTP/1.1',
      'PRI * HTTP/2.0',
      'TRACE / HTTP/1.1',
      'CONNECT a:1 HTTP/1.1',
      `GET /${'a'.repeat(20_000)} HTTP/1.1`,
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 60 }),
  );
  const header = fc.oneof(
    fc.constantFrom(
      'Host: x',
      'Host: x',
      'Host: x',
      'Host: a b',
      'Content-Length: 5',
      'Content-Length: 5, 5',
      'Content-Length: +5',
      'Content-Length: -1',
      'Content-Length: 99999999999999999999',
      'Content-Length : 5',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding:\tchunked',
      'Transfer-Encoding\u0000: chunked',
      ' folded: yes',
      'X: a\rb',
      'X: a\u0000b',
      'Expect: 100-continue',
      'Expect: nothing',
      'Upgrade: websocket',
      'Connection: upgrade',
      'Content-Type: application/json',
      'Content-Type: multipart/form-data; boundary=x',
      'Content-Type: multipart/form-data',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  );
  const rest = fc.oneof(
    fc.constantFrom(
      '',
      'hello',
      '5\r\nhello\r\n0\r\n\r\n',
      '5;ext="x\r\nhello\r\n0\r\n\r\n',
      'FFFFFFFFFFFFFFFF\r\nx',
      '-1\r\nx\r\n0\r\n\r\n',
      '0\r\n\r\nGET /v1/cases HTTP/1.1\r\nHost: x\r\n\r\n',
      '5\r\nhelloXX0\r\n\r\n',
      '0\r\nTrailer: x\r\n\r\n',
      '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc',
      '--x\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nabc\r\n--x--\r\n',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 200 }),
  );
  const end = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n');
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(line, fc.array(header, { maxLength: 6 }), rest, end)
        .map(([first, headers, body, eol]) => latin([first, ...headers, '', body].join(eol))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  );
};

test(`${RAW} connections with raw bytes: broken lines, smuggling, bad chunks, NULs (seed ${SEED})`, async () => {
  let answered = 0;
  const wrong = await gather(fc.sample(rawShots(), { numRuns: RAW, seed: SEED }), async (bytes) => {
    const conversation = await throwAt(bytes);
    const statuses = [...conversation.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
    answered += statuses.length;
    const leaks = leaksOf(conversation);
    if (statuses.every((status) => status < 500) && leaks.length === 0) return undefined;
    return `${statuses} ${leaks.join()} ${JSON.stringify(Buffer.from(bytes).toString('latin1')).slice(0, 400)}`;
  });
  expect(wrong).toEqual([]);
  expect(answered).toBeGreaterThan(RAW / 2);
}, 120_000);

test('afterwards it is there, has nothing in its log, and its prototypes are as they were', async () => {
  expect((await fire({ method: 'GET', path: '/health', headers: {}, body: undefined })).status).toBe(200);
  expect(edition.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect((await hidden.record()).opinions).toEqual([]);
});
