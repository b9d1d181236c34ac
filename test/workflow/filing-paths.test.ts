import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '#domain/filing/audit.ts';
import { getNotice, putNotice } from '#functions/shared/notice-store.ts';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson, papersOf, pdf } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const file = async (
  ...given: Parameters<typeof Application.open> extends [unknown, ...infer R] ? R : never
) => (await Application.open(edition, ...given)).file();

const MINUTES = { paper: 'studyMinutes', contentType: 'application/pdf' } as const;

describe('两条路径', () => {
  test('省直路径（A-13）：初审、审核、比对、测算、复审、公示、建档、会议、归档', async () => {
    const application = await file();
    expect(await application.record()).toMatchObject({
      stage: 'grassrootsReview',
      unions: { grassroots: 'ah-direct-1', superior: 'ah-direct', centre: 'ah' },
      openTask: { kind: 'grassrootsReview' },
    });
    await application.establish();
    expect(await application.record()).toMatchObject({
      stage: 'established',
      determination: { tier: 'national', category: 'accident', net: '500.00' },
      crossCheck: { status: 'complete' },
      file: { number: expect.stringMatching(/^340100-2019-\d{5}$/) },
    });
    await application.meet([{ kind: 'living', amount: '3000', fund: 'centralFiscal' }]);
    expect(await application.record()).toMatchObject({ stage: 'filed', openTask: null });
    expect((await application.eventTypes()).filter((type) => type !== 'documentReceived')).toEqual([
      'opened',
      'submitted',
      'materialsChecked',
      'taskOpened',
      'decided',
      'taskOpened',
      'decided',
      'crossCheckRequested',
      'crossCheckAnswered',
      'assessed',
      'taskOpened',
      'decided',
      'noticePublished',
      'noticeClosed',
      'established',
      'taskOpened',
      'meetingHeld',
      'archiving',
      'archived',
    ]);
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
    expect(await application.checkArchive()).toMatchObject({ ok: true, faults: [] });
    expect(await application.execution()).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'filed' },
    });
  });

  test('属地路径（B-8.2、B-8.3、B-8.4）：基层公示在前，县级审核，市总代替中心，复审通过即建档；不安排资金，档案照样有效', async () => {
    const application = await file({ route: 'territorial' });
    await application.decide('grassrootsReview', PASS);
    const { notice, unions } = await application.record();
    expect(unions).toEqual({ grassroots: 'hf-1-1', superior: 'hf-1', centre: 'hf' });
    const published = await edition.anyone().get(`/v1/notices/${notice?.noticeId}`);
    expect(published).toMatchObject({ organisation: 'hf-1-1', supervisionPhone: '0551-00000006' });
    await application.noticeEnds();
    await application.decide('superiorReview', PASS);
    await application.answered();
    await application.decide('centreReview', PASS);
    expect(await application.record()).toMatchObject({
      stage: 'established',
      file: { number: expect.stringMatching(/^340104-2019-\d{5}$/) },
    });
    await application.meet([]);
    expect(await application.record()).toMatchObject({
      stage: 'filed',
      file: { number: expect.stringMatching(/^340104-2019-\d{5}$/) },
      meeting: { aids: [] },
      opinions: [
        { task: 'grassrootsReview' },
        { task: 'superiorReview' },
        { task: 'centreReview' },
        { task: 'meeting', decision: 'noAid' },
      ],
    });
    expect(await application.checkArchive()).toMatchObject({ ok: true });
    const letters = await application.letters();
    expect(letters.at(-1)?.text).toContain('您的困难职工档案继续有效');
  });
});

describe('补正', () => {
  test('先交申请书后交其他材料：逐项列出所缺，补齐后进入初审', async () => {
    const application = await Application.open(edition);
    await application.submit();
    await application.sign();
    const { stage, requested } = await application.record();
    expect(stage).toBe('awaitingSupplement');
    expect(requested.map(({ note }) => note)).toEqual([
      '家庭经济状况查询授权书',
      '承诺书',
      expect.stringMatching(/^家庭成员身份证明（样例\d+）$/),
      expect.stringMatching(/^收入证明（样例\d+）$/),
      '刚性支出证明（意外支出）',
      '银行卡复印件',
    ]);
    const papers = [...papersOf(application.household).values()];
    await application.upload(...papers.slice(0, 3));
    const { openTask } = await application.record();
    const supplied = { kind: 'supplement', decision: 'supplied' };
    const refused = await application.worker.refused(
      'POST',
      `/v1/tasks/${openTask?.taskId}/decision`,
      supplied,
    );
    expect(refused).toMatchObject({ status: 409, code: 'papers-missing' });
    expect(refused.detail).toMatch(
      /^还没有收到：收入证明（样例\d+）、刚性支出证明（意外支出）、银行卡复印件。/,
    );
    await application.upload(...papers.slice(3));
    await application.decide('supplement', { decision: 'supplied' });
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview', visit: 2, requested: [] });
  });

  const back = {
    decision: 'supplement',
    opinion: '请补充走访记录。',
    papers: [{ paper: 'visitRecord', note: '近三个月内的走访记录' }],
  };
  const supplied = async (application: Application): Promise<void> => {
    expect(await application.record()).toMatchObject({
      stage: 'awaitingSupplement',
      requested: [{ paper: 'visitRecord' }],
    });
    const letter = (await application.letters()).at(-1);
    expect(letter).toMatchObject({ title: '请补正材料', to: { subject: application.subject } });
    expect(letter?.text).toContain('入户走访记录：近三个月内的走访记录');
    await application.upload({ paper: 'visitRecord', contentType: 'application/pdf', content: pdf() });
    await application.decide('supplement', { decision: 'supplied' });
    await application.answered();
  };

  test('退回要求重交的材料，旧的不算，重交以后才能点“已补正”', async () => {
    const application = await file();
    await application.decide('grassrootsReview', {
      decision: 'supplement',
      opinion: '银行卡复印件看不清。',
      papers: [{ paper: 'bankCard' }],
    });
    const { openTask } = await application.record();
    const decision = { kind: 'supplement', decision: 'supplied' };
    const path = `/v1/tasks/${openTask?.taskId}/decision`;
    const mark = await application.mark();
    expect(await application.worker.refused('POST', path, decision)).toMatchObject({
      status: 409,
      code: 'papers-missing',
      papers: [{ paper: 'bankCard', memberId: null }],
    });
    expect(await application.mark()).toBe(mark);
    await application.upload({ paper: 'bankCard', contentType: 'application/pdf', content: pdf() });
    await application.decide('supplement', { decision: 'supplied' });
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview', visit: 2 });
  });

  test('基层工会退回，补正后仍由基层工会初审', async () => {
    const application = await file();
    await application.decide('grassrootsReview', back);
    await supplied(application);
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview', visit: 2 });
  });

  test('省直路径上级工会退回，补正后回到上级工会', async () => {
    const application = await file();
    await application.decide('grassrootsReview', PASS);
    await application.decide('superiorReview', back);
    await supplied(application);
    expect(await application.record()).toMatchObject({ stage: 'superiorReview', visit: 2 });
  });

  test('属地路径上级工会退回，重新初审，重新公示', async () => {
    const application = await file({ route: 'territorial' });
    await application.decide('grassrootsReview', PASS);
    const first = (await application.record()).notice;
    await application.noticeEnds();
    await application.decide('superiorReview', back);
    await supplied(application);
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview', visit: 2 });
    await application.decide('grassrootsReview', PASS);
    const { stage, notice } = await application.record();
    expect(stage).toBe('notice');
    expect(notice).toMatchObject({ visit: 2 });
    expect(notice?.noticeId).not.toBe(first?.noticeId);
    expect(Date.parse(notice?.endsAt ?? '')).toBeGreaterThan(Date.parse(first?.endsAt ?? ''));
    await application.noticeEnds();
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
  });

  test('省直路径中心退回，补正后比对结果沿用、重新测算', async () => {
    const application = await file();
    await application.passBelow();
    const { crossCheck } = await application.record();
    await application.decide('centreReview', back);
    await supplied(application);
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      visit: 2,
      assessments: 2,
      crossCheck: { status: 'complete', requestId: crossCheck?.requestId },
    });
    expect(await application.states()).not.toContain('CrossCheckByHand');
  });

  test('属地路径中心退回，重新初审，重新公示', async () => {
    const application = await file({ route: 'territorial' });
    await application.passBelow();
    const first = (await application.record()).notice;
    await application.decide('centreReview', back);
    await supplied(application);
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview', visit: 2 });
    await application.passBelow();
    const { stage, notice } = await application.record();
    expect(stage).toBe('centreReview');
    expect(notice?.noticeId).not.toBe(first?.noticeId);
  });

  test('补正期间家庭可以修改申报内容，按新的内容测算', async () => {
    const application = await file();
    await application.decide('grassrootsReview', back);
    const { declaration } = application.household;
    const edited = { ...declaration, expenditures: [{ kind: 'accident', amount: '6000' }] };
    await application.worker.put(`/v1/cases/${application.caseId}/declaration`, {
      declaration: edited,
      reason: '原金额填写有误。',
    });
    await supplied(application);
    await application.passBelow();
    // (18000 − 6000) ÷ 12 = 1000 > 958.5: no longer provincial, municipal by 2 D = 1278.
    expect(await application.record()).toMatchObject({
      determination: { tier: 'municipal', net: '1000.00' },
    });
    const changed = (await application.events()).find(({ type }) => type === 'declarationChanged');
    expect(changed?.data).toMatchObject({ before: declaration, after: edited, reason: '原金额填写有误。' });
  });
});

describe('不予建档（第十九条）', () => {
  const reject = { decision: 'reject', opinion: '拥有两套住房。', clauses: ['B-7.1'] };
  const rejected = async (application: Application, below: readonly string[], by: string): Promise<void> => {
    expect(await application.record()).toMatchObject({
      stage: 'rejected',
      openTask: null,
      file: null,
      refusal: { clauses: ['B-7.1'], reason: '拥有两套住房。', by: { subject: by } },
    });
    expect(await application.execution()).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'rejected' },
    });
    const letters = await application.letters();
    const told = letters.filter(({ text }) => text.includes('理由：拥有两套住房。'));
    expect(told.map(({ to }) => to)).toEqual([
      { subject: application.subject },
      ...below.map((organisation) => ({ organisation })),
    ]);
    for (const { text } of told) {
      expect(text).toContain('皖工发〔2017〕51号第七条第（一）项（B-7.1）');
      expect(text).toContain('拥有2套（含）以上住房的');
    }
  };

  test('基层工会不予通过，告知家庭', async () => {
    const application = await file();
    await application.decide('grassrootsReview', reject);
    await rejected(application, [], 'officer-1');
  });

  test('上级工会不予通过，告知家庭和基层工会', async () => {
    const application = await file();
    await application.decide('grassrootsReview', PASS);
    await application.decide('superiorReview', reject);
    await rejected(application, ['ah-direct-1'], 'officer-2');
  });

  test('中心不予通过，告知家庭和下面两级工会', async () => {
    const application = await file();
    await application.passBelow();
    await application.decide('centreReview', reject);
    await rejected(application, ['ah-direct', 'ah-direct-1'], 'reviewer');
  });

  test('属地路径市总不予通过，告知家庭、县级和基层工会', async () => {
    const application = await file({ route: 'territorial' });
    await application.passBelow();
    await application.decide('centreReview', reject);
    await rejected(application, ['hf-1', 'hf-1-1'], 'reviewer');
  });

  test('不予建档之后，同一职工可以重新申请', async () => {
    const application = await file();
    await application.decide('grassrootsReview', reject);
    const again = await Application.open(edition, { household: application.household });
    await again.submit();
    expect(await again.record()).toMatchObject({ stage: 'awaitingApplication' });
  });
});

describe('事实核实与一事一议', () => {
  test('收入未知：由中心核实、修改申报、重新测算，直到齐全', async () => {
    const application = await file({ wage: null });
    await application.passBelow();
    expect(await application.record()).toMatchObject({
      stage: 'awaitingFacts',
      determination: { outcome: 'incomplete', missing: [{ clause: 'A-5' }] },
    });
    await application.decide('facts', { decision: 'settled', opinion: '已联系单位，尚待回复。' });
    expect(await application.record()).toMatchObject({ stage: 'awaitingFacts', visit: 2, assessments: 2 });
    const { declaration } = application.household;
    const [worker] = declaration.members;
    await application.staff.centre.put(`/v1/cases/${application.caseId}/declaration`, {
      declaration: {
        ...declaration,
        members: [{ ...worker, incomes: [{ kind: 'wage', amount: '18000' }] }],
      },
      reason: '单位出具工资证明。',
    });
    await application.decide('facts', { decision: 'settled', opinion: '单位出具工资证明。' });
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      visit: 3,
      assessments: 3,
      determination: { outcome: 'eligible', tier: 'national', net: '500.00' },
    });
    await application.decide('centreReview', PASS);
    expect(await application.record()).toMatchObject({ stage: 'notice', notice: { visit: 3 } });
  });

  test('超出三倍标准但支出后不高于限额：一事一议同意，附纪要，按研究的级别建档', async () => {
    const application = await file({ wage: '36000', accident: '24000' });
    await application.passBelow();
    expect(await application.record()).toMatchObject({
      stage: 'caseStudy',
      determination: { outcome: 'study' },
    });
    const [minutes] = await application.upload({ ...MINUTES, content: pdf() });
    await application.decide('caseStudy', {
      decision: 'admit',
      opinion: '同意按省总级建档。',
      attendees: ['甲主席', '乙主席'],
      minutes,
      tier: 'provincial',
      category: 'accident',
    });
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      determination: {
        basis: 'caseStudy',
        outcome: 'eligible',
        tier: 'provincial',
        allowedFunds: ['provincialFiscal', 'municipalFiscal', 'unionFunds', 'other'],
      },
    });
    await application.decide('centreReview', PASS);
    await application.noticeEnds();
    expect(await application.record()).toMatchObject({ stage: 'established' });
  });

  test('一事一议不同意：写明条款，不予建档', async () => {
    const application = await file({ wage: '36000', accident: '24000' });
    await application.passBelow();
    const [minutes] = await application.upload({ ...MINUTES, content: pdf() });
    await application.decide('caseStudy', {
      decision: 'reject',
      opinion: '基本生活有保障，不予建档。',
      attendees: ['甲主席', '乙主席'],
      minutes,
      clauses: ['C-6'],
    });
    expect(await application.record()).toMatchObject({ stage: 'rejected', refusal: { clauses: ['C-6'] } });
  });
});

describe('公示', () => {
  const atNotice = async (): Promise<Application> => {
    const application = await file();
    await application.passBelow();
    await application.decide('centreReview', PASS);
    return application;
  };

  test('期满前截止日推迟：醒来重新读取，等到新的截止日', async () => {
    const application = await atNotice();
    const { notice } = await application.record();
    const stored = await getNotice(edition.ports.items, notice?.noticeId ?? '');
    const later = new Date(Date.parse(stored.notice.endsAt ?? '') + 3 * 86_400_000).toISOString();
    await edition.ports.items.transact([putNotice({ ...stored.notice, endsAt: later }, stored.version)]);
    await application.noticeEnds();
    expect(await application.record()).toMatchObject({ stage: 'notice' });
    await edition.advanceTo(later);
    expect(await application.record()).toMatchObject({ stage: 'established' });
    expect((await application.states()).filter((state) => state === 'NoticePeriod')).toHaveLength(2);
  });

  test('最后一分钟仍在公示，下一刻结束', async () => {
    const application = await atNotice();
    const { notice } = await application.record();
    await edition.advanceTo(Date.parse(notice?.endsAt ?? '') - 60_000);
    const path = `/v1/notices/${notice?.noticeId}`;
    expect(await edition.anyone().get(path)).toMatchObject({ status: 'running' });
    await application.noticeEnds();
    expect(await edition.anyone().refused('GET', path)).toMatchObject({ status: 410, code: 'notice-over' });
    const { notices } = await edition.anyone().get('/v1/notices');
    expect(JSON.stringify(notices)).not.toContain(notice?.noticeId);
  });

  test('异议不成立：写明调查结论，继续建档', async () => {
    const application = await atNotice();
    await application.object();
    await application.object('还有一处门面房。');
    await application.noticeEnds();
    expect(await application.record()).toMatchObject({
      stage: 'objections',
      openTask: { kind: 'objections' },
    });
    await application.decide('objections', { decision: 'dismissed', opinion: '经核实系他人房产。' });
    expect(await application.record()).toMatchObject({ stage: 'established' });
    const closed = (await application.events()).find(({ type }) => type === 'noticeClosed');
    expect(closed?.data).toMatchObject({ objections: 2 });
  });

  test('异议成立：不予建档，告知家庭和基层工会', async () => {
    const application = await atNotice();
    await application.object();
    await application.noticeEnds();
    await application.decide('objections', {
      decision: 'upheld',
      opinion: '另有一套住房。',
      clauses: ['B-7.1'],
    });
    expect(await application.record()).toMatchObject({ stage: 'rejected', refusal: { clauses: ['B-7.1'] } });
    const told = (await application.letters()).filter(({ text }) => text.includes('另有一套住房。'));
    expect(told.map(({ to }) => to)).toEqual([
      { subject: application.subject },
      { organisation: 'ah-direct-1' },
    ]);
  });

  test('属地路径异议不成立，继续上报', async () => {
    const application = await file({ route: 'territorial' });
    await application.decide('grassrootsReview', PASS);
    await application.object();
    await application.noticeEnds();
    await application.decide('objections', { decision: 'dismissed', opinion: '不属实。' });
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
  });
});

test('建档时发现家庭成员已在另一份档案：一户一档，不重复建档（第九条）', async () => {
  const spouse = newPerson('spouse', '配偶');
  const first = await file({ spouse });
  const second = await file({ spouse });
  await first.establish();
  await second.establish();
  expect(await second.record()).toMatchObject({
    stage: 'rejected',
    file: null,
    refusal: { clauses: ['B-9'], by: null },
  });
  expect((await second.letters()).find(({ title }) => title === '不予建档通知')?.text).toContain('一户一档');
  await first.meet();
  expect(await first.record()).toMatchObject({ stage: 'filed' });
});

describe('信息比对', () => {
  test('城市职工不授权：不发出请求，测算为不符合（C-2），复审不能通过', async () => {
    const application = await file({ declaration: { crossCheckAuthorised: false } });
    await application.passBelow();
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'declined', requestId: '' },
      determination: { outcome: 'ineligible', exclusions: ['C-2'] },
    });
    const taskId = await application.taskId('centreReview');
    const { centre } = application.staff;
    const refused = await centre.refused(
      'POST',
      `/v1/tasks/${taskId}/decision`,
      await application.opinion(centre, taskId, 'centreReview', PASS),
    );
    expect(refused).toMatchObject({ status: 409, code: 'not-eligible' });
  });

  test('农民工不能比对但已走访：照常测算（C-2）', async () => {
    const worker = { kind: 'migrant', standing: 'employed', labourRelationMonths: 12 };
    const application = await file({ declaration: { crossCheckAuthorised: false, worker } });
    await application.visit(application.staff.superior);
    await application.passBelow();
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'declined' },
      determination: { outcome: 'eligible' },
    });
  });

  test.each([
    ['分两批回复，收齐后继续', '温分批', 2],
    ['同一结果送两次，只算一次', '双回音', 1],
    ['先来一份签名不对的，只认签名正确的', '贾签名', 1],
  ])('%s', async (_, name, results) => {
    const application = await file({ name });
    await application.passBelow();
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'complete' },
    });
    const answers = (await application.eventTypes()).filter((type) => type === 'crossCheckAnswered');
    expect(answers).toHaveLength(results);
  });
});

describe('日历未公布（R-13）', () => {
  let december: TestEdition;
  beforeAll(async () => {
    // The fifth working day after 28 December 2026 lies in 2027, whose notice is not known.
    december = await openTestEdition({ start: Date.parse('2026-12-28T01:00:00Z') });
  });
  afterAll(() => december.close());

  test('截止日落在下一年：由人确定，少于五个工作日的不收，确定后照常进行', async () => {
    const application = await (await Application.open(december)).file();
    await application.passBelow();
    await application.decide('centreReview', PASS);
    const { notice } = await application.record();
    expect(await application.record()).toMatchObject({
      stage: 'settingNoticeEnd',
      notice: { endsAt: null },
      openTask: { kind: 'noticeEnd' },
    });
    expect(await december.anyone().get(`/v1/notices/${notice?.noticeId}`)).toMatchObject({
      status: 'running',
      lastDay: null,
    });
    const taskId = await application.taskId('noticeEnd');
    const { centre } = application.staff;
    const refusedWith = async (lastDay: string) =>
      centre.refused(
        'POST',
        `/v1/tasks/${taskId}/decision`,
        await application.opinion(centre, taskId, 'noticeEnd', {
          decision: 'set',
          opinion: '按通知确定。',
          lastDay,
        }),
      );
    const mark = await application.mark();
    const tooEarly = await refusedWith('2027-01-03');
    expect(tooEarly).toMatchObject({
      status: 422,
      faults: [
        { pointer: '/lastDay', code: 'notice-too-short', message: expect.stringContaining('2027-01-04') },
      ],
    });
    const otherYear = await refusedWith('2028-01-06');
    expect(otherYear).toMatchObject({ faults: [{ pointer: '/lastDay', code: 'notice-too-long' }] });
    expect(await application.mark()).toBe(mark);

    await application.decide('noticeEnd', {
      decision: 'set',
      opinion: '按通知确定。',
      lastDay: '2027-01-06',
    });
    expect(await application.record()).toMatchObject({
      stage: 'notice',
      notice: { endsAt: '2027-01-06T16:00:00.000Z' },
    });
    expect(await december.anyone().get(`/v1/notices/${notice?.noticeId}`)).toMatchObject({
      lastDay: '2027-01-06',
    });
    const told = (await application.letters()).at(-1);
    expect(told).toMatchObject({ title: '进入公示', to: { subject: application.subject } });
    expect(told?.text).toContain('至2027-01-06（含当日）止');
    await december.advanceTo('2027-01-06T15:59:00Z');
    expect(await application.record()).toMatchObject({ stage: 'notice' });
    await application.noticeEnds();
    expect(await application.record()).toMatchObject({
      stage: 'established',
      file: { number: '340100-2027-00001' },
    });
  });
});
