/** Step 4: what hardship costs the household, item by item. */
import type { Declaration, Expenditure, Member, Relation } from './declaration.ts';
import type { Household } from './household.ts';
import { C_5 } from './income.ts';
import { law, MATERIALS } from './law/clause.ts';
import { called, type Ledger, type Line, line } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';

export const A_8 = law(
  'A-8',
  MATERIALS,
  '“刚性支出证明材料”',
  '（1）教育支出：上一年度内子女上大学（付收费标准或缴费凭证）。',
  '（2）医疗支出：上一年度内医疗发票（计算医保目录内的个人自付部分），出院小结。',
  '（3）意外支出：突发事件、意外伤害、重大疾病等支出（相关单位证明）。',
);

type ExpenseItem = {
  readonly expenditure: Expenditure;
  /** Whose it is; undefined: of no member in particular. */
  readonly member: Member | undefined;
  /** Fen a year: amount less what was reimbursed, never below zero; zero where it is not yet known. */
  readonly deductible: Hundredths;
};

export type Expenses = {
  /** The items that count, daily living left out. */
  readonly items: readonly ExpenseItem[];
  /** Daily living, which never counts. */
  readonly living: readonly Expenditure[];
  /** Fen a year: everything deductible. */
  readonly rigid: Hundredths;
  /** Fen a year: accident, and medical with major illness. */
  readonly suddenCost: Hundredths;
  /** The part of it that is an accident's. */
  readonly accidentCost: Hundredths;
  /** A sudden cost above zero is marked as an extraordinary disaster. */
  readonly extraordinary: boolean;
  /** A cause by which C-3 lifts an exclusion. */
  readonly exceptional: boolean;
  /** Some item's deductible is not yet known. */
  readonly unknown: boolean;
  /** Fen a year by the aid that it suggests. */
  readonly byAid: {
    readonly majorIllness: Hundredths;
    readonly schooling: Hundredths;
    readonly living: Hundredths;
  };
};

const isKnown = ({ amount, reimbursed }: Expenditure): boolean => amount !== null && reimbursed !== null;

const deductibleOf = ({ amount, reimbursed }: Expenditure): Hundredths =>
  amount === null || reimbursed === null || reimbursed > amount ? 0n : amount - reimbursed;

/** Sudden causes: an accident, or an illness that is marked as major. */
export const isSudden = ({ kind, majorIllness }: Pick<Expenditure, 'kind' | 'majorIllness'>): boolean =>
  kind === 'accident' || (kind === 'medical' && majorIllness);

/** C-3 names the worker, the spouse and the children; an item without a member is the worker's. */
export const NEAREST: readonly (Relation | undefined)[] = ['self', 'spouse', 'child', undefined];

export const reckonExpenses = (
  { expenditures }: Declaration,
  { byId }: Household,
  ledger: Ledger,
): Expenses => {
  const items: ExpenseItem[] = [];
  const byAid = { majorIllness: 0n, schooling: 0n, living: 0n };
  const living: Expenditure[] = [];
  let suddenCost = 0n;
  let accidentCost = 0n;
  let extraordinary = false;
  let exceptional = false;
  let unknown = false;
  for (const expenditure of expenditures) {
    const { kind, memberId } = expenditure;
    const member = memberId === undefined ? undefined : byId.get(memberId);
    // Of a member who is not counted, nothing is.
    if (memberId !== undefined && member === undefined) continue;
    if (kind === 'living') {
      if (living.length === 0) ledger.findings.push({ clause: C_5, detail: '日常生活支出不能扣除' });
      living.push(expenditure);
      continue;
    }
    const deductible = deductibleOf(expenditure);
    items.push({ expenditure, member, deductible });
    if (!isKnown(expenditure)) unknown = true;
    if (kind === 'medical') byAid.majorIllness += deductible;
    else if (kind === 'schooling') byAid.schooling += deductible;
    else byAid.living += deductible;
    if (deductible > 0n && isSudden(expenditure)) {
      suddenCost += deductible;
      if (kind === 'accident') accidentCost += deductible;
      if (expenditure.extraordinary) extraordinary = true;
      if (kind === 'accident' || NEAREST.includes(member?.relation)) exceptional = true;
    }
  }
  return {
    items,
    living,
    rigid: byAid.majorIllness + byAid.schooling + byAid.living,
    suddenCost,
    accidentCost,
    extraordinary,
    exceptional,
    unknown,
    byAid,
  };
};

export const EXPENDITURE_NAMES: Readonly<Record<Expenditure['kind'], string>> = {
  schooling: '子女上学支出',
  medical: '医疗支出',
  accident: '意外支出',
  disability: '残疾支出',
  singleParent: '单亲家庭支出',
  other: '其他特殊支出',
  living: '日常生活支出',
};

const explainItem = ({ expenditure, member, deductible }: ExpenseItem): Line => {
  const { kind, amount, reimbursed, majorIllness, evidence } = expenditure;
  const whose = member === undefined ? '' : called(member);
  const what = `${whose}${EXPENDITURE_NAMES[kind]}${majorIllness ? '（重大疾病）' : ''}`;
  if (amount === null || reimbursed === null) {
    return line(A_8, `${what}还有数额没有查明，暂按零元扣除。`, {}, evidence);
  }
  const values = { amount: twoDecimals(amount), deductible: twoDecimals(deductible) };
  return reimbursed === 0n
    ? line(C_5, `${what}${values.amount}元，可扣除${values.deductible}元。`, values, evidence)
    : line(
        C_5,
        `${what}${values.amount}元，减去已报销的${twoDecimals(reimbursed)}元，可扣除${values.deductible}元。`,
        { ...values, reimbursed: twoDecimals(reimbursed) },
        evidence,
      );
};

/** Every paper behind the expenditure that counts. */
export const expenseEvidence = ({ items }: Expenses): string[] =>
  items.flatMap(({ expenditure }) => expenditure.evidence);

export const explainExpenses = (expenses: Expenses): Line[] => {
  const rigid = twoDecimals(expenses.rigid);
  return [
    ...expenses.items.map(explainItem),
    ...(expenses.living.length > 0
      ? [
          line(
            C_5,
            '食物、衣着、住房、日用品等日常生活支出不能扣除。',
            {},
            expenses.living.flatMap(({ evidence }) => evidence),
          ),
        ]
      : []),
    line(A_8, `可扣除的刚性支出合计${rigid}元。`, { rigid }, expenseEvidence(expenses)),
  ];
};
