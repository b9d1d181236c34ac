/**
 * A table a clause: just below, at and just above each limit. D is 600 yuan, so that for the worker alone 7200 a
 * year is D, 10800 is 1.5 D, 14400 is 2 D and 21600 is 3 D.
 */
import { describe, expect, test } from 'vitest';
import {
  assessed,
  car,
  type Document,
  declaration,
  earning,
  example,
  ids,
  migrant,
  outcomeOf,
  parameters,
  twoHomes,
  worker,
} from './household.ts';

const relative = { id: 'r', relation: 'child', onRegister: true, status: 'student' };
const spouse = { id: 's', relation: 'spouse', onRegister: true, status: 'employed' };
const household = (...others: Document[]): Document => ({ members: [worker, ...others] });
const spending = (...expenditures: Document[]): Document => ({ expenditures });
const accident = (amount: string | null, more: Document = {}) => ({ kind: 'accident', amount, ...more });
const illness = (amount: string, more: Document = {}) => ({
  kind: 'medical',
  amount,
  majorIllness: true,
  ...more,
});
const tuition = (amount: string | null) => ({ kind: 'schooling', amount });
const standing = (kind: string, more: Document = {}): Document => ({
  worker: { kind: 'urban', standing: kind, labourRelationMonths: 0, ...more },
});

describe('建档材料的两个例子', () => {
  test.each(['example-1', 'example-2'])('%s 得出材料所写的结果', (name) => {
    expect(assessed(example(name), exampleParameters())).toMatchObject(Object(example(`${name}.expected`)));
  });

  test('例1 靠一并扣除全部支出才符合，且以重大疾病为由，两点都提请核实', () => {
    const assessment = assessed(example('example-1'), exampleParameters());
    expect(assessment.clauses).toEqual(['B-5.3', 'R-2', 'R-4']);
    expect(ids(assessment.findings)).toEqual(['R-2', 'R-4']);
    expect(assessment.margins).toEqual({ national: '-19.00', provincial: '-338.50', municipal: '-658.00' });
  });
});

const exampleParameters = () =>
  parameters({ subsistenceAllowance: '639', minimumWage: '1520', unitRetireesAdmitted: false });

describe('C-1 身份', () => {
  test.each<[string, Document, boolean]>([
    ['在职职工没有劳动关系，不予建档', standing('employed'), true],
    ['在职职工劳动关系满一个月，可以申报', standing('employed', { labourRelationMonths: 1 }), false],
    ['农民工劳动关系五个月，不予建档', { worker: { ...migrant, labourRelationMonths: 5 } }, true],
    ['农民工劳动关系满六个月，可以申报', { worker: migrant }, false],
    ['农民工不在职，不予建档', { worker: { ...migrant, standing: 'flexible' } }, true],
    ['灵活就业人员不以劳动关系为条件', standing('flexible'), false],
    ['领取失业金的人员不以劳动关系为条件', standing('unemployed'), false],
    ['未实行社会化管理的退休人员不以劳动关系为条件', standing('retiredUnderUnit'), false],
  ])('%s', (_, changes, barred) => {
    const assessment = outcomeOf({ ...changes, subsistenceAllowance: true });
    expect(ids(assessment.exclusions)).toEqual(barred ? ['C-1'] : []);
    expect(assessment.outcome).toBe(barred ? 'ineligible' : 'eligible');
  });
});

describe('C-2 信息比对', () => {
  test.each<[string, Document, string, string[], string[]]>([
    ['城市职工不授权比对，不予建档', { crossCheckAuthorised: false }, 'ineligible', ['C-2'], []],
    [
      '城市职工不授权比对，走访也不能代替',
      { crossCheckAuthorised: false, onSiteVisit: true },
      'ineligible',
      ['C-2'],
      [],
    ],
    [
      '农民工既没有授权也没有走访，先补一项',
      { worker: migrant, crossCheckAuthorised: false },
      'incomplete',
      [],
      ['C-2'],
    ],
    [
      '农民工没有授权但已走访，可以评估',
      { worker: migrant, crossCheckAuthorised: false, onSiteVisit: true },
      'eligible',
      [],
      [],
    ],
  ])('%s', (_, changes, outcome, exclusions, missing) => {
    const assessment = outcomeOf({ subsistenceAllowance: true, ...changes });
    expect(assessment.outcome).toBe(outcome);
    expect(ids(assessment.exclusions)).toEqual(exclusions);
    expect(ids(assessment.missing)).toEqual(missing);
  });

  test('不予建档的，其余各步仍照算、照列', () => {
    const assessment = outcomeOf(
      {
        ...standing('employed'),
        crossCheckAuthorised: false,
        ...household({ ...relative, onRegister: false }),
        assets: { homes: [], vehicles: [], businessPremises: true },
      },
      { excludedMayFileMunicipal: false },
    );
    expect(assessment.outcome).toBe('ineligible');
    expect(ids(assessment.exclusions)).toEqual(['C-1', 'C-2', 'B-7.2']);
    expect(ids(assessment.missing)).toEqual(['R-11']);
    expect(assessment.net).toBe('600.00');
  });
});

describe('A-7、R-11 家庭人口', () => {
  test.each<[string, Document, number, string[]]>([
    ['户口本上的人计入', relative, 2, []],
    ['不在户口本上、经走访核实的人计入', { ...relative, onRegister: false, visitConfirmed: true }, 2, []],
    ['不在户口本上、没有走访的人不计入，并须核实', { ...relative, onRegister: false }, 1, ['R-11']],
  ])('%s', (_, other, members, missing) => {
    const assessment = outcomeOf(household(other));
    expect(assessment.members).toBe(members);
    expect(ids(assessment.missing)).toEqual(missing);
  });

  test('本人不在户口本上也计入', () => {
    expect(outcomeOf({ members: [{ ...worker, onRegister: false }] }).members).toBe(1);
  });

  test('没有计入的人，收入和支出都不算，也不因此缺什么', () => {
    const stranger = {
      ...relative,
      onRegister: false,
      status: 'unemployed',
      incomes: [{ kind: 'wage', amount: null }],
    };
    const assessment = outcomeOf(
      {
        ...household(stranger, { ...stranger, id: 'q' }),
        ...spending(accident(null, { memberId: 'r' }), { kind: 'living', amount: null, memberId: 'q' }),
      },
      { minimumWage: undefined },
    );
    expect(ids(assessment.missing)).toEqual(['R-11', 'R-11']);
    expect(assessment).toMatchObject({ annualIncome: '7200.00', rigidExpenditure: '0.00', findings: [] });
  });
});

describe('B-6、A-6、C-5、B-n4 收入', () => {
  const imputed = (other: Document, changes: Document = {}, standards: Document = {}) => {
    const { imputations, annualIncome } = outcomeOf({ ...household(other), ...changes }, standards);
    return { imputations, annualIncome };
  };
  const jobless = { ...relative, relation: 'parent', status: 'unemployed' };
  const unverifiable = { ...spouse, incomeUnverifiable: true };
  const rural = { ...unverifiable, livesInCountryside: true };

  test('工资减去所得税和社会保险，其他收入照加', () => {
    const incomes = [
      { kind: 'wage', amount: '1000.50', incomeTax: '0.25', socialInsurance: '100' },
      { kind: 'business', amount: '10' },
      { kind: 'property', amount: '20' },
      { kind: 'transfer', amount: '30.01' },
    ];
    expect(outcomeOf({ members: [{ ...worker, incomes }] }).annualIncome).toBe('960.26');
  });

  test.each<[string, Document, Document, Document, [string, string] | null, string]>([
    ['有劳动能力而未就业的成员按最低工资计算', jobless, {}, {}, ['A-6', '18000.00'], '25200.00'],
    ['有特殊情况证明的不推定', { ...jobless, specialCircumstances: true }, {}, {}, null, '7200.00'],
    [
      '申报工资等于最低工资的，不算推定',
      { ...jobless, incomes: [{ kind: 'wage', amount: '18000' }] },
      {},
      {},
      null,
      '25200.00',
    ],
    [
      '申报工资低一分的，按推定',
      { ...jobless, incomes: [{ kind: 'wage', amount: '17999.99' }] },
      {},
      {},
      ['A-6', '18000.00'],
      '25200.00',
    ],
    [
      '推定只代替工资，其他收入照加',
      { ...jobless, incomes: [{ kind: 'transfer', amount: '18000' }] },
      {},
      {},
      ['A-6', '18000.00'],
      '43200.00',
    ],
    ['学生不推定', { ...unverifiable, status: 'student' }, {}, {}, null, '7200.00'],
    ['学龄前儿童不推定', { ...unverifiable, status: 'preschool' }, {}, {}, null, '7200.00'],
    ['收入无法核实的按最低工资', unverifiable, {}, {}, ['C-5', '18000.00'], '25200.00'],
    [
      '农民工住在农村的配偶按农村居民可支配收入',
      rural,
      { worker: migrant },
      {},
      ['C-5', '13000.00'],
      '20200.00',
    ],
    ['城市职工的配偶住在农村，仍按最低工资', rural, {}, {}, ['C-5', '18000.00'], '25200.00'],
    [
      '农民工住在农村的配偶未就业，仍按农村居民可支配收入',
      { ...rural, status: 'unemployed' },
      { worker: migrant },
      {},
      ['C-5', '13000.00'],
      '20200.00',
    ],
    [
      '农民工的其他成员按低保办法的核定收入',
      { ...unverifiable, relation: 'parent' },
      { worker: migrant },
      { unprovenIncome: '900' },
      ['B-n4', '10800.00'],
      '18000.00',
    ],
    [
      '没有核定收入标准的按最低工资',
      { ...unverifiable, relation: 'parent' },
      { worker: migrant },
      {},
      ['C-5', '18000.00'],
      '25200.00',
    ],
    [
      '农民工未就业的成员先按最低工资',
      { ...jobless, incomeUnverifiable: true },
      { worker: migrant },
      { unprovenIncome: '900' },
      ['A-6', '18000.00'],
      '25200.00',
    ],
  ])('%s', (_, other, changes, standards, imputation, annualIncome) => {
    expect(imputed(other, changes, standards)).toEqual({
      imputations:
        imputation === null ? [] : [{ memberId: other.id, clause: imputation[0], amount: imputation[1] }],
      annualIncome,
    });
  });

  test('农民工本人收入无法核实的按最低工资，不按核定收入', () => {
    const { imputations } = outcomeOf(
      { worker: migrant, members: [{ ...worker, incomeUnverifiable: true, incomes: [] }] },
      { unprovenIncome: '900' },
    );
    expect(imputations).toEqual([{ memberId: 'w', clause: 'C-5', amount: '18000.00' }]);
  });

  test('领取失业金的职工本人不推定工资', () => {
    const { imputations, annualIncome } = outcomeOf({
      ...standing('unemployed'),
      members: [{ ...worker, status: 'unemployed', incomeUnverifiable: true }],
    });
    expect({ imputations, annualIncome }).toEqual({ imputations: [], annualIncome: '7200.00' });
  });

  test('数额没有查明的，年收入不定，每人只提一次，不当作零', () => {
    const unknown = {
      ...spouse,
      incomes: [
        { kind: 'business', amount: null },
        { kind: 'property', amount: null },
      ],
    };
    const assessment = outcomeOf(household(unknown));
    expect(assessment).toMatchObject({
      outcome: 'incomplete',
      annualIncome: null,
      raw: null,
      net: null,
      margins: { national: null, provincial: null, municipal: null },
    });
    expect(ids(assessment.missing)).toEqual(['A-5']);
  });

  test('税或社保没有查明的，这笔工资就没有查明，推定不列，标准照读', () => {
    const unknown = { ...jobless, incomes: [{ kind: 'wage', amount: '100', incomeTax: null }] };
    const assessment = outcomeOf(household(unknown), { minimumWage: undefined });
    expect(assessment.imputations).toEqual([]);
    expect(assessment.missing.map(({ clause, detail }) => (clause === 'R-15' ? detail : clause))).toEqual([
      'A-5',
      'minimumWage',
    ]);
  });

  test('收入无法核实的成员，没有查明的数额不计', () => {
    const unknown = {
      ...unverifiable,
      incomes: [
        { kind: 'wage', amount: null },
        { kind: 'business', amount: '50' },
      ],
    };
    expect(outcomeOf(household(unknown))).toMatchObject({ annualIncome: '25250.00', missing: [] });
  });

  test('推定所需的标准没有，年收入不定，同一标准只提一次', () => {
    const assessment = outcomeOf(household(jobless, { ...jobless, id: 'q' }), { minimumWage: undefined });
    expect(assessment.annualIncome).toBeNull();
    expect(assessment.missing).toEqual([{ clause: 'R-15', detail: 'minimumWage' }]);
  });
});

describe('C-5、A-8 支出', () => {
  test.each<[string, Document, string]>([
    ['医疗支出减去报销', illness('1000', { reimbursed: '400.5' }), '599.50'],
    ['报销多于支出的按零', illness('1000', { reimbursed: '1000.01' }), '0.00'],
    ['报销没有查明的整笔按零', illness('1000', { reimbursed: null }), '0.00'],
    ['日常生活支出不扣除', { kind: 'living', amount: '1000' }, '0.00'],
    ['残疾支出扣除', { kind: 'disability', amount: '1000' }, '1000.00'],
    ['单亲支出扣除', { kind: 'singleParent', amount: '1000' }, '1000.00'],
    ['其他特殊支出扣除', { kind: 'other', amount: '1000' }, '1000.00'],
  ])('%s', (_, item, rigid) => {
    expect(outcomeOf(spending(item)).rigidExpenditure).toBe(rigid);
  });

  test('申报日常生活支出的只提示一次，没有查明也不要紧', () => {
    const living = { kind: 'living', amount: null };
    const assessment = outcomeOf({ subsistenceAllowance: true, ...spending(living, living) });
    expect(ids(assessment.findings)).toEqual(['C-5', 'B-5.1']);
    expect(assessment.missing).toEqual([]);
  });

  test.each<[string, Document, string[], string]>([
    [
      '支出没有查明的先查明',
      { ...earning('12000'), ...spending(tuition(null), tuition(null)) },
      ['A-8'],
      'incomplete',
    ],
    [
      '已够全总级而无不应建档情形的，不必再查',
      { subsistenceAllowance: true, ...spending(tuition(null)) },
      [],
      'eligible',
    ],
    [
      '已够全总级而有不应建档情形的，仍须查明',
      { subsistenceAllowance: true, ...spending(tuition(null), accident('1')), assets: car('1') },
      ['A-8'],
      'incomplete',
    ],
    ['已够省总级的，仍须查明', { ...earning('7201'), ...spending(tuition(null)) }, ['A-8'], 'incomplete'],
  ])('%s', (_, changes, missing, outcome) => {
    const assessment = outcomeOf(changes);
    expect(ids(assessment.missing)).toEqual(missing);
    expect(assessment.outcome).toBe(outcome);
  });
});

type Expected = { tier: string; category: string; clauses: string[] } | 'ineligible' | 'study';
const national = (category: string, ...clauses: string[]): Expected => ({
  tier: 'national',
  category,
  clauses,
});
const provincial = (category: string): Expected => ({ tier: 'provincial', category, clauses: ['B-5.6'] });
const municipal = (category: string): Expected => ({ tier: 'municipal', category, clauses: ['B-5.7'] });

const tiers = (cases: [string, Document, Expected][]) => {
  test.each(cases)('%s', (_, changes, expected) => {
    const { outcome, tier, category, clauses } = outcomeOf(changes);
    expect(outcome === 'eligible' ? { tier, category, clauses } : outcome).toEqual(expected);
  });
};

describe('B-5.1 低保户', () => {
  tiers([
    [
      '享受低保，人均月收入低于标准',
      { subsistenceAllowance: true, ...earning('7199.99') },
      national('subsistence', 'B-5.1'),
    ],
    [
      '享受低保，人均月收入等于标准',
      { subsistenceAllowance: true, ...earning('7200') },
      national('subsistence', 'B-5.1'),
    ],
    [
      '享受低保，人均月收入高于标准一分，只够省总级',
      { subsistenceAllowance: true, ...earning('7200.01') },
      provincial('nearSubsistence'),
    ],
    ['没有享受低保，不是低保户', earning('7200'), provincial('nearSubsistence')],
  ]);
});

describe('B-5.2a 低保边缘户（连续六个月）', () => {
  tiers([
    ['连续六个月不高于标准', { monthsBelowStandard: 6 }, national('nearSubsistence', 'B-5.2a')],
    ['连续五个月不够', { monthsBelowStandard: 5 }, provincial('nearSubsistence')],
    [
      '年收入高也不影响，由人核实',
      { monthsBelowStandard: 6, ...earning('99999') },
      national('nearSubsistence', 'B-5.2a'),
    ],
    [
      '享受低保的不适用',
      { monthsBelowStandard: 6, subsistenceAllowance: true, ...earning('7200.01') },
      provincial('nearSubsistence'),
    ],
  ]);
});

describe('B-5.2b、R-3 低保边缘户（扣除支出后）', () => {
  tiers([
    [
      '收入等于1.5倍，扣除后等于标准',
      { ...earning('10800'), ...spending(tuition('3600')) },
      national('nearSubsistence', 'B-5.2b'),
    ],
    [
      '扣除后高于标准一分',
      { ...earning('10800'), ...spending(tuition('3599.99')) },
      provincial('nearSubsistence'),
    ],
    ['收入高于1.5倍一分', { ...earning('10800.01'), ...spending(tuition('3600.01')) }, provincial('other')],
    ['没有支出的不适用', earning('7200'), provincial('nearSubsistence')],
    [
      '支出一分也适用',
      { ...earning('7200'), ...spending(tuition('0.01')) },
      national('nearSubsistence', 'B-5.2b'),
    ],
  ]);
});

describe('B-5.3、R-2、R-4 意外致困户', () => {
  tiers([
    [
      '收入等于3倍，扣除后等于标准',
      { ...earning('21600'), ...spending(accident('14400')) },
      national('accident', 'B-5.3'),
    ],
    [
      '扣除后高于标准一分',
      { ...earning('21600'), ...spending(accident('14399.99')) },
      provincial('accident'),
    ],
    ['收入高于3倍一分，转一事一议', { ...earning('21600.01'), ...spending(accident('14400.01')) }, 'study'],
    [
      '靠一并扣除上学支出才符合的，提请核实',
      { ...earning('21600'), ...spending(accident('14399.99'), tuition('0.01')) },
      national('accident', 'B-5.3', 'R-2'),
    ],
    [
      '以重大疾病为由的，提请核实',
      { ...earning('21600'), ...spending(illness('14400')) },
      national('accident', 'B-5.3', 'R-4'),
    ],
    [
      '有意外也有重大疾病的，不必核实疾病',
      { ...earning('21600'), ...spending(illness('14399'), accident('1')) },
      national('accident', 'B-5.3'),
    ],
    [
      '普通疾病不是意外',
      { ...earning('21600'), ...spending({ kind: 'medical', amount: '14400' }) },
      provincial('other'),
    ],
    [
      '全部报销的重大疾病不是意外',
      { ...earning('21600'), ...spending(illness('9', { reimbursed: '9' }), tuition('14400')) },
      provincial('other'),
    ],
  ]);
});

describe('B-5.4、R-6 其它原因致困户', () => {
  const disaster = (amount: string) => spending(accident(amount, { extraordinary: true }));
  const holding = (investments: string | null, savings: string | null): Document => ({
    assets: { homes: [], vehicles: [], investments, savings },
  });
  tiers([
    [
      '收入高于3倍一分，减去灾害支出等于标准',
      { ...earning('21600.01'), ...disaster('14400.01') },
      national('other', 'B-5.4', 'R-6'),
    ],
    [
      '收入加资产减去灾害支出等于标准',
      { ...earning('30000'), ...holding('100', '200'), ...disaster('23100') },
      national('other', 'B-5.4', 'R-6'),
    ],
    [
      '储蓄多一分就不符合，转一事一议',
      { ...earning('30000'), ...holding('100', '200.01'), ...disaster('23100') },
      'study',
    ],
    [
      '收入等于3倍的，按意外致困户',
      { ...earning('21600'), ...disaster('14400') },
      national('accident', 'B-5.3'),
    ],
    [
      '没有标明非常重大的，转一事一议',
      { ...earning('21600.01'), ...spending(accident('14400.01')) },
      'study',
    ],
  ]);

  test.each<[string, string | null, string | null, string, string[]]>([
    ['储蓄没有查明而符合的，先查明', '0', null, 'incomplete', ['B-5.4']],
    ['投资没有查明而符合的，先查明', null, '0', 'incomplete', ['B-5.4']],
    ['投资和储蓄都没有查明的，只提一次', null, null, 'incomplete', ['B-5.4']],
    ['反正不符合的，不必查明', '90000', null, 'study', []],
  ])('%s', (_, investments, savings, outcome, missing) => {
    const assessment = outcomeOf({
      ...earning('30000'),
      ...holding(investments, savings),
      ...disaster('23100'),
    });
    expect(assessment.outcome).toBe(outcome);
    expect(ids(assessment.missing)).toEqual(missing);
  });
});

describe('B-5.6、R-5 省总级', () => {
  tiers([
    ['没有支出，收入等于1.5倍', earning('10800'), provincial('nearSubsistence')],
    ['没有支出，收入高于1.5倍一分，缺少致困原因', earning('10800.01'), 'ineligible'],
    ['扣除后等于1.5倍', { ...earning('21600'), ...spending(tuition('10800')) }, provincial('other')],
    [
      '扣除后高于1.5倍一分，只够市总级',
      { ...earning('21600'), ...spending(tuition('10799.99')) },
      municipal('other'),
    ],
    ['收入高于3倍一分，转一事一议', { ...earning('21600.01'), ...spending(tuition('10800.01')) }, 'study'],
    [
      '享受低保也是致困原因',
      { ...earning('10800'), subsistenceAllowance: true },
      provincial('nearSubsistence'),
    ],
    ['因意外的是意外致困户', { ...earning('21600'), ...spending(accident('10800')) }, provincial('accident')],
  ]);
});

describe('B-5.7 市总级', () => {
  tiers([
    ['扣除后等于2倍', { ...earning('21600'), ...spending(tuition('7200')) }, municipal('other')],
    ['扣除后高于2倍一分', { ...earning('21600'), ...spending(tuition('7199.99')) }, 'ineligible'],
    ['享受低保，没有支出', { ...earning('14400'), subsistenceAllowance: true }, municipal('other')],
    ['没有支出也不享受低保，缺少致困原因', earning('14400'), 'ineligible'],
  ]);

  test('当地没有市总级的，不够省总级就不符合', () => {
    const { outcome, margins } = outcomeOf(
      { ...earning('21600'), ...spending(tuition('7200')) },
      { municipalMultiple: undefined },
    );
    expect({ outcome, municipal: margins.municipal }).toEqual({ outcome: 'ineligible', municipal: null });
  });
});

describe('C-6 一事一议', () => {
  const over = (spent: string) => ({ ...earning('30000'), ...spending(tuition(spent)) });
  test.each<[string, string, string | undefined, string]>([
    ['扣除后等于最高限额2倍', '15600', '2', 'study'],
    ['扣除后高于最高限额一分', '15599.99', '2', 'ineligible'],
    ['没有市总级的，最高限额是1.5倍', '19200', undefined, 'study'],
    ['没有市总级的，高于1.5倍一分就不符合', '19199.99', undefined, 'ineligible'],
    ['市里的倍数低于1.5的，最高限额仍是1.5倍', '19200', '1.2', 'study'],
  ])('%s', (_, spent, municipalMultiple, outcome) => {
    expect(outcomeOf(over(spent), { municipalMultiple }).outcome).toBe(outcome);
  });
});

describe('B-7 不应建档的情形', () => {
  const eligible = { subsistenceAllowance: true };
  const plain = { homes: [], vehicles: [] };
  const vehicle = { kind: 'ship', purchasePrice: '1', usedAsEmployee: false };
  const pupil = { ...relative, highFeePrivateSchool: true };
  const refuser = { ...relative, status: 'unemployed', specialCircumstances: true, jobRefusals: 3 };

  test.each<[string, Document, string[]]>([
    ['有一套住房', { assets: { ...plain, homes: [{ area: '999' }] } }, []],
    ['有两套住房', { assets: twoHomes }, ['B-7.1']],
    ['有生产经营房产', { assets: { ...plain, businessPremises: true } }, ['B-7.2']],
    ['雇佣他人', { assets: { ...plain, employsOthers: true } }, ['B-7.2']],
    ['非受雇佣使用船舶', { assets: { ...plain, vehicles: [vehicle] } }, ['B-7.3']],
    ['受雇佣使用车辆', { assets: { ...plain, vehicles: [{ ...vehicle, usedAsEmployee: true }] } }, []],
    ['子女就读高收费私立学校', household(pupil), ['B-7.4']],
    ['子女自费出国留学', household({ ...relative, selfFundedAbroad: true }), ['B-7.4']],
    ['孙子女就读高收费私立学校', household({ ...pupil, relation: 'grandchild' }), []],
    ['失业成员无故拒绝三次', household(refuser), ['B-7.5']],
    ['失业成员无故拒绝两次', household({ ...refuser, jobRefusals: 2 }), []],
    ['已就业成员曾拒绝三次', household({ ...refuser, status: 'employed' }), []],
    ['已实行社会化管理的退休人员', standing('retiredUnderCommunity'), ['B-7.6']],
    ['未实行社会化管理的退休人员，当地纳入', standing('retiredUnderUnit'), []],
    ['当地工会确定的其他情形', { otherExclusion: { reason: '甲', approvedBy: '乙' } }, ['B-7.7']],
  ])('%s', (_, changes, exclusions) => {
    const assessment = outcomeOf({ ...eligible, ...changes }, { excludedMayFileMunicipal: false });
    expect(ids(assessment.exclusions)).toEqual(exclusions);
    expect(assessment.outcome).toBe(exclusions.length > 0 ? 'ineligible' : 'eligible');
  });

  test('没有计入家庭人口的子女就读高收费私立学校，同样不应建档', () => {
    const { exclusions } = outcomeOf({ ...eligible, ...household({ ...pupil, onRegister: false }) });
    expect(ids(exclusions)).toEqual(['B-7.4']);
  });

  test('没有计入家庭人口的成员拒绝就业推荐，不影响', () => {
    const { exclusions } = outcomeOf({ ...eligible, ...household({ ...refuser, onRegister: false }) });
    expect(ids(exclusions)).toEqual([]);
  });

  test.each<[string, boolean | undefined, string, string[], string[]]>([
    ['当地不纳入退休人员', false, 'ineligible', ['B-7.6'], []],
    ['当地没有规定是否纳入退休人员的，先补齐', undefined, 'incomplete', [], ['unitRetireesAdmitted']],
  ])('%s', (_, unitRetireesAdmitted, outcome, exclusions, missing) => {
    const assessment = outcomeOf(
      { ...eligible, ...standing('retiredUnderUnit') },
      { unitRetireesAdmitted, excludedMayFileMunicipal: false },
    );
    expect(assessment.outcome).toBe(outcome);
    expect(ids(assessment.exclusions)).toEqual(exclusions);
    expect(assessment.missing.map(({ detail }) => detail)).toEqual(missing);
  });

  test('各种情形按条文的顺序列出', () => {
    const assessment = outcomeOf({
      ...standing('retiredUnderCommunity'),
      ...household(pupil, { ...refuser, id: 'u' }),
      assets: {
        homes: [{ area: '1' }, { area: '1' }, { area: '1' }],
        vehicles: [vehicle],
        employsOthers: true,
      },
      otherExclusion: { reason: '甲', approvedBy: '乙' },
    });
    expect(ids(assessment.exclusions)).toEqual([
      'B-7.1',
      'B-7.2',
      'B-7.3',
      'B-7.4',
      'B-7.5',
      'B-7.6',
      'B-7.7',
    ]);
  });
});

describe('C-3、R-9 例外', () => {
  const two = household(relative);
  const met = { ...two, ...spending(accident('3000')) };
  const state = (changes: Document, standards: Document = {}) => {
    const { outcome, exclusions, exceptions, missing } = outcomeOf(changes, {
      excludedMayFileMunicipal: false,
      ...standards,
    });
    return {
      outcome,
      exclusions: ids(exclusions),
      exceptions: ids(exceptions),
      missing: missing.map(({ clause, detail }) => (clause === 'R-15' ? detail : clause)),
    };
  };
  type State = { outcome: string; exclusions: string[]; exceptions: string[]; missing: string[] };
  const lifted = (...exceptions: string[]): State => ({
    outcome: 'eligible',
    exclusions: [],
    exceptions,
    missing: [],
  });
  const stands = (...exclusions: string[]): State => ({
    outcome: 'ineligible',
    exclusions,
    exceptions: [],
    missing: [],
  });
  const open = (...missing: string[]): State => ({
    outcome: 'incomplete',
    exclusions: [],
    exceptions: [],
    missing,
  });
  const areas = (...list: (string | null)[]) => ({ homes: list.map((area) => ({ area })), vehicles: [] });

  test.each<[string, Document, Document, State]>([
    ['两套住房人均面积等于标准，因意外致困', { ...met, assets: areas('20', '12') }, {}, lifted('B-7.1')],
    ['两套住房人均面积超出一点', { ...met, assets: areas('20', '12.01') }, {}, stands('B-7.1')],
    ['三套住房没有例外', { ...met, assets: areas('1', '1', '1') }, {}, stands('B-7.1')],
    [
      '没有意外也没有大病的没有例外',
      { ...two, subsistenceAllowance: true, assets: areas('20', '12') },
      {},
      stands('B-7.1'),
    ],
    [
      '不够任何一级的没有例外',
      {
        members: [{ ...worker, incomes: [{ kind: 'transfer', amount: '99999' }] }, relative],
        ...spending(accident('1')),
        assets: areas('20', '12'),
      },
      {},
      stands('B-7.1'),
    ],
    ['面积没有查明的先查明', { ...met, assets: areas('20', null) }, {}, open('C-3')],
    [
      '面积没有查明而没有致困原因的，没有例外',
      { ...two, subsistenceAllowance: true, assets: areas('20', null) },
      {},
      stands('B-7.1'),
    ],
    [
      '没有住房保障标准的先补齐',
      { ...met, assets: areas('20', '12') },
      { housingAreaPerHead: undefined },
      open('housingAreaPerHead', 'C-3'),
    ],
    ['一辆十万元的机动车，因意外致困', { ...met, assets: car('100000') }, {}, lifted('B-7.3')],
    ['一辆超过十万元一分的机动车', { ...met, assets: car('100000.01') }, {}, stands('B-7.3')],
    ['价格没有查明的先查明', { ...met, assets: car(null) }, {}, open('C-3')],
    [
      '一艘便宜的船没有例外',
      {
        ...met,
        assets: { homes: [], vehicles: [{ kind: 'ship', purchasePrice: '1', usedAsEmployee: false }] },
      },
      {},
      stands('B-7.3'),
    ],
    [
      '两辆便宜的车没有例外',
      { ...met, assets: { homes: [], vehicles: [...car('1').vehicles, ...car('1').vehicles] } },
      {},
      stands('B-7.3'),
    ],
    [
      '另一辆受雇佣使用的车不妨碍',
      {
        ...met,
        assets: {
          homes: [],
          vehicles: [
            ...car('1').vehicles,
            { kind: 'motorVehicle', purchasePrice: '300000', usedAsEmployee: true },
          ],
        },
      },
      {},
      lifted('B-7.3'),
    ],
    [
      '住房和车辆的例外可以并用',
      { ...met, assets: { ...areas('20', '12'), vehicles: car('1').vehicles } },
      {},
      lifted('B-7.1', 'B-7.3'),
    ],
    [
      '子女的重大疾病是例外的原因',
      { ...two, ...spending(illness('3000', { memberId: 'r' })), assets: car('1') },
      {},
      lifted('B-7.3'),
    ],
    [
      '没有写明成员的重大疾病算职工本人的',
      { ...two, ...spending(illness('3000')), assets: car('1') },
      {},
      lifted('B-7.3'),
    ],
    [
      '父母的重大疾病不是例外的原因',
      {
        ...household({ ...relative, relation: 'parent' }),
        ...spending(illness('3000', { memberId: 'r' })),
        assets: car('1'),
      },
      {},
      stands('B-7.3'),
    ],
    [
      '父母的意外是例外的原因',
      {
        ...household({ ...relative, relation: 'parent' }),
        ...spending(accident('3000', { memberId: 'r' })),
        assets: car('1'),
      },
      {},
      lifted('B-7.3'),
    ],
    [
      '收入没有查明的，例外还不能定',
      {
        ...household({ ...relative, incomes: [{ kind: 'transfer', amount: null }] }),
        assets: areas('50', '50'),
      },
      {},
      open('A-5', 'C-3'),
    ],
    [
      '收入没有查明而车价超过十万元的，没有例外',
      {
        ...household({ ...relative, incomes: [{ kind: 'transfer', amount: null }] }),
        assets: car('100000.01'),
      },
      {},
      { outcome: 'ineligible', exclusions: ['B-7.3'], exceptions: [], missing: ['A-5'] },
    ],
    [
      '人口没有核实的，例外还不能定',
      { ...household({ ...relative, onRegister: false }), assets: areas('50', '50') },
      {},
      open('R-11', 'C-3'),
    ],
    [
      '支出没有查明的，例外还不能定',
      { ...two, ...spending(tuition(null)), assets: areas('50', '50') },
      {},
      open('A-8', 'C-3'),
    ],
    [
      '没有低保标准的，例外还不能定',
      { assets: car('1') },
      { subsistenceAllowance: undefined },
      open('subsistenceAllowance', 'C-3'),
    ],
    [
      '缺走访的不影响例外',
      { worker: migrant, crossCheckAuthorised: false, assets: car('1') },
      {},
      { outcome: 'ineligible', exclusions: ['B-7.3'], exceptions: [], missing: ['C-2'] },
    ],
  ])('%s', (_, changes, standards, expected) => {
    expect(state(changes, standards)).toEqual(expected);
  });
});

describe('R-7 有第七条情形的家庭能否建市总级', () => {
  const excluded = { subsistenceAllowance: true, otherExclusion: { reason: '甲', approvedBy: '乙' } };
  test('当地允许的，建市总级，全总级的提示随之取消', () => {
    const assessment = outcomeOf(excluded, { excludedMayFileMunicipal: true });
    expect(assessment).toMatchObject({
      outcome: 'eligible',
      tier: 'municipal',
      category: 'nearSubsistence',
      clauses: ['B-5.7'],
      findings: [],
      allowedFunds: ['municipalFiscal', 'unionFunds', 'other'],
    });
    expect(ids(assessment.exclusions)).toEqual(['B-7.7']);
  });

  test('当地没有规定的，先补齐', () => {
    const assessment = outcomeOf(excluded);
    expect(assessment).toMatchObject({
      outcome: 'incomplete',
      missing: [{ clause: 'R-15', detail: 'excludedMayFileMunicipal' }],
    });
  });

  test.each<[string, Document, Document]>([
    ['当地不允许的', excluded, { excludedMayFileMunicipal: false }],
    ['当地没有市总级的，不必问', excluded, { municipalMultiple: undefined }],
    ['不够市总级的，不必问', { ...excluded, subsistenceAllowance: false, ...earning('99999') }, {}],
    ['转一事一议的也不行', { ...excluded, ...earning('30000'), ...spending(tuition('20000')) }, {}],
  ])('%s，不予建档', (_, changes, standards) => {
    const assessment = outcomeOf(changes, standards);
    expect(assessment).toMatchObject({ outcome: 'ineligible', missing: [], tier: null, category: null });
  });

  test.each<[string, Document, string]>([
    ['还有缺项而当地允许的，先补齐', { excludedMayFileMunicipal: true }, 'incomplete'],
    ['还有缺项而当地没有规定的，先补齐', {}, 'incomplete'],
    ['还有缺项而当地不允许的，不予建档', { excludedMayFileMunicipal: false }, 'ineligible'],
    ['还有缺项而当地没有市总级的，不予建档', { municipalMultiple: undefined }, 'ineligible'],
  ])('%s', (_, standards, outcome) => {
    const unsettled = {
      ...excluded,
      ...household({ ...relative, incomes: [{ kind: 'transfer', amount: null }] }),
    };
    expect(outcomeOf(unsettled, standards).outcome).toBe(outcome);
  });
});

describe('R-8、C-4、B-18 救助和资金', () => {
  const poor = { worker: { ...migrant, registeredRuralPoor: true } };
  test.each<[string, Document[], string]>([
    ['医疗最多的建议大病救助', [illness('3'), tuition('2'), accident('2')], 'majorIllness'],
    ['上学最多的建议助学救助', [illness('2'), tuition('3'), accident('2')], 'schooling'],
    [
      '其他合计最多的建议生活救助',
      [illness('3'), tuition('3'), accident('2'), { kind: 'other', amount: '2' }],
      'living',
    ],
    ['三者相等的建议大病救助', [illness('3'), tuition('3'), accident('3')], 'majorIllness'],
    ['上学与其他相等的建议助学救助', [tuition('3'), accident('3')], 'schooling'],
    ['没有支出的建议生活救助', [], 'living'],
  ])('%s', (_, expenditures, aid) => {
    expect(outcomeOf({ subsistenceAllowance: true, expenditures }).proposedAid).toBe(aid);
  });

  test.each<[string, Document, string | null, string[]]>([
    ['建档立卡贫困户有上学支出的，只建议助学', spending(illness('9'), tuition('1')), 'schooling', []],
    ['建档立卡贫困户没有上学支出的，不建议，并提请核实', spending(illness('9')), null, ['C-4']],
  ])('%s', (_, changes, aid, findings) => {
    const assessment = outcomeOf({ ...poor, ...changes });
    expect(assessment.outcome).toBe('eligible');
    expect(assessment.proposedAid).toBe(aid);
    expect(ids(assessment.findings)).toEqual(findings);
    expect(assessment.allowedFunds).toEqual(['unionPovertyFunds']);
  });

  test('建档立卡贫困户不符合的，不提救助', () => {
    expect(outcomeOf({ ...poor, ...earning('99999') })).toMatchObject({
      outcome: 'ineligible',
      findings: [],
    });
  });

  test('全总级可用中央资金，省总级不可用', () => {
    expect(outcomeOf({ subsistenceAllowance: true }).allowedFunds).toContain('centralFiscal');
    expect(outcomeOf().allowedFunds).toEqual(['provincialFiscal', 'municipalFiscal', 'unionFunds', 'other']);
  });
});

describe('R-15 低保标准', () => {
  test('没有有效标准的，不作结论，并指明缺少哪一项', () => {
    const assessment = outcomeOf(
      { otherExclusion: { reason: '甲', approvedBy: '乙' } },
      { subsistenceAllowance: undefined },
    );
    expect(assessment).toMatchObject({
      outcome: 'incomplete',
      standard: null,
      standardSource: null,
      standardFrom: null,
      net: '600.00',
      margins: { national: null, provincial: null, municipal: null },
      missing: [{ clause: 'R-15', detail: 'subsistenceAllowance' }],
    });
  });

  test('按评估日取标准，照原样写出', () => {
    const standards = parameters();
    const dated = JSON.parse(JSON.stringify(standards));
    dated.places[0].values.push({
      name: 'subsistenceAllowance',
      from: '2019-02-01',
      value: '650.50',
      source: '新标准',
    });
    expect(assessed(declaration({ standardsDate: '2019-01-31' }), dated).standard).toBe('600');
    expect(assessed(declaration({ standardsDate: '2019-02-01' }), dated)).toMatchObject({
      standard: '650.50',
      standardSource: '新标准',
      standardFrom: '2019-02-01',
    });
  });
});

describe('R-1 比较用精确的商，显示四舍五入', () => {
  const three = household(relative, { ...relative, id: 'q' });
  const paid = (amount: string) => ({
    ...three,
    members: [{ ...worker, incomes: [{ kind: 'transfer', amount }] }, relative, { ...relative, id: 'q' }],
    subsistenceAllowance: true,
  });

  test('商超出标准不到一分的，显示相等，仍不符合', () => {
    const assessment = outcomeOf(paid('21600.01'));
    expect(assessment).toMatchObject({ raw: '600.00', tier: 'provincial' });
    expect(assessment.margins.national).toBe('0.00');
  });

  test.each([
    ['0.17', '0', '0.00'],
    ['0.18', '0', '0.01'],
    ['0', '0.18', '-0.01'],
    ['0', '0.17', '0.00'],
  ])('年收入%s元、支出%s元，三人每月%s元', (income, spent, net) => {
    expect(outcomeOf({ ...paid(income), ...spending(tuition(spent)) }).net).toBe(net);
  });
});
