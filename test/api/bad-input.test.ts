import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application, BY_HAND, PASS } from '../support/application.ts';
import type { Client, Problem } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { householdOf, newPerson, papersOf, pdf } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();

const placesOf = ({ faults = [] }: Problem): readonly string[] =>
  faults.map(({ pointer, code }) => `${pointer} ${code}`).toSorted();

/** Refused with a code and a Chinese sentence, and nothing of the case has changed. */
const expectRefused = async (
  application: Application,
  by: Client,
  call: readonly [method: string, path: string, body?: unknown],
  wanted: { readonly status: number; readonly code: string; readonly faults?: readonly string[] },
): Promise<Problem> => {
  const mark = await application.mark();
  const problem = await by.refused(...call);
  expect({ status: problem.status, code: problem.code }).toEqual({
    status: wanted.status,
    code: wanted.code,
  });
  expect(problem.detail).toMatch(/\p{Script=Han}/u);
  if (wanted.faults !== undefined) expect(placesOf(problem)).toEqual(wanted.faults.toSorted());
  for (const { message } of problem.faults ?? []) expect(message).toMatch(/\p{Script=Han}/u);
  await edition.settle();
  expect(await application.mark()).toBe(mark);
  return problem;
};

describe('建立申请', () => {
  let worker: Client;
  beforeAll(async () => {
    worker = await edition.person('someone', 'applicant');
  });

  test.each<[string, unknown, number, string]>([
    ['不是 JSON', '{"route":', 400, 'not-json'],
    ['同一个键出现两次', '{"route":"territorial","route":"territorial"}', 400, 'duplicate-key'],
    ['不是对象', '[]', 422, 'invalid-input'],
    ['空对象', '{}', 422, 'invalid-input'],
  ])('%s', async (_, body, status, code) => {
    expect(await worker.refused('POST', '/v1/cases', body)).toMatchObject({ status, code });
  });

  test('每一处错误一次说全，都有位置', async () => {
    const household = householdOf({ today: edition.today });
    const { cause: _, ...rest } = household;
    const problem = await worker.refused('POST', '/v1/cases', {
      ...rest,
      route: 'elsewhere',
      wishes: ['money'],
      unknown: 1,
      bankCard: { number: 6222, bank: '' },
    });
    expect(problem).toMatchObject({ status: 422, code: 'invalid-input' });
    expect(placesOf(problem)).toEqual(
      [
        '/bankCard/bank too-small',
        '/bankCard/number wrong-type',
        '/cause missing',
        '/route not-an-option',
        '/unknown unknown-key',
        '/wishes/0 not-an-option',
      ].toSorted(),
    );
  });

  test('证件、银行卡、电话、户主和申报内容的错误也一次说全，不回显号码', async () => {
    const household = householdOf({ today: edition.today });
    const [person] = household.persons;
    const idNumber = person?.idNumber ?? '';
    const wrong = `${idNumber.slice(0, 17)}${idNumber.endsWith('1') ? '2' : '1'}`;
    const problem = await worker.refused('POST', '/v1/cases', {
      ...household,
      grassrootsUnion: 'hf-1-1',
      householderId: 'nobody',
      persons: [
        { ...person, idNumber: wrong },
        { ...person, memberId: 'stranger' },
        { ...person, memberId: 'stranger' },
      ],
      phone: '12345',
      bankCard: { number: '6222020000001001230', bank: '样例银行' },
    });
    expect(placesOf(problem)).toEqual([
      expect.stringMatching(/^\/bankCard\/number /),
      '/consent/persons consent-missing',
      '/consent/persons consent-missing',
      '/declaration/region other-place',
      '/grassrootsUnion unknown-union',
      '/householderId unknown-person',
      expect.stringMatching(/^\/persons\/0\/idNumber /),
      '/persons/1/memberId undeclared-person',
      '/persons/2/idNumber repeated',
      '/persons/2/memberId repeated',
      '/persons/2/memberId undeclared-person',
      expect.stringMatching(/^\/phone /),
    ]);
    const said = JSON.stringify(problem);
    for (const secret of [wrong, idNumber, '12345"', '6222020000001001230'])
      expect(said).not.toContain(secret);
  });

  test('申报内容按测算的格式逐项检查', async () => {
    const household = householdOf({ today: edition.today });
    const problem = await worker.refused('POST', '/v1/cases', {
      ...household,
      declaration: { ...household.declaration, crossCheckAuthorised: 'yes', extra: true, members: [] },
    });
    const faults = placesOf(problem);
    expect(faults).toContainEqual(expect.stringMatching(/^\/declaration\/crossCheckAuthorised /));
    expect(faults).toContainEqual(expect.stringMatching(/^\/declaration\/extra /));
    expect(faults).toContainEqual(expect.stringMatching(/^\/declaration\/members /));
  });

  test('没有登录、岗位不对、替别人申请、别的工会代办，都不行', async () => {
    const household = householdOf({ today: edition.today });
    const refusals: readonly [Client, unknown, number, string][] = [
      [edition.anyone(), household, 401, 'not-signed-in'],
      [await edition.person('x', 'superiorOfficer', 'ah-direct'), household, 403, 'not-allowed'],
      [worker, { ...household, applicant: 'somebody-else' }, 403, 'not-allowed'],
      [await edition.person('x', 'grassrootsOfficer', 'hf-1-1'), household, 403, 'not-allowed'],
    ];
    for (const [by, body, status, code] of refusals) {
      expect(await by.refused('POST', '/v1/cases', body)).toMatchObject({ status, code });
    }
  });
});

describe('环节不对', () => {
  test('没有提交就上传申请书；提交后再改申报内容', async () => {
    const application = await Application.open(edition);
    const path = `/v1/cases/${application.caseId}`;
    const paper = { paper: 'application', contentType: 'application/pdf', bytes: 9, sha256: 'a'.repeat(64) };
    await expectRefused(application, application.worker, ['POST', `${path}/documents`, paper], {
      status: 409,
      code: 'wrong-stage',
    });
    await application.submit();
    const { declaration } = application.household;
    await expectRefused(
      application,
      application.worker,
      ['PUT', `${path}/declaration`, { declaration, reason: '更正。' }],
      { status: 409, code: 'wrong-stage' },
    );
  });

  test('申请日期不是提交当日', async () => {
    const household = householdOf({ today: '2018-12-31' });
    const application = await Application.open(edition, { household });
    await expectRefused(
      application,
      application.worker,
      ['POST', `/v1/cases/${application.caseId}/submission`],
      { status: 422, code: 'invalid-input', faults: ['/declaration/applicationDate not-today'] },
    );
  });

  test('提交之后申请日期不能再改；核实事实时只有中心能改', async () => {
    const application = await file({ wage: null });
    await application.passBelow();
    const path = `/v1/cases/${application.caseId}/declaration`;
    const { declaration } = application.household;
    const moved = {
      ...declaration,
      applicationDate: '2019-12-31',
      incomePeriod: { from: '2018-01', to: '2018-12' },
    };
    await expectRefused(
      application,
      application.staff.centre,
      ['PUT', path, { declaration: moved, reason: '更正。' }],
      { status: 422, code: 'invalid-input', faults: ['/declaration/applicationDate date-fixed'] },
    );
    await expectRefused(application, application.worker, ['PUT', path, { declaration, reason: '更正。' }], {
      status: 409,
      code: 'wrong-stage',
    });
  });

  test('任务已经办理：说明由谁在何时办理', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    await application.decide('grassrootsReview', PASS);
    const problem = await expectRefused(
      application,
      await edition.person('officer-9', 'grassrootsOfficer', 'ah-direct-1'),
      ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'grassrootsReview', ...PASS }],
      { status: 409, code: 'task-already-decided' },
    );
    expect(problem.detail).toMatch(/^该任务已由officer-1（样例）于2019-.*办理。$/);
    expect(problem).toMatchObject({ by: 'officer-1（样例）' });
  });

  test('公示还没有结束就开会；没有到会议环节；会议日期在建档之前或在将来；已经开过会', async () => {
    const application = await file();
    const { secretary } = application.staff;
    const hold = (heldOn: string, pointer: string, code: string): Promise<Problem> =>
      expectRefused(application, secretary, ['POST', '/v1/meetings', application.minutes([], heldOn)], {
        status: 422,
        code: 'invalid-input',
        faults: [`${pointer} ${code}`],
      });
    await hold(edition.today, '/agenda/0/caseId', 'not-before-meeting');
    await application.passBelow();
    await application.decide('centreReview', PASS);
    const running = await hold(edition.today, '/agenda/0/caseId', 'notice-running');
    expect(running.faults?.[0]?.message).toContain('公示尚未结束');
    await application.noticeEnds();
    await hold('2019-01-05', '/heldOn', 'before-establishment');
    await hold('2030-01-05', '/heldOn', 'in-future');
    await application.meet();
    const held = await hold(edition.today, '/agenda/0/caseId', 'already-held');
    expect(held.faults?.[0]?.message).toContain(edition.today);
  });

  test('与任务的种类不符', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    await expectRefused(
      application,
      application.staff.grassroots,
      ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'superiorReview', ...PASS }],
      { status: 409, code: 'task-kind-mismatch' },
    );
  });
});

describe('意见的内容', () => {
  test('没有这一条款、本系统的口径，都不能作为不予通过的依据；不写条款也不行', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    for (const clauses of [['B-99'], ['R-1'], []]) {
      await expectRefused(
        application,
        application.staff.grassroots,
        [
          'POST',
          `/v1/tasks/${taskId}/decision`,
          { kind: 'grassrootsReview', decision: 'reject', opinion: '不符合。', clauses },
        ],
        {
          status: 422,
          code: 'invalid-input',
          faults: [clauses.length === 0 ? '/clauses too-small' : '/clauses/0 not-valid'],
        },
      );
    }
  });

  test('要求补正的材料属于家庭以外的人', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    await expectRefused(
      application,
      application.staff.grassroots,
      [
        'POST',
        `/v1/tasks/${taskId}/decision`,
        {
          kind: 'grassrootsReview',
          decision: 'supplement',
          opinion: '请补充。',
          papers: [{ paper: 'visitRecord' }, { paper: 'identity', memberId: 'stranger' }],
        },
      ],
      { status: 422, code: 'invalid-input', faults: ['/papers/1/memberId unknown-person'] },
    );
  });

  test('测算不符合的，复审不能通过，只能写明条款不予通过', async () => {
    const application = await file({ wage: '100000' });
    await application.passBelow();
    expect(await application.record()).toMatchObject({ determination: { outcome: 'ineligible' } });
    const taskId = await application.taskId('centreReview');
    await expectRefused(
      application,
      application.staff.centre,
      [
        'POST',
        `/v1/tasks/${taskId}/decision`,
        await application.opinion(application.staff.centre, taskId, 'centreReview', PASS),
      ],
      { status: 409, code: 'not-eligible' },
    );
    await application.decide('centreReview', {
      decision: 'reject',
      opinion: '收入超过标准。',
      clauses: ['B-5.6'],
    });
    expect(await application.record()).toMatchObject({ stage: 'rejected' });
  });

  test('人工核查没有附材料、一事一议的纪要不是纪要', async () => {
    const application = await file({ wage: '36000', accident: '24000' });
    await application.passBelow();
    const taskId = await application.taskId('caseStudy');
    const [other] = await application.upload({
      paper: 'visitRecord',
      contentType: 'application/pdf',
      content: pdf(),
    });
    const study = {
      kind: 'caseStudy',
      decision: 'admit',
      opinion: '同意。',
      attendees: ['甲主席', '乙主席'],
      tier: 'provincial',
      category: 'accident',
    };
    for (const minutes of ['no-such-document', other]) {
      await expectRefused(
        application,
        application.staff.centre,
        ['POST', `/v1/tasks/${taskId}/decision`, { ...study, minutes }],
        { status: 422, code: 'invalid-input', faults: ['/minutes unknown-document'] },
      );
    }
    await expectRefused(
      application,
      application.staff.centre,
      ['POST', `/v1/tasks/${taskId}/decision`, { ...study, minutes: other, attendees: ['一人'] }],
      { status: 422, code: 'invalid-input', faults: ['/attendees too-small'] },
    );
    await expectRefused(
      application,
      application.staff.centre,
      ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'crossCheckByHand', ...BY_HAND, evidence: [] }],
      { status: 422, code: 'invalid-input', faults: ['/evidence too-small'] },
    );
  });
});

describe('资金（第十八条、75号第四条）', () => {
  const meeting = async (application: Application, aids: readonly unknown[], faults: readonly string[]) => {
    await expectRefused(
      application,
      application.staff.secretary,
      ['POST', '/v1/meetings', application.minutes(aids)],
      { status: 422, code: 'invalid-input', faults },
    );
  };

  test('省总级档案不能使用中央财政资金，同一类救助不能列两次', async () => {
    // 18000 − 7000: net 916.67, above D and not above 1.5 D: provincial.
    const application = await file({ accident: '7000' });
    await application.establish();
    expect(await application.record()).toMatchObject({
      determination: { tier: 'provincial', net: '916.67' },
    });
    await meeting(
      application,
      [
        { kind: 'living', amount: '3000', fund: 'centralFiscal' },
        { kind: 'living', amount: '0', fund: 'provincialFiscal' },
      ],
      ['/agenda/0/aids/1/amount not-valid'],
    );
    await meeting(
      application,
      [
        { kind: 'living', amount: '3000', fund: 'centralFiscal' },
        { kind: 'living', amount: '3000', fund: 'provincialFiscal' },
      ],
      ['/agenda/0/aids/0/fund fund-not-allowed', '/agenda/0/aids/1/kind repeated'],
    );
    await application.meet([{ kind: 'living', amount: '3000', fund: 'provincialFiscal' }]);
  });

  test.each([
    ['直接认定的', '18000', '12000'],
    ['一事一议同意的', '36000', '24000'],
  ])('%s农村建档立卡户只能使用扶贫专项资金', async (_, wage, accident) => {
    const application = await file({
      wage,
      accident,
      declaration: {
        worker: {
          kind: 'migrant',
          standing: 'employed',
          labourRelationMonths: 24,
          registeredRuralPoor: true,
        },
      },
    });
    for (let step = 0; (await application.record()).stage !== 'established' && step < 10; step += 1) {
      await application.step();
    }
    for (const fund of ['centralFiscal', 'unionFunds']) {
      await meeting(
        application,
        [{ kind: 'schooling', amount: '3000', fund }],
        ['/agenda/0/aids/0/fund fund-not-allowed'],
      );
    }
    await application.meet([{ kind: 'schooling', amount: '3000', fund: 'unionPovertyFunds' }]);
    expect(await application.record()).toMatchObject({ stage: 'filed' });
  });

  test('议程中有一份不合规，其他各份也都不作决定', async () => {
    const good = await file();
    const bad = await file({ accident: '7000' });
    await good.establish();
    await bad.establish();
    const mark = await good.mark();
    await expectRefused(
      bad,
      bad.staff.secretary,
      [
        'POST',
        '/v1/meetings',
        {
          ...good.minutes(),
          agenda: [
            { caseId: good.caseId, aids: [], resolution: '同意。' },
            {
              caseId: bad.caseId,
              aids: [{ kind: 'living', amount: '3000', fund: 'centralFiscal' }],
              resolution: '同意。',
            },
            { caseId: good.caseId, aids: [], resolution: '同意。' },
          ],
        },
      ],
      {
        status: 422,
        code: 'invalid-input',
        faults: ['/agenda/1/aids/0/fund fund-not-allowed', '/agenda/2/caseId repeated'],
      },
    );
    expect(await good.mark()).toBe(mark);
  });
});

describe('重复与越权', () => {
  test('同一职工重复申请：提示已有在办的申请，号码换成全角写也一样', async () => {
    const first = await Application.open(edition);
    await first.submit();
    const wide = (text: string): string =>
      text.replace(/[!-~]/g, (one) => String.fromCodePoint((one.codePointAt(0) ?? 0) + 0xfee0));
    const persons = first.household.persons.map((one) => ({ ...one, idNumber: wide(one.idNumber) }));
    const second = await Application.open(edition, { household: { ...first.household, persons } });
    await expectRefused(second, second.worker, ['POST', `/v1/cases/${second.caseId}/submission`], {
      status: 409,
      code: 'duplicate-application',
    });
    await first.withdraw();
    await second.submit();
  });

  test('家庭成员已在另一份有效档案：指明是谁（第九条）', async () => {
    const spouse = newPerson('spouse', '配偶');
    const first = await file({ spouse });
    await first.establish();
    const second = await Application.open(edition, { spouse });
    const problem = await expectRefused(
      second,
      second.worker,
      ['POST', `/v1/cases/${second.caseId}/submission`],
      { status: 409, code: 'member-already-filed' },
    );
    expect(problem.detail).toContain(spouse.name);
    expect(problem).toMatchObject({ clause: 'B-9' });
  });

  test('别人的申请：不能看、不能改、不能交、不能撤、不能传材料；不存在的说不存在', async () => {
    const application = await Application.open(edition);
    const stranger = await edition.person('stranger', 'applicant');
    const other = await edition.person('other', 'grassrootsOfficer', 'hf-1-1');
    const path = `/v1/cases/${application.caseId}`;
    const { declaration } = application.household;
    const paper = { paper: 'promise', contentType: 'application/pdf', bytes: 9, sha256: 'a'.repeat(64) };
    for (const by of [stranger, other]) {
      for (const call of [
        ['GET', path],
        ['GET', `${path}/events`],
        ['GET', `${path}/letters`],
        ['PUT', `${path}/declaration`, { declaration, reason: '更正。' }],
        ['POST', `${path}/submission`],
        ['POST', `${path}/withdrawal`, { reason: '不申请了。' }],
        ['POST', `${path}/documents`, paper],
      ] as const) {
        await expectRefused(application, by, call, { status: 403, code: 'not-allowed' });
      }
    }
    const missing = '0'.repeat(26);
    expect(await application.worker.refused('GET', `/v1/cases/${missing}`)).toMatchObject({
      status: 404,
      code: 'case-not-found',
    });
    expect(await application.worker.refused('GET', '/v1/cases/x')).toMatchObject({
      status: 422,
      faults: [{ pointer: '/caseId' }],
    });
    const foreign = { ...papersOf(application.household).get('promise'), memberId: 'worker' };
    expect(foreign).toBeDefined();
    await expectRefused(
      application,
      application.worker,
      ['POST', `${path}/documents`, { ...paper, paper: 'identity', memberId: 'stranger' }],
      { status: 422, code: 'invalid-input', faults: ['/memberId unknown-person'] },
    );
  });

  test('别的工会的任务、下级和上级的任务，都不能办；没有的任务说没有', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    const call = ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'grassrootsReview', ...PASS }] as const;
    const { superior, centre, secretary } = application.staff;
    const elsewhere = await edition.person('x', 'grassrootsOfficer', 'hf-1-1');
    for (const by of [elsewhere, superior, centre, secretary, application.worker]) {
      await expectRefused(application, by, call, { status: 403, code: 'not-allowed' });
    }
    expect(
      await superior.refused('POST', `/v1/tasks/${'0'.repeat(32)}/decision`, {
        kind: 'grassrootsReview',
        ...PASS,
      }),
    ).toMatchObject({ status: 404, code: 'task-not-found' });
  });

  test('同一人不能在两级工会办理同一申请，会议记录也不行；同级的不受影响', async () => {
    const application = await file();
    const roles = ['grassrootsOfficer', 'superiorOfficer', 'centreReviewer', 'meetingSecretary'] as const;
    const everywhere = (organisation: string): Promise<Client> =>
      edition.person('busybody', roles, organisation);
    await application.decide('grassrootsReview', PASS, await everywhere('ah-direct-1'));
    const superiorTask = await application.taskId('superiorReview');
    await expectRefused(
      application,
      await everywhere('ah-direct'),
      ['POST', `/v1/tasks/${superiorTask}/decision`, { kind: 'superiorReview', ...PASS }],
      { status: 403, code: 'decided-before' },
    );
    await application.decide('superiorReview', PASS);
    await application.answered();
    const centreTask = await application.taskId('centreReview');
    await expectRefused(
      application,
      await everywhere('ah'),
      ['POST', `/v1/tasks/${centreTask}/decision`, { kind: 'centreReview', ...PASS }],
      { status: 403, code: 'decided-before' },
    );
    await application.decide('centreReview', PASS);
    await application.noticeEnds();
    await expectRefused(
      application,
      await everywhere('ah'),
      ['POST', '/v1/meetings', application.minutes()],
      {
        status: 403,
        code: 'decided-before',
      },
    );
    const reviewerToo = await edition.person('reviewer', 'meetingSecretary', 'ah');
    await reviewerToo.post('/v1/meetings', application.minutes());
  });

  test('工会干部不能办理本人家庭的申请，也不能为它记录会议', async () => {
    const application = await file();
    const self = (role: 'grassrootsOfficer' | 'meetingSecretary', organisation: string): Promise<Client> =>
      edition.person(application.subject, ['applicant', role], organisation);
    const taskId = await application.taskId('grassrootsReview');
    await expectRefused(
      application,
      await self('grassrootsOfficer', 'ah-direct-1'),
      ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'grassrootsReview', ...PASS }],
      { status: 403, code: 'decided-before' },
    );
    await application.establish();
    await expectRefused(
      application,
      await self('meetingSecretary', 'ah'),
      ['POST', '/v1/meetings', application.minutes()],
      { status: 403, code: 'decided-before' },
    );
  });

  test('上传的内容与承诺的不同：不收，也不留下什么', async () => {
    const application = await Application.open(edition);
    const content = pdf();
    const place = await application.worker.promise(application.caseId, {
      paper: 'promise',
      contentType: 'application/pdf',
      content,
    });
    const mark = await application.mark();
    expect(await application.worker.send(place, pdf(), 'application/pdf')).toBe(422);
    expect(await application.worker.send(place, content.subarray(1), 'application/pdf')).toBe(422);
    await edition.settle();
    expect(await application.mark()).toBe(mark);
  });

  test('真实格式与申报的不符：退回并告知家庭', async () => {
    const application = await Application.open(edition);
    await application.upload({ paper: 'promise', contentType: 'image/png', content: pdf() });
    const events = await application.events();
    expect(events.at(-1)).toMatchObject({ type: 'documentRefused', data: { code: 'wrong-type' } });
    expect((await application.letters()).at(-1)?.text).toContain('真实格式与申报的不符');
  });
});
