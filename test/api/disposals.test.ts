/** The disposal of what came to no file: what is due, who proposes and approves, what goes, what stays. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { auditEventSchema, canonicalJson, sha256, verifyChain } from '#domain/filing/audit.ts';
import { executionName } from '#domain/filing/case.ts';
import { disposalSchema, tombstoneSchema } from '#domain/filing/disposal.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import { Application } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson } from '../support/households.ts';
import { outsiderForm } from '../support/outsider.ts';

/** So many more writes come through; then the process is as good as killed. */
let writesLeft = Number.POSITIVE_INFINITY;
const mortal = (items: ItemStore): ItemStore => ({
  get: (key) => items.get(key),
  query: (query) => items.query(query),
  transact: async (operations) => {
    if (writesLeft <= 0) throw new Error('killed on purpose');
    writesLeft -= 1;
    await items.transact(operations);
  },
});

let edition: TestEdition;
let keeper: Client;
let second: Client;
let refused: Application;
let withdrawn: Application;
let lapsed: Application;
let filed: Application;
/** What the worker had downloaded before. */
let ownEvents: unknown;

const DUE = '/v1/disposals/due?union=ah-direct-1';
const people = async (): Promise<void> => {
  keeper = await edition.person('keeper-1', 'keeper', 'ah-direct-1');
  second = await edition.person('keeper-2', 'keeper', 'ah-direct');
};

beforeAll(async () => {
  edition = await openTestEdition({ wrapItems: mortal, personalData: { retention: { endedYears: 2 } } });
  refused = await (
    await Application.open(edition, { name: '独孤甲样例', spouse: newPerson('spouse', '配偶', '独孤乙样例') })
  ).file();
  await refused.passBelow();
  await refused.decide('centreReview', { decision: 'pass', opinion: '同意。' });
  await refused.object('该户另有住房出租，门牌样例。');
  await refused.noticeEnds();
  await refused.decide('objections', { decision: 'upheld', opinion: '异议属实。', clauses: ['B-5.6'] });
  withdrawn = await (await Application.open(edition)).file();
  await withdrawn.withdraw();
  filed = await (await Application.open(edition)).file();
  await filed.finish();
  lapsed = await (await Application.open(edition)).file(['bankCard']);
  await edition.settle();
  const { documents } = await refused.staff.grassroots.get(`/v1/cases/${refused.caseId}/documents`);
  const [{ documentId }] = z.tuple([z.looseObject({ documentId: z.string() })], z.unknown()).parse(documents);
  await refused.staff.grassroots.post(`/v1/cases/${refused.caseId}/openings`, {
    field: 'idNumber',
    memberId: 'worker',
    purpose: 'review',
  });
  await refused.staff.grassroots.post(
    `/v1/cases/${refused.caseId}/external-accesses`,
    outsiderForm([documentId], { purpose: '核对独孤甲样例一户' }),
  );
  ({ events: ownEvents } = await refused.worker.get(`/v1/cases/${refused.caseId}/own-data`));
  for (let month = 0; month < 6; month += 1) await edition.advanceDays(30);
  await people();
});
afterAll(() => edition.close());
beforeEach(people);

const dueSchema = z.strictObject({
  years: z.number(),
  due: z.array(z.looseObject({ caseId: z.string() })),
  cursor: z.string().nullable(),
});
const dueIds = async (client = keeper): Promise<readonly string[]> =>
  dueSchema.parse(await client.get(DUE)).due.map(({ caseId }) => caseId);

const propose = (caseIds: readonly string[], by = keeper) =>
  by.call('POST', '/v1/disposals', { union: 'ah-direct-1', caseIds, reason: '保存期满。' });

const proposed = async (...applications: readonly Application[]): Promise<string> => {
  const { body } = await propose(applications.map(({ caseId }) => caseId));
  return disposalSchema.parse(body).disposalId;
};

const faultsOf = async (caseIds: readonly string[]): Promise<unknown> => {
  const { status, body } = await propose(caseIds);
  return {
    status,
    faults: z
      .array(z.looseObject({ code: z.string() }))
      .parse(body.faults)
      .map(({ code }) => code),
  };
};

/** Every row of the table that holds one of these words, by its key. */
const rowsWith = (...words: readonly string[]): readonly string[] => {
  const database = new DatabaseSync(join(edition.folder.path, 'filing.db'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT * FROM items').all();
    return rows.flatMap((row) => {
      const text = Object.values(row)
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value)))
        .join(' ');
      return words.some((word) => text.includes(word)) ? [text.slice(0, 120)] : [];
    });
  } finally {
    database.close();
  }
};

describe('到期', () => {
  test('没有满本单位规定年限的，不在清单里，也不能列入销毁', async () => {
    expect(await dueIds()).toEqual([]);
    expect(await faultsOf([withdrawn.caseId])).toEqual({ status: 422, faults: ['not-due'] });
  });

  test('满年限的不予建档、撤回和逾期终止的在清单里；已建档的不在（B-14 保管10年）', async () => {
    for (let year = 0; year < 2; year += 1) await edition.advanceDays(370);
    await people();
    expect(await lapsed.record()).toMatchObject({ stage: 'rejected' });
    expect(dueSchema.parse(await keeper.get(DUE))).toMatchObject({ years: 2 });
    expect((await dueIds()).toSorted()).toEqual([refused.caseId, withdrawn.caseId, lapsed.caseId].toSorted());
    // Both above and the auditor see it, another union doesn't.
    expect(await dueIds(second)).toHaveLength(3);
    const elsewhere = await edition.person('keeper-3', 'keeper', 'hf-1-1');
    expect(await elsewhere.refused('GET', DUE)).toMatchObject({ status: 403 });
    expect(await faultsOf([filed.caseId])).toEqual({ status: 422, faults: ['not-in-custody'] });
    expect(await faultsOf([refused.caseId, refused.caseId])).toEqual({ status: 422, faults: ['repeated'] });
  });

  test('处于依法保留状态的材料，不能销毁：提出时不行，提出之后保留的，批准时也不行', async () => {
    const { documents } = edition.ports;
    const [paper] = await documents.list(`uploads/${withdrawn.caseId}/`);
    if (paper === undefined) throw new Error('there are papers');
    const disposalId = await proposed(withdrawn);
    await documents.setLegalHold(paper, true);
    expect(await faultsOf([withdrawn.caseId])).toEqual({ status: 422, faults: ['papers-held'] });
    expect(await second.refused('POST', `/v1/disposals/${disposalId}/approval`)).toMatchObject({
      status: 422,
      faults: [{ code: 'papers-held' }],
    });
    expect(await documents.head(paper)).toBeDefined();
    expect(await withdrawn.record()).toMatchObject({ stage: 'withdrawn', disposal: null });
    await documents.setLegalHold(paper, false);
  });
});

describe('销毁', () => {
  test('提出人不能自己批准；批准之前什么也没有销毁', async () => {
    const disposalId = await proposed(withdrawn);
    const path = `/v1/disposals/${disposalId}`;
    expect(await keeper.refused('POST', `${path}/approval`)).toMatchObject({
      status: 403,
      code: 'same-person',
    });
    expect(await keeper.get(path)).toMatchObject({ approved: null, protocolSha256: null, completed: false });
    expect(await withdrawn.record()).toMatchObject({ disposal: null });
  });

  test('只有档案管理人员可以提出和批准', async () => {
    const disposalId = await proposed(withdrawn);
    for (const role of ['grassrootsOfficer', 'centreReviewer', 'auditor', 'administrator'] as const) {
      const client = await edition.person('x', role, 'ah');
      expect((await propose([withdrawn.caseId], client)).status).toBe(403);
      expect((await client.call('POST', `/v1/disposals/${disposalId}/approval`)).status).toBe(403);
    }
    const auditor = await edition.person('x', 'auditor', 'ah');
    expect(await auditor.get(`/v1/disposals/${disposalId}`)).toMatchObject({ disposalId });
    expect((await keeper.get('/v1/disposals')).disposals).not.toEqual([]);
  });

  test('先有清册，再逐项销毁；中途断掉的，再次批准接着办完；只留下没有个人信息的记录', async () => {
    const { persons, notice, crossCheck, audit } = await refused.record();
    const execution = executionName(await refused.record());
    const traces = [
      refused.subject,
      ...persons.map(({ idIndex }) => idIndex),
      ...persons.map(({ name }) => name),
      ...(notice === null ? [] : [notice.noticeId]),
      ...(crossCheck === null ? [] : [crossCheck.requestId]),
    ];
    expect(rowsWith(...traces).length).toBeGreaterThan(10);
    const disposalId = await proposed(refused);
    const path = `/v1/disposals/${disposalId}`;
    let attempts = 0;
    for (; ; attempts += 1) {
      writesLeft = attempts;
      const { status } = await second.call('POST', `${path}/approval`);
      if (status === 200) break;
      expect(status).toBe(500);
      expect(attempts).toBeLessThan(40);
    }
    writesLeft = Number.POSITIVE_INFINITY;
    expect(attempts).toBeGreaterThan(3);
    // Once more changes nothing.
    const disposal = disposalSchema.parse(await second.post(`${path}/approval`));
    expect(disposal).toMatchObject({
      completed: true,
      reason: '保存期满。',
      proposed: { subject: 'keeper-1' },
      approved: { subject: 'keeper-2' },
      cases: [{ caseId: refused.caseId, outcome: 'rejected', clauses: ['B-5.6'] }],
    });
    const { protocolSha256, completed: _, ...protocol } = disposal;
    expect(protocolSha256).toBe(sha256(canonicalJson(protocol)));

    expect(rowsWith(...traces)).toEqual([]);
    expect(await edition.ports.documents.list(`uploads/${refused.caseId}/`)).toEqual([]);
    expect(await keeper.refused('GET', `/v1/cases/${refused.caseId}`)).toMatchObject({ status: 404 });
    // The execution has only ever known the case's id.
    expect(await edition.ports.workflow.describe(execution)).toBeDefined();

    const tombstone = tombstoneSchema.parse(await keeper.get(`/v1/cases/${refused.caseId}/tombstone`));
    expect(tombstone).toMatchObject({
      caseId: refused.caseId,
      route: 'provinceDirect',
      outcome: 'rejected',
      clauses: ['B-5.6'],
      applicationDate: '2019-01-07',
      custodian: 'ah-direct-1',
      disposalId,
      protocolSha256,
    });
    // One event more than there was: the disposal itself.
    expect(tombstone.head.sequence).toBe(audit.sequence + 1);
    expect(tombstone.chain).toHaveLength(tombstone.head.sequence);
    expect(tombstone.chain.at(-1)).toBe(tombstone.head.hash);
    expect(tombstone.chain.at(-2)).toBe(audit.hash);
  });

  test('持有办理记录的人，仍可以凭留下的哈希证明其中每一条；改动一字即不符', async () => {
    const { chain } = tombstoneSchema.parse(await keeper.get(`/v1/cases/${refused.caseId}/tombstone`));
    const events = z
      .array(auditEventSchema.loose())
      .parse(ownEvents)
      .map(({ name: _, ...event }) => auditEventSchema.parse(event));
    expect(events.length).toBeGreaterThan(5);
    const proves = (event: (typeof events)[number]): boolean =>
      !verifyChain([event]).some(({ code }) => code === 'changed') &&
      event.hash === chain[event.sequence - 1] &&
      (event.sequence === 1 || event.previous === chain[event.sequence - 2]);
    expect(events.every(proves)).toBe(true);
    const [event] = events;
    if (event === undefined) throw new Error('there are events');
    expect(proves({ ...event, data: { ...event.data, route: 'territorial' } })).toBe(false);
    expect(proves({ ...event, sequence: 2 })).toBe(false);
  });

  test('销毁的申请不再到期，别的申请和档案不受影响', async () => {
    expect((await dueIds()).toSorted()).toEqual([withdrawn.caseId, lapsed.caseId].toSorted());
    expect(await faultsOf([refused.caseId])).toEqual({ status: 422, faults: ['not-in-custody'] });
    expect((await filed.checkArchive()).faults).toEqual([]);
    expect(verifyChain(await withdrawn.events(), withdrawn.caseId)).toEqual([]);
  });
});

describe('不在销毁之列', () => {
  test('弄虚作假处理决定期限未满的，保留所依据的材料', async () => {
    const deciders = [
      await edition.person('decider-1', 'centreReviewer', 'ah'),
      await edition.person('decider-2', 'centreReviewer', 'ah'),
    ] as const;
    const { sanctionId } = await deciders[0].post('/v1/sanctions', {
      caseId: lapsed.caseId,
      number: '示工处〔2021〕1号',
      decidedOn: edition.today,
      facts: '隐瞒收入。',
      persons: ['worker'],
    });
    await deciders[1].post(`/v1/sanctions/${z.string().parse(sanctionId)}/confirmation`);
    await edition.settle();
    expect(await faultsOf([lapsed.caseId])).toEqual({ status: 422, faults: ['sanction-running'] });
  });
});
