/**
 * Step 5: the figures that everything is compared by. Limits are monthly and per head, sums are yearly and of the
 * household; a quotient is compared by multiplying the limit out, so that nothing is ever rounded before it is
 * compared.
 */
import { type Expenses, expenseEvidence } from './expenditure.ts';
import type { Household } from './household.ts';
import { B_6, type HouseholdIncome, incomeEvidence } from './income.ts';
import { law, MATERIALS, reading } from './law/clause.ts';
import { type Line, line } from './ledger.ts';
import { type Hundredths, rounded, twoDecimals } from './money.ts';
import type { Dated } from './parameters.ts';
import { R_15 } from './standards.ts';

export const A_12 = law(
  'A-12',
  MATERIALS,
  '“附：建档计算方式”',
  '家庭人均月可支配收入=（家庭年总收入-刚性支出）÷12÷家庭共同生活人口数（与总收入人口保持一致）。',
);

export const R_1 = reading(
  'R-1',
  [A_12, B_6],
  '收入和支出取同一个12个月，按人均月数额比较，比较时用精确的商；显示时四舍五入到分。',
);

/** Everything that the tiers are decided by; the annual income and D are known. Sums are fen a year. */
export type Figures = {
  readonly n: bigint;
  readonly annual: Hundredths;
  readonly rigid: Hundredths;
  readonly suddenCost: Hundredths;
  /** D in fen a head and month. */
  readonly standard: Hundredths;
  /** D × 12 × n: what the household has in a year where every head has D every month. */
  readonly yearlyStandard: Hundredths;
};

/** Multiples of D, in hundredths. */
export const ONE = 100n;
export const ONE_AND_A_HALF = 150n;
export const THREE = 300n;

/** Whether a yearly sum, per head and month, is at most so many times D. Exact. */
export const within = (yearly: Hundredths, times: Hundredths, { yearlyStandard }: Figures): boolean =>
  yearly * 100n <= times * yearlyStandard;

/** Per-capita monthly disposable income, before rigid expenditure. */
export const rawWithin = (times: Hundredths, figures: Figures): boolean =>
  within(figures.annual, times, figures);

/** The same after rigid expenditure. */
export const netWithin = (times: Hundredths, figures: Figures): boolean =>
  within(figures.annual - figures.rigid, times, figures);

/** A yearly sum of the household per head and month, to be shown: rounded to fen, half away from zero. */
export const perHead = (yearly: Hundredths, n: bigint): string => twoDecimals(rounded(yearly, 12n * n));

/** `times` × D, exact: at least two decimals, four where it has them. */
export const limitShown = (times: Hundredths, standard: Hundredths): string => {
  const digits = (times * standard).toString().padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4).replace(/0{1,2}$/, '')}`;
};

/** `net` of a yearly sum less `times` × D, rounded as figures are. */
export const margin = (yearly: Hundredths, n: bigint, times: Hundredths, standard: Hundredths): string =>
  twoDecimals(rounded(100n * yearly - 12n * n * times * standard, 1200n * n));

export const explainFigures = (
  household: Household,
  income: HouseholdIncome,
  expenses: Expenses,
  migrant: boolean,
  standard: Dated<Hundredths> | undefined,
): Line[] => {
  const { n } = household;
  const lines: Line[] = [];
  if (income.annual !== null) {
    const papers = incomeEvidence(income);
    const values = {
      annual: twoDecimals(income.annual),
      members: String(n),
      raw: perHead(income.annual, n),
    };
    const rigid = twoDecimals(expenses.rigid);
    const net = perHead(income.annual - expenses.rigid, n);
    lines.push(
      line(
        B_6,
        `扣除刚性支出之前，家庭人均月收入＝${values.annual}÷12÷${values.members}＝${values.raw}元。`,
        values,
        papers,
      ),
      line(
        A_12,
        `扣除刚性支出之后，家庭人均月可支配收入＝（${values.annual}－${rigid}）÷12÷${values.members}＝${net}元（适用口径R-1）。`,
        { annual: values.annual, rigid, members: values.members, net },
        [...papers, ...expenseEvidence(expenses)],
      ),
    );
  }
  if (standard !== undefined) {
    lines.push(
      line(
        R_15,
        `${migrant ? '务工地' : '申报地'}（${standard.place}）的低保标准为每人每月${standard.written}元，自${standard.from}起执行，来源：${standard.source}。`,
        { standard: standard.written, from: standard.from },
      ),
    );
  }
  return lines;
};
