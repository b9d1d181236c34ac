/**
 * The stories of the demonstration, each from draft to its end. A story pauses where the whole house must wait with it:
 * `notice` until the notice's last minute has passed, `meeting` until the meeting has been held.
 */
import * as z from 'zod';
import { ApiClient } from './client.ts';
import type { CaseDetail, Filing } from './filing.ts';

export type Pause = 'notice' | 'meeting';

/** What a story must end with; each is a statement of the regulation, written down by hand. */
export type Expectation = {
  readonly what: string;
  readonly wanted: unknown;
  readonly of: (detail: CaseDetail) => unknown;
};

export type Aid = { readonly kind: string; readonly amount: string; readonly fund: string };

export type Story = {
  readonly filing: Filing;
  readonly run: () => AsyncGenerator<Pause, void>;
  readonly expected: readonly Expectation[];
  /** What the meeting decides; undefined where the story never gets there. */
  readonly aids?: readonly Aid[];
  readonly resolution?: string;
  /** Words that the household must have been told. */
  readonly told: readonly string[];
};

const pass = { decision: 'pass', opinion: '材料齐全，走访属实，同意上报。' };

const fileIt = async (filing: Filing, without: readonly string[] = []): Promise<void> => {
  await filing.open();
  await filing.uploadPapers(without);
  await filing.submitAndSign();
};

const reviews = async (filing: Filing): Promise<void> => {
  const { grassroots, superior, centre } = filing.people;
  await filing.decide('grassrootsReview', 'grassrootsReview', grassroots, pass);
  await filing.decide('superiorReview', 'superiorReview', superior, pass);
  await filing.decide('centreReview', 'centreReview', centre, {
    decision: 'pass',
    opinion: '复审及信息比对通过。',
  });
  await filing.until('notice');
  filing.say('公示');
};

const toArchive = async function* (filing: Filing): AsyncGenerator<Pause, void> {
  await filing.until('established');
  filing.say('公示无异议，建立档案');
  yield 'meeting';
  await filing.until('filed');
  filing.say('归档');
};

/** The province-direct route without a bend. */
const straightOn = async function* (filing: Filing): AsyncGenerator<Pause, void> {
  await fileIt(filing);
  await reviews(filing);
  yield 'notice';
  yield* toArchive(filing);
};

const stage = (wanted: string): Expectation => ({ what: '最后环节', wanted, of: (detail) => detail.stage });
const tier = (wanted: string | null): Expectation => ({
  what: '建档级别',
  wanted,
  of: (detail) => detail.determination?.tier ?? null,
});
const net = (wanted: string): Expectation => ({
  what: '人均月收入（扣除刚性支出后）',
  wanted,
  of: (detail) => detail.assessment?.net ?? null,
});
const raw = (wanted: string): Expectation => ({
  what: '人均月收入（扣除前）',
  wanted,
  of: (detail) => detail.assessment?.raw ?? null,
});
const clauses = (wanted: readonly string[]): Expectation => ({
  what: '认定依据',
  wanted,
  of: (detail) => detail.assessment?.clauses ?? null,
});
const aid = (wanted: readonly Aid[]): Expectation => ({
  what: '帮扶决定',
  wanted,
  of: (detail) => detail.meeting?.aids ?? null,
});
const noticeEnds = (wanted: string): Expectation => ({
  what: '公示结束时刻',
  wanted,
  of: (detail) => detail.notice?.endsAt ?? null,
});
const refusedBy = (wanted: readonly string[]): Expectation => ({
  what: '不予建档的条款',
  wanted,
  of: (detail) => detail.refusal?.clauses ?? null,
});

/** Published on Thursday, 20 December 2018: the fifth working day after is the 27th, and its last minute ends here. */
const FIFTH_WORKING_DAY = '2018-12-27T16:00:00.000Z';

const majorIllness: Aid = { kind: 'majorIllness', amount: '8000', fund: 'centralFiscal' };
const living: Aid = { kind: 'living', amount: '3000', fund: 'provincialFiscal' };
const schooling: Aid = { kind: 'schooling', amount: '5000', fund: 'centralFiscal' };

export const exampleOneStory = (filing: Filing): Story => ({
  filing,
  aids: [majorIllness],
  resolution: '同意给予大病救助。',
  run: () => straightOn(filing),
  expected: [
    stage('filed'),
    tier('national'),
    raw('1731.11'),
    net('620.00'),
    clauses(['B-5.3', 'R-2', 'R-4']),
    noticeEnds(FIFTH_WORKING_DAY),
    aid([majorIllness]),
  ],
  told: ['全总级（意外致困户）困难职工档案', '大病救助 8000元'],
});

export const exampleTwoStory = (filing: Filing): Story => ({
  filing,
  aids: [living],
  resolution: '同意给予生活救助。',
  run: () => straightOn(filing),
  expected: [
    stage('filed'),
    tier('provincial'),
    raw('1750.00'),
    net('750.00'),
    clauses(['B-5.6']),
    noticeEnds(FIFTH_WORKING_DAY),
    aid([living]),
  ],
  told: ['省总级（意外致困户）困难职工档案', '生活救助 3000元'],
});

export const territorialStory = (filing: Filing): Story => ({
  filing,
  aids: [],
  resolution: '已通过医疗救助解决，本次不安排资金。',
  run: async function* () {
    const { grassroots, superior, centre } = filing.people;
    await fileIt(filing);
    await filing.claim('grassrootsReview', grassroots);
    await filing.visit(grassroots, '家中情况与申报一致，邻居反映属实。');
    await filing.decide('grassrootsReview', 'grassrootsReview', grassroots, {
      decision: 'pass',
      opinion: '经集体研究，同意公示后上报。',
      participants: [
        { name: '工会主席（样例）', duty: 'chair' },
        { name: '工会委员（样例）', duty: 'member' },
      ],
    });
    await filing.until('notice');
    filing.say('基层工会公示');
    yield 'notice';
    await filing.decide('superiorReview', 'superiorReview', superior, pass);
    await filing.decide('centreReview', 'centreReview', centre, {
      decision: 'pass',
      opinion: '信息比对通过，经集体研究同意建档。',
      participants: [
        { name: '分管副主席（样例）', duty: 'viceChair' },
        { name: '帮扶部负责人（样例）', duty: 'member' },
      ],
    });
    yield* toArchive(filing);
  },
  expected: [
    stage('filed'),
    tier('national'),
    raw('1083.33'),
    net('583.33'),
    clauses(['B-5.3', 'R-4']),
    noticeEnds(FIFTH_WORKING_DAY),
    aid([]),
  ],
  told: ['全总级（意外致困户）困难职工档案', '本次不安排帮扶资金'],
});

export const supplementStory = (filing: Filing): Story => ({
  filing,
  aids: [schooling],
  resolution: '同意给予助学救助。',
  run: async function* () {
    const missing = ['incomeProof/spouse', 'bankCard'];
    await fileIt(filing, missing);
    await filing.until('awaitingSupplement');
    filing.say('材料不全，待补正');
    await filing.uploadOnly(missing);
    await filing.decide('awaitingSupplement', 'supplement', filing.people.worker, { decision: 'supplied' });
    await reviews(filing);
    yield 'notice';
    yield* toArchive(filing);
  },
  expected: [
    stage('filed'),
    tier('national'),
    raw('833.33'),
    net('583.33'),
    clauses(['B-5.2b']),
    aid([schooling]),
  ],
  told: ['收入证明（冯样二）', '银行卡复印件', '助学救助 5000元'],
});

const noticesSchema = z.looseObject({
  notices: z.array(
    z.looseObject({ noticeId: z.string(), content: z.looseObject({ householder: z.string() }) }),
  ),
});

export const objectionStory = (filing: Filing, base: string): Story => ({
  filing,
  run: async function* () {
    await fileIt(filing);
    await reviews(filing);
    // Anyone reads the notices and objects; no sign-in is asked for.
    const passerBy = new ApiClient(base);
    const householder = filing.household.persons[0]?.name;
    const { notices } = await passerBy.get('/v1/notices', noticesSchema);
    const notice = notices.find(({ content }) => content.householder === householder);
    if (notice === undefined) throw new Error('公示中没有这一户');
    await passerBy.post(
      `/v1/notices/${notice.noticeId}/objections`,
      { text: '该户在外地另有一套住房出租，没有申报。' },
      z.looseObject({ objectionId: z.string() }),
    );
    filing.say('公示期间收到异议');
    yield 'notice';
    await filing.decide('objections', 'objections', filing.people.superior, {
      decision: 'upheld',
      opinion: '经实地调查，该户拥有两套住房，申报不实，异议成立。',
      clauses: ['B-7.1'],
    });
    await filing.until('rejected');
    filing.say('不予建档，告知家庭');
  },
  expected: [stage('rejected'), net('516.67'), refusedBy(['B-7.1'])],
  told: ['经实地调查，该户拥有两套住房', '第七条', '拥有2套（含）以上住房的'],
});

export const adjudicationStory = (filing: Filing): Story => ({
  filing,
  aids: [majorIllness],
  resolution: '同意给予大病救助。',
  run: async function* () {
    const { grassroots, superior, centre } = filing.people;
    await fileIt(filing);
    await filing.until('grassrootsReview');
    await filing.visit(
      grassroots,
      '本人患病住院，家庭困难属实；本人经营早点摊一处，无经营用房，不雇佣他人，全年净收入约6000元。',
      {
        assets: { homes: null, vehicles: [], businessPremises: false, employsOthers: false },
        incomes: [{ memberId: 'shuang', kind: 'business', assessed: '6000' }],
      },
    );
    await filing.decide('grassrootsReview', 'grassrootsReview', grassroots, pass);
    await filing.decide('superiorReview', 'superiorReview', superior, pass);
    await filing.adjudicate('经逐项核实，按比对和走访结果认定。', {
      home: { clause: 'C-3', reason: '产权证明属实，两套住房合计62.5平方米。' },
      business: { clause: 'R-12', reason: '早点摊无经营用房、不雇佣他人，经营收入按走访核实数计算。' },
    });
    await filing.decide('centreReview', 'centreReview', centre, {
      decision: 'pass',
      opinion: '差异已逐项认定，复审通过。',
    });
    await filing.until('notice');
    filing.say('公示');
    yield 'notice';
    yield* toArchive(filing);
  },
  expected: [
    stage('filed'),
    tier('national'),
    raw('1250.00'),
    net('583.33'),
    clauses(['B-5.3', 'R-4']),
    {
      what: '认定的事项',
      wanted: [
        '住房2（合肥市包河区样例里**栋***室）：24.50平方米（C-3）',
        '工商登记（蜀山区样例小吃店）：经营用房无，雇佣他人无，年经营收入6000.00元（R-12）',
      ],
      of: ({ settlements }) =>
        settlements.map(({ title, words, clause }) => `${title}：${words}（${clause}）`),
    },
    {
      what: '因75号第三条不适用的除外情形',
      wanted: ['B-7.1'],
      of: (detail) => detail.assessment?.exceptions.map(({ clause }) => clause) ?? null,
    },
    {
      what: '除外情形',
      wanted: [],
      of: (detail) => detail.assessment?.exclusions ?? null,
    },
    {
      what: '取自申报之外的事实',
      wanted: ['registry', 'visit'],
      of: ({ provenance }) =>
        (provenance ?? []).flatMap(({ source }) => (source === 'declared' ? [] : [source])),
    },
    aid([majorIllness]),
  ],
  told: ['全总级（意外致困户）困难职工档案', '大病救助 8000元'],
});

export const unauthorisedStory = (filing: Filing): Story => ({
  filing,
  // biome-ignore lint/correctness/useYield: this story never waits with the others
  run: async function* () {
    const { grassroots, superior, centre } = filing.people;
    await fileIt(filing);
    await filing.decide('grassrootsReview', 'grassrootsReview', grassroots, pass);
    await filing.decide('superiorReview', 'superiorReview', superior, pass);
    await filing.decide('centreReview', 'centreReview', centre, {
      decision: 'reject',
      opinion: '城市困难职工未授权信息比对，不予建档。',
      clauses: ['C-2'],
    });
    await filing.until('rejected');
    filing.say('不予建档，告知家庭');
  },
  expected: [
    stage('rejected'),
    tier(null),
    {
      what: '测算结果',
      wanted: 'ineligible',
      of: (detail) => detail.determination?.outcome ?? null,
    },
    {
      what: '不符合的条款',
      wanted: ['C-2'],
      of: (detail) => detail.determination?.exclusions ?? null,
    },
    refusedBy(['C-2']),
  ],
  told: ['城市困难职工不授权比对的不予建档', '签署授权书后重新提出申请'],
});

export const withdrawalStory = (filing: Filing): Story => ({
  filing,
  // biome-ignore lint/correctness/useYield: this story never waits with the others
  run: async function* () {
    await fileIt(filing);
    await filing.decide('grassrootsReview', 'grassrootsReview', filing.people.grassroots, pass);
    await filing.until('superiorReview');
    await filing.withdraw('家庭情况已好转。');
    await filing.until('withdrawn');
  },
  expected: [stage('withdrawn'), { what: '档案编号', wanted: null, of: (detail) => detail.file }],
  told: ['您的申请已按您的要求撤回'],
});
