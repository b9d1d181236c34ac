/** `Idempotency-Key`: what is sent again is created once, whatever happens in between. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { mintToken } from '#embedded/identity/issuer.ts';
import type { ItemOperation, ItemStore } from '#functions/shared/ports.ts';
import { Application } from '../support/application.ts';
import { Breaker } from '../support/breaker.ts';
import { type Answer, Client } from '../support/client.ts';
import { MONDAY, openTestEdition, type TestEdition, type TestEditionOptions } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Household, householdOf } from '../support/households.ts';
import { Process } from '../support/process.ts';

let edition: TestEdition | undefined;
afterEach(async () => {
  await edition?.close();
  edition = undefined;
});
const open = async (options: TestEditionOptions = {}): Promise<TestEdition> => {
  edition = await openTestEdition(options);
  return edition;
};

const send = (client: Client, path: string, body: unknown, key: string): Promise<Answer> =>
  client.call('POST', path, body, { 'idempotency-key': key });

const casesOf = async (client: Client): Promise<readonly unknown[]> =>
  z.array(z.unknown()).parse((await client.get('/v1/cases')).cases);

/** Every operation that reaches the store. */
const watch = () => {
  const seen: ItemOperation[] = [];
  const wrap = (items: ItemStore): ItemStore => ({
    get: (key) => items.get(key),
    query: (query) => items.query(query),
    transact: async (operations) => {
      await items.transact(operations);
      seen.push(...operations);
    },
  });
  return { seen, wrap };
};

describe('the same key and content', () => {
  test('opens one case, and gives the answer again', async () => {
    const { today, person } = await open().then((it) => ({ today: it.today, person: it.person.bind(it) }));
    const worker = await person('w', 'applicant');
    const household = householdOf({ today });
    const key = randomUUID();
    const first = await send(worker, '/v1/cases', household, key);
    const again = await send(worker, '/v1/cases', household, key);
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await casesOf(worker)).toHaveLength(1);
  });

  test('many at once open one case, and all are told which', async () => {
    const it = await open();
    const worker = await it.person('w', 'applicant');
    const household = householdOf({ today: it.today });
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => send(worker, '/v1/cases', household, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.caseId)).size).toBe(1);
    expect(await casesOf(worker)).toHaveLength(1);
  });

  test('raises one objection, records one meeting, promises one paper', async () => {
    const it = await open();
    const application = await (await Application.open(it)).file();
    const { worker, caseId, staff } = application;
    const paper = { paper: 'promise', contentType: 'application/pdf', bytes: 9, sha256: 'a'.repeat(64) };
    const [promised, repromised] = [randomUUID()].flatMap((key) => [
      send(worker, `/v1/cases/${caseId}/documents`, paper, key),
      send(worker, `/v1/cases/${caseId}/documents`, paper, key),
    ]);
    expect((await repromised)?.body.documentId).toBe((await promised)?.body.documentId);

    await application.passBelow();
    await application.decide('centreReview', { decision: 'pass', opinion: '同意。' });
    const { notice } = await application.record();
    const path = `/v1/notices/${notice?.noticeId}/objections`;
    const objection = { text: '该户另有住房出租。', contact: '张某 13800000000' };
    const key = randomUUID();
    const objections = await Promise.all([1, 2, 3].map(() => send(it.anyone(), path, objection, key)));
    expect(new Set(objections.map(({ body }) => body.objectionId)).size).toBe(1);
    expect((await application.eventTypes()).filter((type) => type === 'objectionRaised')).toHaveLength(1);

    await application.noticeEnds();
    await application.decide('objections', { decision: 'dismissed', opinion: '不属实。' });
    const minutes = application.minutes();
    const held = await send(staff.secretary, '/v1/meetings', minutes, key);
    await it.settle();
    const heldAgain = await send(staff.secretary, '/v1/meetings', minutes, key);
    expect([held.status, heldAgain.status]).toEqual([201, 201]);
    expect(heldAgain.body).toEqual(held.body);
    expect((await application.eventTypes()).filter((type) => type === 'meetingHeld')).toHaveLength(1);
  });
});

test('the same key with another content is refused, and opens nothing', async () => {
  const it = await open();
  const worker = await it.person('w', 'applicant');
  const household = householdOf({ today: it.today });
  const key = randomUUID();
  await send(worker, '/v1/cases', household, key);
  const { status, body } = await send(worker, '/v1/cases', { ...household, cause: '另一原因' }, key);
  expect([status, body.code]).toEqual([422, 'idempotency-key-reused']);
  expect(await casesOf(worker)).toHaveLength(1);
});

test('a key is its caller’s and its route’s own', async () => {
  const it = await open();
  const key = randomUUID();
  const household = householdOf({ today: it.today });
  const first = await send(await it.person('w1', 'applicant'), '/v1/cases', household, key);
  const second = await send(await it.person('w2', 'applicant'), '/v1/cases', household, key);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(first.body.caseId).not.toBe(second.body.caseId);
});

test('what was refused may be mended and sent again under the same key', async () => {
  const it = await open();
  const worker = await it.person('w', 'applicant');
  const household = householdOf({ today: it.today });
  const key = randomUUID();
  expect((await send(worker, '/v1/cases', { ...household, phone: '1' }, key)).status).toBe(422);
  expect((await send(worker, '/v1/cases', household, key)).status).toBe(201);
});

test.each(['short', 'x'.repeat(129), 'with a space in it', '"`"`"`\u00e9'])(
  'the key %j is none',
  async (key) => {
    const it = await open();
    const worker = await it.person('w', 'applicant');
    const { status, body } = await send(worker, '/v1/cases', householdOf({ today: it.today }), key);
    expect([status, body.code]).toEqual([400, 'invalid-idempotency-key']);
  },
);

test('neither the key nor anything of the content lies in its record', async () => {
  const { seen, wrap } = watch();
  const it = await open({ wrapItems: wrap });
  const key = randomUUID();
  await send(await it.person('w', 'applicant'), '/v1/cases', householdOf({ today: it.today }), key);
  const records = seen.flatMap((one) =>
    one.type === 'put' && one.item.pk.startsWith('REQUEST#') ? [one.item] : [],
  );
  expect(records).toHaveLength(1);
  const [record] = records;
  expect(record?.data).toEqual({
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    id: expect.stringMatching(/^[0-9a-z]{26}$/),
    expiresAt: expect.any(Number),
  });
  expect(JSON.stringify(record)).not.toContain(key);
});

test('after a day the key is free again', async () => {
  const { seen, wrap } = watch();
  const it = await open({ wrapItems: wrap });
  const worker = await it.person('w', 'applicant');
  const household = householdOf({ today: it.today });
  const key = randomUUID();
  const first = await send(worker, '/v1/cases', household, key);
  const [record] = seen.flatMap((one) =>
    one.type === 'put' && one.item.pk.startsWith('REQUEST#') ? [one.item] : [],
  );
  if (record === undefined) throw new Error('no record');
  const { expiresAt } = record.data;
  const day = 24 * 60 * 60 * 1000;
  expect(Math.abs(Number(expiresAt) - it.ports.clock.wall() - day)).toBeLessThan(60_000);
  // As if it had been written a day ago.
  const past = { ...record, version: 2, data: { ...record.data, expiresAt: it.ports.clock.wall() - 1 } };
  await it.ports.items.transact([{ type: 'put', item: past, condition: { version: 1 } }]);
  const second = await send(worker, '/v1/cases', household, key);
  expect(second.status).toBe(201);
  expect(second.body.caseId).not.toBe(first.body.caseId);
});

test('a write that fails leaves neither a case nor a record, and the same request succeeds afterwards', async () => {
  const breaker = new Breaker();
  const it = await open({ wrapItems: breaker.wrap });
  const worker = await it.person('w', 'applicant');
  const household = householdOf({ today: it.today });
  const key = randomUUID();
  breaker.fail({ event: 'opened' });
  expect((await send(worker, '/v1/cases', household, key)).status).toBe(500);
  expect(await casesOf(worker)).toHaveLength(0);
  breaker.mend();
  const answer = await send(worker, '/v1/cases', household, key);
  expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([201, null]);
  expect(await casesOf(worker)).toHaveLength(1);
});

test('one that is held up while another with its key goes through takes over that one’s answer', async () => {
  const breaker = new Breaker();
  const it = await open({ wrapItems: breaker.wrap });
  const worker = await it.person('w', 'applicant');
  const household = householdOf({ today: it.today });
  const key = randomUUID();
  const { reached, release } = breaker.hold({ event: 'opened' });
  const slow = send(worker, '/v1/cases', household, key);
  await reached;
  const quick = await send(worker, '/v1/cases', household, key);
  release();
  expect((await slow).body).toEqual(quick.body);
  expect((await slow).headers.get('idempotency-replayed')).toBe('true');
  expect(await casesOf(worker)).toHaveLength(1);
});

/** The process dies at the write, before it or after it; the client hears nothing and sends the same again. */
test.each([
  ['before-transact', null],
  ['after-transact', 'true'],
])('killed %s: sent again after the restart, there is one case', async (point, replayed) => {
  const folder = await temporaryFolder();
  const script = join(import.meta.dirname, '../faults/edition-child.ts');
  const start = async (crash: string) => {
    const child = new Process(script, [folder.path, '0', 'http://127.0.0.1:9', String(MONDAY), crash]);
    const { url } = z.object({ url: z.string() }).parse(JSON.parse((await child.line()) ?? 'null'));
    const token = await mintToken(join(folder.path, 'keys'), {
      subject: 'w',
      name: '样例',
      roles: ['applicant'],
      ttlSeconds: 3600,
    });
    return { child, worker: new Client(url, token) };
  };
  const household: Household = householdOf({ today: '2019-01-07' });
  const key = randomUUID();
  try {
    // The first start of all writes the tree of unions: it must not be the write that is waited for.
    await (await start('')).child.end('SIGTERM');
    const doomed = await start(`${point}:1`);
    await expect(send(doomed.worker, '/v1/cases', household, key)).rejects.toThrow('fetch failed');
    await doomed.child.ended;
    const next = await start('');
    const answer = await send(next.worker, '/v1/cases', household, key);
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([201, replayed]);
    expect(await casesOf(next.worker)).toHaveLength(1);
    await next.child.end('SIGTERM');
  } finally {
    await folder.remove();
  }
});
