/** Step 3: the annual income of the household, member by member. */
import type { Declaration, Income, Member } from './declaration.ts';
import type { Household } from './household.ts';
import { type Clause, law, MATERIALS, NOTICE_75, ORDER_51, type Reading, reading } from './law/clause.ts';
import { B_10 } from './law/filing.ts';
import { called, type Ledger, type Line, line } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';
import type { Dated, DecimalName } from './parameters.ts';
import { PARAMETER_NAMES, type Standards } from './standards.ts';

/** Of the year before the application (or the last 12 months: A-5). */
export const B_6 = law(
  'B-6',
  ORDER_51,
  '第六条、附件有关说明注一',
  '家庭人均月收入=(年度家庭共同生活成员工资性收入总额-缴纳所得税-社会保障即“五险”和一金支出+年度家庭经营净收入+年度家庭财产净收入+年度家庭转移净收入）÷家庭共同生活成员人数÷12个月。年度为申请年的上一年度（12个月）。',
  '注一：家庭人均月可支配收入=（家庭总收入-所得税-五险一金）÷12÷家庭共同生活人口数（与总收入人口保持一致）。',
);

export const A_5 = law(
  'A-5',
  MATERIALS,
  '“收入证明材料”第（1）项',
  '（1）上一年度或近12个月银行流水、单位工资发放清单（有一即可，工资清单需盖单位财务章），农民工需提供与用人单位签订的劳动合同或建档前6个月社保缴费证明（有一即可）。',
);

export const A_6 = law(
  'A-6',
  MATERIALS,
  '“收入证明材料”第（2）项',
  '（2）困难职工、农民工家庭成员中有工作能力但处于非就业状态，按照当地最低工资计算收入。有特殊情况的，提供相关证明材料（如残疾证、病历等）。',
);

export const NOTE_4 = law(
  'B-n4',
  ORDER_51,
  '附件有关说明注四',
  '注四：农民工家庭成员无法提供收入证明的按当地最低生活保障标准计算办法执行。',
);

export const C_5 = law(
  'C-5',
  NOTICE_75,
  '第五条',
  '五、困难职工建档收入和支出的认定。困难职工家庭成员收入不宜确定的，可以通过走访、评估、邻里问询等多种方式，结合当地实际及职工年龄和身体状况等实际情况，综合评定；确实无法核实收入的，可以按照家庭所在地最低工资规定予以认定收入。困难农民工配偶一方居住农村，收入无法认定，可以根据家庭所在地上年度统计部门发布的农村居民可支配收入进行测算。皖工发〔2017〕51号文件规定：（家庭可支配收入-由于患病、子女上学、残疾、单亲及其它特殊原因造成支出费用）÷家庭总人口≤当地低保标准的职工家庭，扣除的支出费用应当为治病（住院医药费用清单扣除相应医疗保险支付金额后，个人负担自付医疗费用；慢性病医药费用按照当地实际确定）、上学、意外等必须支出，不含困难职工生产生活所需的食物、衣着、住房、日用品支出等支出。',
);

export const R_10 = reading(
  'R-10',
  [A_6, C_5, NOTE_4],
  '推定收入只代替工资性收入：申报的净工资低于推定收入的，按推定收入计算；其他各类收入照申报数加入。',
);

export const R_16 = reading(
  'R-16',
  [NOTE_4, C_5],
  '当地低保办法的核定收入由市里设定；没有设定的，按家庭所在地最低工资计算（75号文在后）。',
);

export const R_18 = reading(
  'R-18',
  [B_10],
  '领取失业金的职工本人不再推定工资收入，失业金作为转移性收入申报。',
);

/** An income that stands in for wages. */
type Imputation = {
  readonly clause: Clause;
  /** Fen a year. */
  readonly amount: Hundredths;
  readonly parameter: DecimalName;
  /** By which readings it is applied. */
  readonly readings: readonly Reading[];
  readonly standard: Dated<Hundredths>;
};

/** `none`: the member's wages are as declared; `lacking`: the standard that it needs is not in force. */
type Imputed = Imputation | 'none' | 'lacking';

const imputed = (
  clause: Clause,
  parameter: DecimalName,
  times: bigint,
  standards: Standards,
  readings: readonly Reading[] = [R_10],
): Imputed => {
  const standard = standards.need(parameter);
  return standard === undefined
    ? 'lacking'
    : { clause, amount: times * standard.value, parameter, readings, standard };
};

const MONTHS = 12n;
const ONCE = 1n;

type ImputationRule = {
  readonly fits: (member: Member, declaration: Declaration) => boolean;
  readonly impute: (standards: Standards) => Imputed;
};

/** The first that fits decides. */
const IMPUTATIONS: readonly ImputationRule[] = [
  {
    // Children and students have no wages to impute; R-18: nor has the worker on unemployment benefit.
    fits: (member, { worker }) =>
      member.status === 'preschool' ||
      member.status === 'student' ||
      (member.relation === 'self' && worker.standing === 'unemployed'),
    impute: () => 'none',
  },
  {
    // C-5: a migrant worker's spouse who lives in the country and whose income cannot be established.
    fits: (member, { worker }) =>
      worker.kind === 'migrant' &&
      member.relation === 'spouse' &&
      member.livesInCountryside &&
      member.incomeUnverifiable,
    impute: (standards) => imputed(C_5, 'ruralDisposableIncome', ONCE, standards),
  },
  {
    // able to work, without work, and no special circumstances proved.
    fits: (member) => member.status === 'unemployed' && !member.specialCircumstances,
    impute: (standards) => imputed(A_6, 'minimumWage', MONTHS, standards),
  },
  {
    // B-n4: a member of a migrant worker's family who cannot prove the income. R-16: C-5's wage stands in.
    fits: (member, { worker }) =>
      member.incomeUnverifiable && member.relation !== 'self' && worker.kind === 'migrant',
    impute: (standards) =>
      standards.peek('unprovenIncome') === undefined
        ? imputed(C_5, 'minimumWage', MONTHS, standards, [R_10, R_16])
        : imputed(NOTE_4, 'unprovenIncome', MONTHS, standards, [R_10, R_16]),
  },
  {
    // C-5: not verifiable at all.
    fits: (member) => member.incomeUnverifiable,
    impute: (standards) => imputed(C_5, 'minimumWage', MONTHS, standards),
  },
];

type MemberIncome = {
  readonly member: Member;
  /** Declared net wages in fen, as far as they are known. */
  readonly wages: Hundredths;
  /** The imputed income, only where it is used: where it is greater than the declared net wages. */
  readonly imputation: Imputation | undefined;
  /** Fen a year; null: not yet known. */
  readonly total: Hundredths | null;
};

export type HouseholdIncome = {
  readonly members: readonly MemberIncome[];
  /** Fen a year; null: not yet known. */
  readonly annual: Hundredths | null;
};

/** What an income adds: wages less tax and social insurance, the rest as declared; null: not yet known. */
const netOf = ({ amount, incomeTax, socialInsurance }: Income): Hundredths | null =>
  amount === null || incomeTax === null || socialInsurance === null
    ? null
    : amount - incomeTax - socialInsurance;

const reckonMember = (
  member: Member,
  declaration: Declaration,
  standards: Standards,
  ledger: Ledger,
): MemberIncome => {
  let wages = 0n;
  let others = 0n;
  let wagesKnown = true;
  let othersKnown = true;
  for (const income of member.incomes) {
    const net = netOf(income);
    if (net === null) {
      // What cannot be verified is left out; an imputed income stands in for it below.
      if (member.incomeUnverifiable) continue;
      if (income.kind === 'wage') wagesKnown = false;
      else othersKnown = false;
    } else if (income.kind === 'wage') wages += net;
    else others += net;
  }
  const known = wagesKnown && othersKnown;
  if (!known) ledger.missing.push({ clause: A_5, detail: `${called(member)}的收入还有数额没有查明` });

  const rule = IMPUTATIONS.find(({ fits }) => fits(member, declaration));
  const standIn = rule === undefined ? 'none' : rule.impute(standards);
  const imputation =
    typeof standIn === 'object' && wagesKnown && standIn.amount > wages ? standIn : undefined;
  return {
    member,
    wages,
    imputation,
    total: known && standIn !== 'lacking' ? (imputation?.amount ?? wages) + others : null,
  };
};

export const reckonIncome = (
  declaration: Declaration,
  { counted }: Household,
  standards: Standards,
  ledger: Ledger,
): HouseholdIncome => {
  const members = counted.map((member) => reckonMember(member, declaration, standards, ledger));
  let annual: Hundredths | null = 0n;
  for (const { total } of members) annual = annual === null || total === null ? null : annual + total;
  return { members, annual };
};

const KIND_NAMES: Readonly<Record<Income['kind'], string>> = {
  wage: '工资性收入',
  business: '经营净收入',
  property: '财产净收入',
  transfer: '转移净收入（养老金、失业金等）',
};

const explainOne = (member: Member, income: Income): Line => {
  const { kind, amount, incomeTax, socialInsurance, evidence } = income;
  const what = `${called(member)}全年${KIND_NAMES[kind]}`;
  const net = netOf(income);
  if (net === null || amount === null || incomeTax === null || socialInsurance === null) {
    return member.incomeUnverifiable
      ? line(C_5, `${what}无法核实，这一笔不计，按规定推定收入。`, {}, evidence)
      : line(A_5, `${what}还有数额没有查明，家庭收入因此还不能确定；不知道的数额不当作零。`, {}, evidence);
  }
  if (incomeTax === 0n && socialInsurance === 0n) {
    return line(B_6, `${what}${twoDecimals(net)}元。`, { amount: twoDecimals(net) }, evidence);
  }
  const values = {
    amount: twoDecimals(amount),
    incomeTax: twoDecimals(incomeTax),
    socialInsurance: twoDecimals(socialInsurance),
    net: twoDecimals(net),
  };
  return line(
    B_6,
    `${what}${values.amount}元，减去所得税${values.incomeTax}元、社会保险和住房公积金${values.socialInsurance}元，计${values.net}元。`,
    values,
    evidence,
  );
};

const explainImputation = (
  { member, wages }: MemberIncome,
  { clause, amount, parameter, readings, standard }: Imputation,
): Line => {
  const values = { wages: twoDecimals(wages), standard: standard.written, imputed: twoDecimals(amount) };
  const yearly = parameter === 'ruralDisposableIncome' ? '' : '每月';
  const times = parameter === 'ruralDisposableIncome' ? '' : '乘以12个月';
  return line(
    clause,
    `${called(member)}申报的净工资为${values.wages}元；按规定以${standard.place}${PARAMETER_NAMES[parameter]}${yearly}${values.standard}元${times}推定，全年${values.imputed}元，高于申报数，工资按推定数计算（适用口径${readings.map(({ id }) => id).join('、')}）。`,
    values,
    member.incomes.filter(({ kind }) => kind === 'wage').flatMap(({ evidence }) => evidence),
  );
};

/** Every paper behind the incomes of the household. */
export const incomeEvidence = ({ members }: HouseholdIncome): string[] =>
  members.flatMap(({ member }) => member.incomes.flatMap(({ evidence }) => evidence));

/** Why nothing is imputed to a member who has no work. */
const explainNone = ({ member }: MemberIncome, { worker }: Declaration): Line[] => {
  if (member.relation === 'self' && worker.standing === 'unemployed') {
    return [line(R_18, `${called(member)}领取失业金，不推定工资收入，失业金按转移性收入计算。`)];
  }
  return member.status === 'unemployed' && member.specialCircumstances
    ? [line(A_6, `${called(member)}没有就业，但已证明有特殊情况，不按最低工资推定收入。`)]
    : [];
};

export const explainIncome = (income: HouseholdIncome, declaration: Declaration): Line[] => {
  const { from, to } = declaration.incomePeriod;
  const lines = income.members.flatMap((each) => {
    const { member, imputation, total } = each;
    const said = [
      ...member.incomes.map((one) => explainOne(member, one)),
      ...(imputation === undefined ? explainNone(each, declaration) : [explainImputation(each, imputation)]),
    ];
    return said.length === 0 && total !== null
      ? [line(B_6, `${called(member)}没有申报收入，也不推定收入。`)]
      : said;
  });
  const papers = incomeEvidence(income);
  const annual = income.annual === null ? undefined : twoDecimals(income.annual);
  return [
    line(A_5, `收入按${from}至${to}的12个月计算。`, { from, to }),
    ...lines,
    annual === undefined
      ? line(B_6, '家庭全年收入还不能确定。', {}, papers)
      : line(B_6, `家庭全年收入合计${annual}元。`, { annual }, papers),
  ];
};
