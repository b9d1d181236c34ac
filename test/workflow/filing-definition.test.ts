import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { simulate } from '#embedded/engine/simulation.ts';
import { FUNCTION_NAMES, FUNCTIONS, type FunctionDeclaration } from '#functions/manifest.ts';
import { workflowFunctions } from '#functions/workflow.ts';
import { functionsNamed, PARTITION, placeholder, substitute } from '#statemachines/substitutions.ts';
import { lintDefinition } from '../../scripts/lint-asl.ts';

const TEXT = readFileSync('statemachines/filing.asl.json', 'utf8');
const arnOf = (name: string): string => `arn:aws:lambda:local:000000000000:function:${name}:live`;
const SUBSTITUTED = substitute(TEXT, {
  [PARTITION]: 'aws',
  ...Object.fromEntries(FUNCTION_NAMES.map((name) => [placeholder(name), arnOf(name)])),
});

/** All that may travel through an execution: ids, counters, names of states, kinds and errors. Nothing of a person. */
const PAYLOAD_KEYS = ['version', 'caseId', 'submission', 'visit', 'kind', 'taskToken', 'state', 'fault'];

describe('the definition', () => {
  test('keeps to the rules of the house', () => {
    const functions = FUNCTION_NAMES.map(arnOf);
    expect(lintDefinition(SUBSTITUTED, { functions, payloadKeys: PAYLOAD_KEYS })).toEqual([]);
  });

  test('the rules notice a payload that carries more', () => {
    const leaky = SUBSTITUTED.replace('"kind": "meeting"', '"name": "meeting"');
    const faults = lintDefinition(leaky, { functions: FUNCTION_NAMES.map(arnOf), payloadKeys: PAYLOAD_KEYS });
    expect(faults.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/States/MeetingDecision/Arguments/Payload/name payload-key',
    ]);
  });

  test('names exactly the workflow functions of the manifest, and each of them exists', () => {
    const declared: readonly [string, FunctionDeclaration][] = Object.entries(FUNCTIONS);
    const ofWorkflow = declared.flatMap(([name, { trigger }]) => (trigger.kind === 'workflow' ? [name] : []));
    expect(functionsNamed(TEXT)).toEqual(ofWorkflow.toSorted());
    expect(Object.keys(workflowFunctions).toSorted()).toEqual(ofWorkflow.toSorted());
  });

  test('waits for a token exactly where the manifest says so', () => {
    const states: Record<string, { Resource?: string; Arguments?: { FunctionName: string } }> =
      JSON.parse(TEXT).States;
    const uses = new Map<string, Set<boolean>>();
    for (const { Resource, Arguments } of Object.values(states)) {
      const [name] = Arguments === undefined ? [] : functionsNamed(Arguments.FunctionName);
      if (name === undefined) continue;
      const token = Resource?.endsWith('.waitForTaskToken') ?? false;
      uses.set(name, (uses.get(name) ?? new Set()).add(token));
    }
    const declared: readonly [string, FunctionDeclaration][] = Object.entries(FUNCTIONS);
    const wanted = declared.flatMap(([name, { trigger }]) =>
      trigger.kind === 'workflow' ? [[name, new Set([trigger.token])] as const] : [],
    );
    expect(uses).toEqual(new Map(wanted));
  });
});

// ---------------------------------------------------------------- paths, with mocked functions

const DAY = 86_400;
const TIMEOUTS = {
  supplement: 14 * DAY,
  review: 14 * DAY,
  facts: 14 * DAY,
  study: 21 * DAY,
  noticeEnd: 5 * DAY,
  objections: 14 * DAY,
  meeting: 28 * DAY,
  crossCheck: 28 * DAY,
  crossCheckHeartbeat: 7 * DAY,
};
const START = Date.parse('2019-01-07T01:00:00Z');
const LAST_MINUTE = '2019-01-14T16:00:00.000Z';

const decided = (...decisions: string[]) => decisions.map((decision) => ({ return: { decision } }));
const outcome = (...outcomes: string[]) =>
  outcomes.map((one) => ({ return: { StatusCode: 200, Payload: { outcome: one, endsAt: LAST_MINUTE } } }));
const never = { timeout: true };
const thrown = (error: string) => ({ throw: { error, cause: 'mocked' } });

/** What every function and person answers where a path doesn't say otherwise. */
const SMOOTH = {
  CheckMaterials: outcome('complete'),
  AwaitSupplement: decided('supplied'),
  GrassrootsReview: decided('pass'),
  SuperiorReview: decided('pass'),
  CrossCheck: [{ return: { outcome: 'complete' } }],
  ChaseCrossCheck: outcome('wait'),
  CrossCheckByHand: decided('checked'),
  Assess: outcome('eligible'),
  Adjudicate: decided('adjudicated'),
  AwaitFacts: decided('settled'),
  StudyByCase: decided('admit'),
  CentreReview: decided('pass'),
  PublishNotice: outcome('published'),
  SetNoticeEnd: [{ return: { decision: 'set', endsAt: LAST_MINUTE } }],
  CloseNotice: outcome('clear'),
  InvestigateObjections: decided('dismissed'),
  EstablishFile: outcome('established'),
  MeetingDecision: decided('aid'),
  Archive: outcome('filed'),
  RecordRejection: outcome('rejected'),
  Escalate: outcome('wait'),
  ReportFault: outcome('reported'),
};

/** The Task states and the Wait in the order in which they are entered, and how it ends. */
const walk = async (
  mocks: Readonly<Record<string, readonly unknown[]>>,
  given: { readonly route?: string; readonly resumeAt?: string; readonly returnTo?: string } = {},
): Promise<string> => {
  const { status, error, history } = await simulate({
    definition: TEXT,
    input: {
      version: 1,
      caseId: 'case',
      submission: 1,
      visit: 1,
      route: given.route ?? 'provinceDirect',
      resumeAt: given.resumeAt ?? 'CheckMaterials',
      returnTo: given.returnTo ?? 'GrassrootsReview',
      timeouts: TIMEOUTS,
    },
    mocks: { ...SMOOTH, ...mocks },
    start: START,
  });
  const visited = history.flatMap(({ type, state }) =>
    ['TaskStateEntered', 'WaitStateEntered', 'SucceedStateEntered', 'FailStateEntered'].includes(type)
      ? (state ?? [])
      : [],
  );
  return `${visited.join(' ')} ${error ?? status}`;
};

const HEAD = 'CheckMaterials GrassrootsReview SuperiorReview CrossCheck Assess';
const NOTICE = 'PublishNotice NoticePeriod CloseNotice';
const TAIL = 'EstablishFile MeetingDecision Archive Filed SUCCEEDED';
const REJECTED = 'RecordRejection Rejected SUCCEEDED';
const territorial = { route: 'territorial' };

describe('路径', () => {
  test.each<[string, Parameters<typeof walk>[0], Parameters<typeof walk>[1], string]>([
    ['省直路径一路通过', {}, {}, `${HEAD} CentreReview ${NOTICE} ${TAIL}`],
    [
      '属地路径先公示后上报，复审通过即建档',
      {},
      territorial,
      `CheckMaterials GrassrootsReview ${NOTICE} SuperiorReview CrossCheck Assess CentreReview ${TAIL}`,
    ],
    [
      '材料不齐，两次补正后才进入初审',
      { CheckMaterials: outcome('incomplete', 'incomplete', 'complete') },
      {},
      `CheckMaterials AwaitSupplement CheckMaterials AwaitSupplement ${HEAD} CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '基层工会退回补正，补正后回到基层工会',
      { GrassrootsReview: decided('supplement', 'pass') },
      {},
      `CheckMaterials GrassrootsReview AwaitSupplement ${HEAD} CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '省直路径上级工会退回补正，补正后回到上级工会',
      { SuperiorReview: decided('supplement', 'pass') },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview AwaitSupplement CheckMaterials SuperiorReview CrossCheck Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '属地路径上级工会退回补正，重新初审并重新公示',
      { SuperiorReview: decided('supplement', 'pass') },
      territorial,
      `CheckMaterials GrassrootsReview ${NOTICE} SuperiorReview AwaitSupplement CheckMaterials GrassrootsReview ${NOTICE} SuperiorReview CrossCheck Assess CentreReview ${TAIL}`,
    ],
    [
      '省直路径中心退回补正，补正后重新比对测算',
      { CentreReview: decided('supplement', 'pass') },
      {},
      `${HEAD} CentreReview AwaitSupplement CheckMaterials CrossCheck Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '属地路径中心退回补正，重新初审并重新公示',
      { CentreReview: decided('supplement', 'pass') },
      territorial,
      `CheckMaterials GrassrootsReview ${NOTICE} SuperiorReview CrossCheck Assess CentreReview AwaitSupplement CheckMaterials GrassrootsReview ${NOTICE} SuperiorReview CrossCheck Assess CentreReview ${TAIL}`,
    ],
    [
      '基层工会不予通过',
      { GrassrootsReview: decided('reject') },
      {},
      `CheckMaterials GrassrootsReview ${REJECTED}`,
    ],
    [
      '上级工会不予通过',
      { SuperiorReview: decided('reject') },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview ${REJECTED}`,
    ],
    ['中心不予通过', { CentreReview: decided('reject') }, {}, `${HEAD} CentreReview ${REJECTED}`],
    [
      '事实不全，核实后重新测算',
      { Assess: outcome('incomplete', 'incomplete', 'eligible') },
      {},
      `${HEAD} AwaitFacts Assess AwaitFacts Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '比对查出未申报的内容，认定之后才测算',
      { Assess: outcome('unsettled', 'eligible') },
      {},
      `${HEAD} Adjudicate Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '复审时又有新的结果，回去重新认定',
      {
        Assess: outcome('eligible', 'unsettled', 'ineligible'),
        CentreReview: decided('reassess', 'reject'),
      },
      {},
      `${HEAD} CentreReview Assess Adjudicate Assess CentreReview ${REJECTED}`,
    ],
    [
      '建档前又有新的结果，先认定再建档',
      {
        Assess: outcome('eligible', 'unsettled', 'eligible'),
        EstablishFile: outcome('unsettled', 'established'),
      },
      {},
      `${HEAD} CentreReview ${NOTICE} EstablishFile Assess Adjudicate Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心查不到的三必查，按本单位规定转人工核查',
      { CrossCheck: [{ return: { outcome: 'byHand' } }] },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview CrossCheck CrossCheckByHand Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    ['一事一议同意', { Assess: outcome('study') }, {}, `${HEAD} StudyByCase CentreReview ${NOTICE} ${TAIL}`],
    [
      '一事一议不同意',
      { Assess: outcome('study'), StudyByCase: decided('reject') },
      {},
      `${HEAD} StudyByCase ${REJECTED}`,
    ],
    [
      '不符合条件的也由中心作出结论',
      { Assess: outcome('ineligible') },
      {},
      `${HEAD} CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '日历未公布，由人确定截止日',
      { PublishNotice: outcome('calendarUnknown') },
      {},
      `${HEAD} CentreReview PublishNotice SetNoticeEnd NoticePeriod CloseNotice ${TAIL}`,
    ],
    [
      '公示期满前截止日改动，再等一次',
      { CloseNotice: outcome('running', 'clear') },
      {},
      `${HEAD} CentreReview ${NOTICE} NoticePeriod CloseNotice ${TAIL}`,
    ],
    [
      '异议不成立',
      { CloseNotice: outcome('objected') },
      {},
      `${HEAD} CentreReview ${NOTICE} InvestigateObjections ${TAIL}`,
    ],
    [
      '属地路径异议不成立，继续上报',
      { CloseNotice: outcome('objected') },
      territorial,
      `CheckMaterials GrassrootsReview ${NOTICE} InvestigateObjections SuperiorReview CrossCheck Assess CentreReview ${TAIL}`,
    ],
    [
      '异议成立',
      { CloseNotice: outcome('objected'), InvestigateObjections: decided('upheld') },
      {},
      `${HEAD} CentreReview ${NOTICE} InvestigateObjections ${REJECTED}`,
    ],
    [
      '家庭成员已在档，不重复建档',
      { EstablishFile: outcome('duplicate') },
      {},
      `${HEAD} CentreReview ${NOTICE} EstablishFile ${REJECTED}`,
    ],
    [
      '建档前发现家庭成员在不得申报的期限内',
      { EstablishFile: outcome('barred') },
      {},
      `${HEAD} CentreReview ${NOTICE} EstablishFile ${REJECTED}`,
    ],
    [
      '会议不安排资金，档案照样归档',
      { MeetingDecision: decided('noAid') },
      {},
      `${HEAD} CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心沉默，催办一次后答复',
      { CrossCheck: [never, { return: { outcome: 'complete' } }] },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview CrossCheck ChaseCrossCheck CrossCheck Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心一直沉默，转人工核查',
      { CrossCheck: [never], ChaseCrossCheck: outcome('wait', 'wait', 'byHand') },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview CrossCheck ChaseCrossCheck CrossCheck ChaseCrossCheck CrossCheck ChaseCrossCheck CrossCheckByHand Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心有应答但始终没有结果，到期转人工核查',
      { CrossCheck: [{ timeout: true, heartbeats: [6, 12, 18, 24].map((days) => days * DAY) }] },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview CrossCheck CrossCheckByHand Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心暂时不通，重试后成功',
      {
        CrossCheck: [
          thrown('Centre.Unavailable'),
          thrown('Centre.Unavailable'),
          { return: { outcome: 'complete' } },
        ],
      },
      {},
      `${HEAD} CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心一直不通，重试之后转人工核查',
      { CrossCheck: [thrown('Centre.Unavailable')] },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview CrossCheck CrossCheckByHand Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '中心拒绝，转人工核查',
      { CrossCheck: [thrown('Centre.Refused')] },
      {},
      `CheckMaterials GrassrootsReview SuperiorReview CrossCheck CrossCheckByHand Assess CentreReview ${NOTICE} ${TAIL}`,
    ],
    [
      '补正逾期，几次催办后终止',
      {
        CheckMaterials: outcome('incomplete'),
        AwaitSupplement: [never],
        Escalate: outcome('wait', 'wait', 'lapsed'),
      },
      {},
      `CheckMaterials AwaitSupplement Escalate AwaitSupplement Escalate AwaitSupplement Escalate ${REJECTED}`,
    ],
    [
      '逾期时申请已经结束，流程随之结束',
      { GrassrootsReview: [never], Escalate: outcome('closed') },
      {},
      'CheckMaterials GrassrootsReview Escalate Closed SUCCEEDED',
    ],
  ])('%s', async (_, mocks, given, wanted) => {
    expect(await walk(mocks, given)).toBe(wanted);
  });

  const tasks: readonly [string, string, Parameters<typeof walk>[0]][] = [
    ['GrassrootsReview', 'grassrootsReview', {}],
    ['SuperiorReview', 'superiorReview', {}],
    ['CrossCheckByHand', 'crossCheckByHand', { CrossCheck: [thrown('Centre.Refused')] }],
    ['Adjudicate', 'adjudication', { Assess: outcome('unsettled', 'eligible') }],
    ['AwaitFacts', 'facts', { Assess: outcome('incomplete', 'eligible') }],
    ['StudyByCase', 'caseStudy', { Assess: outcome('study') }],
    ['CentreReview', 'centreReview', {}],
    ['SetNoticeEnd', 'noticeEnd', { PublishNotice: outcome('calendarUnknown') }],
    ['InvestigateObjections', 'objections', { CloseNotice: outcome('objected') }],
    ['MeetingDecision', 'meeting', {}],
    ['AwaitSupplement', 'supplement', { CheckMaterials: outcome('incomplete', 'complete') }],
  ];
  test.each(tasks)('%s 逾期即催办，回到同一任务，最后照常办完', async (state, kind, more) => {
    const answer = SMOOTH[state as keyof typeof SMOOTH];
    const mocks = { ...more, [state]: [never, never, ...answer] };
    const { history, status } = await simulate({
      definition: TEXT,
      input: {
        version: 1,
        caseId: 'case',
        submission: 1,
        visit: 1,
        route: 'provinceDirect',
        resumeAt: 'CheckMaterials',
        returnTo: 'GrassrootsReview',
        timeouts: TIMEOUTS,
      },
      mocks: { ...SMOOTH, ...mocks },
      start: START,
    });
    expect(status).toBe('SUCCEEDED');
    const entered = history.flatMap(({ type, state: name }) =>
      type === 'TaskStateEntered' ? (name ?? []) : [],
    );
    const first = entered.indexOf(state);
    expect(entered.slice(first, first + 5)).toEqual([state, 'Escalate', state, 'Escalate', state]);
    const called = history.flatMap(({ type, state: name, details }) =>
      type === 'TaskScheduled' && name === 'Escalate' ? [JSON.stringify(details)] : [],
    );
    expect(called).toHaveLength(2);
    for (const call of called) expect(call).toContain(kind);
  });

  const functions = [
    ['CheckMaterials', {}],
    ['AwaitSupplement', { CheckMaterials: outcome('incomplete', 'complete') }],
    ['GrassrootsReview', {}],
    ['SuperiorReview', {}],
    ['CrossCheck', {}],
    ['ChaseCrossCheck', { CrossCheck: [never] }],
    ['CrossCheckByHand', { CrossCheck: [thrown('Centre.Refused')] }],
    ['Assess', {}],
    ['Adjudicate', { Assess: outcome('unsettled', 'eligible') }],
    ['AwaitFacts', { Assess: outcome('incomplete', 'eligible') }],
    ['StudyByCase', { Assess: outcome('study') }],
    ['CentreReview', {}],
    ['PublishNotice', {}],
    ['SetNoticeEnd', { PublishNotice: outcome('calendarUnknown') }],
    ['CloseNotice', {}],
    ['InvestigateObjections', { CloseNotice: outcome('objected') }],
    ['EstablishFile', {}],
    ['MeetingDecision', {}],
    ['Archive', {}],
    ['RecordRejection', { CentreReview: decided('reject') }],
    ['Escalate', { GrassrootsReview: [never] }],
  ] as const;
  test.each(functions)('%s 出了故障：报告后停下，说明在哪一步', async (state, more) => {
    const faulted = await walk({ ...more, [state]: [thrown('TypeError')] });
    expect(faulted).toMatch(
      new RegExp(
        ` ${state} ReportFault Faulted Case\\.Faulted$|^${state} ReportFault Faulted Case\\.Faulted$`,
      ),
    );
  });
  test.each(functions)('%s 遇到申请已经结束：流程随之结束，不算故障', async (state, more) => {
    const closed = await walk({ ...more, [state]: [thrown('Case.Closed')] });
    expect(closed).toMatch(new RegExp(`(^| )${state} Closed SUCCEEDED$`));
  });
  test.each(functions)('%s 暂时失败：重试后照常', async (state, more) => {
    const answers =
      state === 'Escalate'
        ? outcome('closed')
        : state === 'ChaseCrossCheck'
          ? outcome('byHand')
          : SMOOTH[state];
    const busy = [thrown('Lambda.TooManyRequestsException'), thrown('Case.Conflict'), ...answers];
    const smooth = await walk({ ...more, [state]: answers });
    expect(await walk({ ...more, [state]: busy })).toBe(smooth);
  });

  test('从材料检查恢复时，回到要求补正的环节', async () => {
    expect(await walk({}, { returnTo: 'CrossCheck' })).toBe(
      `CheckMaterials CrossCheck Assess CentreReview ${NOTICE} ${TAIL}`,
    );
  });

  test('报告故障也失败时，仍以故障结束', async () => {
    expect(await walk({ Assess: [thrown('TypeError')], ReportFault: [thrown('TypeError')] })).toBe(
      `${HEAD} ReportFault Faulted Case.Faulted`,
    );
  });

  test('不认识的环节和结论不会被当作通过', async () => {
    expect(await walk({}, { resumeAt: 'Nowhere' })).toBe('UnknownStage Case.UnknownStage');
    expect(await walk({ CentreReview: decided('maybe') })).toBe(
      `${HEAD} CentreReview UnknownStage Case.UnknownStage`,
    );
  });

  const resumable = [
    'CheckMaterials',
    'AwaitSupplement',
    'GrassrootsReview',
    'SuperiorReview',
    'CrossCheck',
    'CrossCheckByHand',
    'Assess',
    'Adjudicate',
    'AwaitFacts',
    'StudyByCase',
    'CentreReview',
    'PublishNotice',
    'SetNoticeEnd',
    'CloseNotice',
    'InvestigateObjections',
    'EstablishFile',
    'MeetingDecision',
    'Archive',
    'RecordRejection',
  ];
  test.each(resumable)('可以从 %s 恢复', async (state) => {
    expect(await walk({}, { resumeAt: state })).toMatch(
      new RegExp(`^${state} .*(Filed|Rejected) SUCCEEDED$`),
    );
  });
});
