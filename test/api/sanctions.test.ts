/** Decisions on false declarations: entered, confirmed, felt, corrected; what is claimed back. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ROLES } from '#functions/shared/access/policy.ts';
import { keys } from '#functions/shared/keys.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { householdOf, newPerson } from '../support/households.ts';

let edition: TestEdition;
let first: Client;
let second: Client;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());
// Tokens live by wall time, case time is moved: they are made anew.
beforeEach(async () => {
  first = await edition.person('decider-1', 'centreReviewer', 'ah');
  second = await edition.person('decider-2', 'centreReviewer', 'ah');
});

const NUMBER = '示工处〔2019〕1号';
const textOf = (value: unknown): string => z.string().parse(value);

const rejected = async (spouse = newPerson('spouse', '配偶')): Promise<Application> => {
  const application = await (await Application.open(edition, { spouse })).file();
  await application.decide('grassrootsReview', {
    decision: 'reject',
    opinion: '隐瞒房产。',
    clauses: ['B-8.1'],
  });
  return application;
};

const form = (application: Application, more: Readonly<Record<string, unknown>> = {}) => ({
  caseId: application.caseId,
  number: NUMBER,
  decidedOn: edition.today,
  facts: '隐瞒一处出租房产。',
  persons: ['worker'],
  ...more,
});

const enter = async (
  application: Application,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> => textOf((await first.post('/v1/sanctions', form(application, more))).sanctionId);

const confirm = async (sanctionId: string): Promise<void> => {
  await second.post(`/v1/sanctions/${sanctionId}/confirmation`);
  await edition.settle();
};

const decide = async (
  application: Application,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const sanctionId = await enter(application, more);
  await confirm(sanctionId);
  return sanctionId;
};

/** A draft of today by another household that these people belong to now. */
const draftWith = async (...people: Application['household']['persons']): Promise<Application> => {
  const base = householdOf({ today: edition.today });
  const [worker, ...others] = people;
  if (worker === undefined) throw new Error('somebody must apply');
  const persons = [{ ...worker, memberId: 'worker' }, ...others];
  return Application.open(edition, {
    household: {
      ...base,
      persons,
      declaration: {
        ...base.declaration,
        members: [
          ...base.declaration.members,
          ...others.map(({ memberId }) => ({
            id: memberId,
            relation: 'spouse',
            onRegister: true,
            status: 'student',
            incomes: [],
          })),
        ],
      },
    },
  });
};

const submission = (application: Application) => `/v1/cases/${application.caseId}/submission`;

describe('弄虚作假处理决定（B-8.1，B-19）', () => {
  test('录入之后不生效；录入人自己不能确认；另一人确认后生效，通知该户，记入不诚信记录', async () => {
    const application = await rejected();
    const sanctionId = await enter(application);
    const again = await draftWith(...application.household.persons);
    const path = `/v1/sanctions/${sanctionId}`;
    expect(await first.get(path)).toMatchObject({ inForce: false, confirmed: null, dishonest: true });
    expect(await first.refused('POST', `${path}/confirmation`)).toMatchObject({
      status: 403,
      code: 'same-person',
    });
    await confirm(sanctionId);
    await second.post(`${path}/confirmation`);
    expect(await first.get(path)).toMatchObject({
      inForce: true,
      number: NUMBER,
      decidedOn: '2019-01-07',
      lastDay: '2020-12-31',
      persons: ['worker'],
      entered: { subject: 'decider-1' },
      confirmed: { subject: 'decider-2' },
    });
    expect((await application.letters()).at(-1)).toMatchObject({
      to: { subject: application.subject },
      title: '弄虚作假处理决定',
      text: expect.stringMatching(/示工处〔2019〕1号.*2020-12-31[\s\S]*B-8\.1[\s\S]*B-19/),
    });
    expect((await application.eventTypes()).slice(-2)).toEqual(['sanctionEntered', 'sanctioned']);
    // Not yet decided, it is between colleagues.
    const timeline = (await application.timeline()).map(({ type }) => type);
    expect(timeline).not.toContain('sanctionEntered');
    expect(timeline).toContain('sanctioned');
    expect(await again.worker.refused('POST', submission(again))).toMatchObject({ code: 'barred' });
  });

  test('决定列明的人不得再申报，答复写明文号和最后一天，不透露别的家庭；没有列明的成员不受影响', async () => {
    const application = await rejected(newPerson('spouse', '配偶'));
    await decide(application, { persons: ['spouse'] });
    const [worker, spouse] = application.household.persons;
    if (worker === undefined || spouse === undefined) throw new Error('there are two');
    const other = newPerson('worker', '户主');
    const married = await draftWith(other, { ...spouse, memberId: 'partner' });
    const problem = await married.worker.refused('POST', submission(married));
    expect(problem).toMatchObject({
      status: 409,
      code: 'barred',
      clause: 'B-8.1',
      number: NUMBER,
      lastDay: '2020-12-31',
    });
    expect(problem.detail).toContain(spouse.name);
    expect(problem.detail).toContain('至2020-12-31（含当日）止不得申报');
    for (const untold of [application.caseId, worker.name, '出租房产', spouse.idNumber]) {
      expect(JSON.stringify(problem)).not.toContain(untold);
    }
    expect(await married.record()).toMatchObject({ stage: 'draft' });
    const alone = await draftWith(worker);
    await alone.submit();
    expect(await alone.record()).toMatchObject({ stage: 'awaitingApplication' });
    await alone.withdraw();
  });

  test('正在办理的申请里有决定列明的人的，提示审核人；到建档时仍在期限内的，不予建档', async () => {
    const application = await rejected();
    const [worker] = application.household.persons;
    if (worker === undefined) throw new Error('there is a worker');
    const running = await (await draftWith(worker)).file();
    const untouched = await (await Application.open(edition)).file();
    const sanctionId = await decide(application);
    expect(await running.record()).toMatchObject({
      stage: 'grassrootsReview',
      bars: [{ sanctionId, memberId: 'worker', number: NUMBER, lastDay: '2020-12-31' }],
    });
    expect((await untouched.record()).bars).toEqual([]);
    const told = (await running.letters()).filter(({ title }) => title === '发现不得申报的决定');
    expect(told.map(({ to }) => to.organisation)).toEqual(['ah-direct-1', 'ah']);
    expect(told[0]?.text).toContain(NUMBER);
    expect(told[0]?.text).not.toContain(application.caseId);
    await running.establish();
    const record = await running.record();
    expect(record).toMatchObject({
      stage: 'rejected',
      file: null,
      refusal: { clauses: ['B-8.1', 'R-14'], by: null },
    });
    expect((await running.letters()).some(({ text }) => text.includes(NUMBER))).toBe(true);
    await untouched.withdraw();
  });

  test('以新的决定更正：原决定和新决定都保留，被更正的人可以申报，正在办理的提示撤销', async () => {
    const application = await rejected();
    const [worker, spouse] = application.household.persons;
    if (worker === undefined || spouse === undefined) throw new Error('there are two');
    const running = await (await draftWith(worker)).file();
    const original = await decide(application, { persons: ['worker', 'spouse'] });
    expect((await running.record()).bars).toHaveLength(1);
    const correction = await decide(application, {
      number: '示工处〔2019〕2号',
      persons: ['spouse'],
      corrects: original,
    });
    expect(await first.get(`/v1/sanctions/${original}`)).toMatchObject({
      inForce: false,
      correctedBy: correction,
      persons: ['worker', 'spouse'],
    });
    expect(await first.get(`/v1/sanctions/${correction}`)).toMatchObject({
      inForce: true,
      corrects: original,
    });
    expect((await running.record()).bars).toEqual([]);
    expect((await running.eventTypes()).slice(-2)).toEqual(['barFound', 'barLifted']);
    await running.withdraw();
    const still = await draftWith({ ...spouse, memberId: 'worker' });
    expect(await still.worker.refused('POST', submission(still))).toMatchObject({
      code: 'barred',
      number: '示工处〔2019〕2号',
    });
    // What was corrected is corrected once; lifting names nobody.
    expect(
      await first.refused('POST', '/v1/sanctions', form(application, { corrects: original })),
    ).toMatchObject({ status: 409, code: 'not-in-force' });
    await decide(application, { number: '示工处〔2019〕3号', persons: [], corrects: correction });
    await still.submit();
    expect(await still.record()).toMatchObject({ stage: 'awaitingApplication' });
    expect((await application.letters()).at(-1)).toMatchObject({ title: '处理决定已更正' });
    await still.withdraw();
  });

  test('写错的逐项退回：没有列明人员、不是该户成员、重复、日期在后', async () => {
    const application = await rejected();
    const faults = async (more: Readonly<Record<string, unknown>>) =>
      ((await first.refused('POST', '/v1/sanctions', form(application, more))).faults ?? []).map(
        ({ pointer, code }) => `${pointer} ${code}`,
      );
    expect(await faults({ persons: [] })).toEqual(['/persons nobody-named']);
    expect(await faults({ persons: ['stranger', 'worker', 'worker'] })).toEqual([
      '/persons/0 unknown-person',
      '/persons/2 unknown-person',
    ]);
    expect(await faults({ decidedOn: '2099-01-01' })).toEqual(['/decidedOn in-future']);
  });

  test('只有审核该申请的中心可以录入、确认；只有中心、巡查和审计看得到', async () => {
    const application = await rejected();
    const sanctionId = await enter(application);
    const wrong: string[] = [];
    for (const role of ROLES) {
      for (const union of ['ah', 'ah-direct', 'ah-direct-1', 'hf', undefined] as const) {
        const client = await edition.person('x', role, union);
        const centre = role === 'centreReviewer' && union === 'ah';
        const sees = role === 'auditor' || (union === 'ah' && ['centreReviewer', 'inspector'].includes(role));
        const entering = await client.call('POST', '/v1/sanctions', form(application, { persons: [] }));
        const reading = await client.call('GET', `/v1/sanctions/${sanctionId}`);
        const listing = await client.call('GET', '/v1/sanctions?union=ah');
        const confirming = centre
          ? { status: 200 }
          : await client.call('POST', `/v1/sanctions/${sanctionId}/confirmation`);
        const answers = [entering, confirming, reading, listing].map(({ status }) => status !== 403);
        if (answers.join() !== [centre, centre, sees, sees].join())
          wrong.push(`${role} ${union}: ${answers}`);
      }
    }
    expect(wrong).toEqual([]);
    const household = await edition.person(application.subject, 'centreReviewer', 'ah');
    expect(await household.refused('POST', '/v1/sanctions', form(application))).toMatchObject({
      status: 403,
      code: 'own-household',
    });
  });

  test('库里只有盲索引，没有证件号码；列表按作出的日期，新的在前', async () => {
    const application = await rejected();
    const sanctionId = await decide(application);
    const idNumber = application.household.persons[0]?.idNumber ?? '';
    const item = await edition.ports.items.get(keys.sanction(sanctionId));
    expect(JSON.stringify(item)).toContain(await edition.ports.vault.blindIndex(idNumber));
    expect(JSON.stringify(item)).not.toContain(idNumber);
    const page = z.looseObject({ sanctions: z.array(z.looseObject({ sanctionId: z.string() })) });
    const listed = await first.get('/v1/sanctions');
    expect(page.parse(listed).sanctions.map((one) => one.sanctionId)).toContain(sanctionId);
    expect(JSON.stringify(listed)).not.toContain('idIndex');
  });
});

describe('追回救助款物（B-19）', () => {
  const AID = [{ kind: 'living', amount: '3000', fund: 'centralFiscal' }];

  test('记明追回什么、多少、何时退回；退回后记明；通知该户', async () => {
    const application = await (await Application.open(edition)).file();
    await application.establish();
    await application.meet(AID);
    const sanctionId = await decide(application);
    const path = `/v1/cases/${application.caseId}/claw-backs`;
    const demand = { sanctionId, kind: 'money', what: '生活救助', amount: '3000.00', dueOn: '2019-06-30' };
    await first.post(path, demand);
    const [clawBack] = (await application.record()).clawBacks;
    expect(clawBack).toMatchObject({ ...demand, returned: null });
    expect((await application.letters()).at(-1)).toMatchObject({
      title: '追回救助款物',
      text: expect.stringContaining('3000.00元，请于2019-06-30前退回'),
    });
    const back = `${path}/${clawBack?.clawBackId}/return`;
    expect(await first.refused('POST', back, { on: '2099-01-01', note: '收据。' })).toMatchObject({
      status: 422,
    });
    await first.post(back, { on: edition.today, note: '现金缴回。' });
    await first.post(back, { on: edition.today, note: '又一次。' });
    expect((await application.record()).clawBacks).toMatchObject([
      { returned: { on: edition.today, note: '现金缴回。' } },
    ]);
    expect((await application.eventTypes()).slice(-2)).toEqual(['clawBackDemanded', 'clawBackReturned']);
  });

  test('没有获得救助的、没有生效决定的，不能追回', async () => {
    const refused = await rejected();
    const sanctionId = await decide(refused);
    const demand = { sanctionId, kind: 'goods', what: '慰问品', amount: '200', dueOn: '2019-12-31' };
    expect(await first.refused('POST', `/v1/cases/${refused.caseId}/claw-backs`, demand)).toMatchObject({
      status: 409,
      code: 'no-aid',
    });
    const aided = await (await Application.open(edition)).file();
    await aided.establish();
    await aided.meet(AID);
    const path = `/v1/cases/${aided.caseId}/claw-backs`;
    expect(await first.refused('POST', path, demand)).toMatchObject({ code: 'not-in-force' });
    const entered = await enter(aided);
    expect(await first.refused('POST', path, { ...demand, sanctionId: entered })).toMatchObject({
      code: 'not-in-force',
    });
  });
});

describe('期限跨年（R-14）', () => {
  test('到次年12月31日止不能提交，次日可以', async () => {
    const later = await openTestEdition({ centre: 'none', start: Date.parse('2019-01-07T01:00:00Z') });
    try {
      const application = await (await Application.open(later)).file();
      await application.decide('grassrootsReview', {
        decision: 'reject',
        opinion: '不实。',
        clauses: ['B-8.1'],
      });
      const one = await later.person('decider-1', 'centreReviewer', 'ah');
      const two = await later.person('decider-2', 'centreReviewer', 'ah');
      const { sanctionId } = await one.post('/v1/sanctions', {
        ...form(application),
        decidedOn: later.today,
      });
      await two.post(`/v1/sanctions/${textOf(sanctionId)}/confirmation`);
      await later.settle();
      const attempt = async (instant: string): Promise<string> => {
        await later.advanceTo(instant);
        const { persons } = application.household;
        const again = await Application.open(later, {
          household: { ...householdOf({ today: later.today }), persons },
        });
        const { status, body } = await again.worker.call('POST', submission(again));
        return status === 200 ? 'submitted' : textOf(body.code);
      };
      // The last minute of 31 December 2020 in Beijing, and the first of the new year.
      expect(await attempt('2020-12-31T15:59:00Z')).toBe('barred');
      expect(await attempt('2020-12-31T16:00:00Z')).toBe('submitted');
    } finally {
      await later.close();
    }
  });
});

test('审核通过之后才确认的决定，也挡住建档', async () => {
  const application = await rejected();
  const [worker] = application.household.persons;
  if (worker === undefined) throw new Error('there is a worker');
  const running = await (await draftWith(worker)).file();
  await running.passBelow();
  await running.decide('centreReview', PASS);
  await decide(application);
  await running.noticeEnds();
  expect(await running.record()).toMatchObject({ stage: 'rejected', file: null });
});
