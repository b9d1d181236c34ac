import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { addDays } from '#domain/calendar/dates.ts';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { householdOf, newPerson } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();

/** A household with an aunt who isn't on the register: 18000 − 12000 a head of one, or of two. */
const withAunt = async (route: 'provinceDirect' | 'territorial' = 'provinceDirect'): Promise<Application> => {
  const aunt = newPerson('aunt', '姑母');
  const household = householdOf({ today: edition.today, route });
  const { declaration } = household;
  return file({
    household: {
      ...household,
      persons: [...household.persons, aunt],
      declaration: {
        ...declaration,
        members: [
          ...declaration.members,
          { id: 'aunt', relation: 'other', onRegister: false, status: 'student', incomes: [] },
        ],
      },
    },
  });
};

const member = (livesTogether: boolean) => ({ members: [{ memberId: 'aunt', livesTogether }] });
const membersSchema = z.looseObject({
  members: z.array(z.looseObject({ id: z.string(), visitConfirmed: z.boolean().optional() })),
});
const membersOf = async (application: Application) =>
  membersSchema.parse((await application.record()).declaration).members;

describe('入户走访', () => {
  test('走访记录写明谁、何时、何处、查明什么，可在申请中查看，记入办理记录，告知家庭', async () => {
    const application = await file();
    const { grassroots } = application.staff;
    await application.visit(grassroots, {
      housing: '租住一间，28平方米',
      incomes: [{ memberId: 'worker', assessed: '17500.50', note: '按出工记录评估' }],
      neighbours: '邻居反映情况属实。',
    });
    const view = await application.worker.get(`/v1/cases/${application.caseId}`);
    expect(view.visits).toMatchObject([
      {
        visitedOn: '2019-01-07',
        place: 'home',
        visitors: ['甲走访', '乙走访'],
        organisation: 'ah-direct-1',
        findings: { housing: '租住一间，28平方米', incomes: [{ assessed: '17500.50' }] },
        settled: [],
        signature: { kind: 'signed' },
      },
    ]);
    const event = (await application.events()).findLast(({ type }) => type === 'visited');
    expect(event).toMatchObject({ actor: { name: 'officer-1（样例）' }, data: { place: 'home' } });
    expect((await application.letters()).at(-1)).toMatchObject({
      to: { subject: application.subject },
      title: '走访已记录',
      text: expect.stringContaining('甲走访、乙走访于2019-01-07走访（家中）'),
    });
    await application.withdraw();
  });

  test('走访存入档案，离线可核验（B-9）', async () => {
    const application = await file();
    await application.visit(application.staff.grassroots);
    await application.finish();
    expect(await application.checkArchive()).toMatchObject({ ok: true });
    const { archive, visits } = await application.record();
    const stored = await edition.ports.documents.read(`${archive?.prefix}visits.json`);
    expect(JSON.parse(Buffer.from(stored).toString('utf8'))).toEqual({ visits });
    const names = await edition.ports.documents.list(`${archive?.prefix}documents/`);
    expect(names.filter((name) => /visitRecord|visitPhoto/.test(name))).toHaveLength(2);
  });

  test('不在户口本上的共同居住人，确认后计入（A-7、R-11），事实的来源随走访保存', async () => {
    const application = await withAunt();
    await application.visit(application.staff.grassroots, member(true));
    const { visits } = await application.record();
    expect(visits[0]?.settled).toMatchObject([{ fact: 'memberConfirmed', memberId: 'aunt', clause: 'R-11' }]);
    expect(await membersOf(application)).toMatchObject([
      { id: 'worker' },
      { id: 'aunt', visitConfirmed: true },
    ]);
    await application.passBelow();
    // (18000 − 12000) ÷ 12 ÷ 2
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      determination: { outcome: 'eligible', net: '250.00' },
    });
    await application.withdraw();
  });

  test('没有走访的，测算停在待核实事实；走访查明不共同居住的删去后重新测算（R-11）', async () => {
    const application = await withAunt();
    await application.passBelow();
    expect(await application.record()).toMatchObject({
      stage: 'awaitingFacts',
      determination: { missing: [{ clause: 'R-11' }] },
    });
    await application.visit(application.staff.centre, member(false));
    expect(await membersOf(application)).toMatchObject([{ id: 'worker' }]);
    const { persons, visits } = await application.record();
    expect(persons.map(({ memberId }) => memberId)).toEqual(['worker']);
    expect(visits[0]?.settled).toMatchObject([{ fact: 'memberStruck', memberId: 'aunt', clause: 'R-11' }]);
    expect((await application.letters()).at(-1)?.text).toContain('没有与您家庭共同居住，不计入家庭人口');
    await application.decide('facts', { decision: 'settled', opinion: '走访查明。' });
    await application.answered();
    // (18000 − 12000) ÷ 12 ÷ 1
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      determination: { outcome: 'eligible', net: '500.00' },
    });
    await application.withdraw();
  });

  test('走访得来的事实不能自行申报，也不会因修改申报而丢失', async () => {
    const household = householdOf({
      today: edition.today,
      declaration: { crossCheckAuthorised: false, onSiteVisit: true },
    });
    const worker = await edition.person('claimant', 'applicant');
    expect(await worker.refused('POST', '/v1/cases', household)).toMatchObject({
      faults: [{ pointer: '/declaration/onSiteVisit', code: 'visit-only' }],
    });

    const application = await withAunt();
    await application.visit(application.staff.grassroots, member(true));
    await application.decide('grassrootsReview', {
      decision: 'supplement',
      opinion: '请重交银行卡复印件。',
      papers: [{ paper: 'bankCard' }],
    });
    const { declaration } = application.household;
    await application.worker.put(`/v1/cases/${application.caseId}/declaration`, {
      declaration,
      reason: '改回原样。',
    });
    expect(await membersOf(application)).toMatchObject([
      { id: 'worker' },
      { id: 'aunt', visitConfirmed: true },
    ]);
    await application.withdraw();
  });

  test.each([
    ['基层工会', 'ah-direct-1', 'grassrootsOfficer', 'awaitingFacts'],
    ['上级工会', 'ah-direct', 'superiorOfficer', 'centreReview'],
  ] as const)('农民工不能比对的：%s的走访（C-2）', async (_, union, role, stage) => {
    const worker = { kind: 'migrant', standing: 'employed', labourRelationMonths: 12 };
    const application = await file({ declaration: { crossCheckAuthorised: false, worker } });
    await application.visit(await edition.person('visitor', role, union));
    await application.passBelow();
    expect(await application.record()).toMatchObject({ stage, crossCheck: { status: 'declined' } });
    if (stage === 'awaitingFacts') {
      expect((await application.record()).determination?.missing).toMatchObject([{ clause: 'C-2' }]);
      await application.visit(application.staff.centre);
      expect((await application.record()).visits.at(-1)?.settled).toMatchObject([
        { fact: 'onSiteVisit', clause: 'C-2' },
      ]);
      await application.decide('facts', { decision: 'settled', opinion: '已走访。' });
      expect(await application.record()).toMatchObject({ stage: 'centreReview' });
    }
    await application.withdraw();
  });

  test('每一处错误一次说全，什么都不改变', async () => {
    const application = await withAunt();
    const { grassroots } = application.staff;
    const form = await application.visitForm(
      {
        members: [
          { memberId: 'worker', livesTogether: false },
          { memberId: 'nobody', livesTogether: true },
        ],
        incomes: [{ memberId: 'ghost', assessed: '1' }],
      },
      {
        visitedOn: addDays(edition.today, 1),
        photos: ['missing'],
        signature: { kind: 'signed', document: 'missing' },
      },
    );
    const mark = await application.mark();
    const refused = await grassroots.refused('POST', `/v1/cases/${application.caseId}/visits`, form);
    expect(refused.faults?.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/visitedOn in-future',
      '/findings/members/0/memberId on-register',
      '/findings/members/1/memberId unknown-person',
      '/findings/incomes/0/memberId unknown-person',
      '/photos/0 unknown-document',
      '/signature/document unknown-document',
    ]);
    expect(await application.mark()).toBe(mark);
    await application.withdraw();
  });

  test('户主不签字的，写明原因', async () => {
    const application = await file();
    const signature = { kind: 'unsigned', reason: '住院，无法签字。' };
    await application.visit(application.staff.superior, {}, { signature });
    expect((await application.record()).visits).toMatchObject([{ signature }]);
    await application.withdraw();
  });

  test('测算之后、公示之后不能再改变家庭成员，要先退回', async () => {
    const later = await withAunt();
    await later.visit(later.staff.grassroots, member(true));
    await later.passBelow();
    const path = `/v1/cases/${later.caseId}/visits`;
    expect(
      await later.staff.centre.refused('POST', path, await later.visitForm(member(false))),
    ).toMatchObject({ status: 409, code: 'wrong-stage' });
    // A visit that settles nothing of the kind is always welcome.
    await later.visit(later.staff.centre);
    await later.withdraw();

    const published = await withAunt('territorial');
    await published.decide('grassrootsReview', PASS);
    await published.noticeEnds();
    const county = published.staff.superior;
    expect(
      await county.refused(
        'POST',
        `/v1/cases/${published.caseId}/visits`,
        await published.visitForm(member(false)),
      ),
    ).toMatchObject({ status: 409, code: 'notice-published', clause: 'B-8.2' });
    await published.visit(county, member(true));
    await published.withdraw();
  });

  test('草稿和已结束的申请没有走访；别处的工会、家庭自己不能记录', async () => {
    const draft = await Application.open(edition);
    const path = `/v1/cases/${draft.caseId}/visits`;
    const form = await draft.visitForm();
    expect(await draft.staff.grassroots.refused('POST', path, form)).toMatchObject({ code: 'wrong-stage' });
    const elsewhere = await edition.person('elsewhere', 'superiorOfficer', 'hf-1');
    for (const client of [elsewhere, draft.worker, draft.staff.secretary]) {
      expect(await client.refused('POST', path, form)).toMatchObject({ status: 403 });
    }
    await draft.withdraw();
  });
});
