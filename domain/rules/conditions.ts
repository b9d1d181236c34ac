/**
 * The conditions that the clauses of article 5 are made of, each with the words for either case beside the test.
 * A clause holds when all its conditions do; the explanation names them, or the first that fails.
 */
import type { Declaration } from './declaration.ts';
import { type Expenses, expenseEvidence } from './expenditure.ts';
import { type Figures, limitShown, netWithin, ONE_AND_A_HALF, perHead, rawWithin } from './figures.ts';
import { type HouseholdIncome, incomeEvidence } from './income.ts';
import type { Clause } from './law/clause.ts';
import { type Line, line, type Values } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';

/** All that a tier is decided by. */
export type Case = {
  readonly declaration: Declaration;
  readonly income: HouseholdIncome;
  readonly expenses: Expenses;
  readonly figures: Figures;
};

/** The papers behind the figures of a case. */
export const papersOf = ({ income, expenses }: Case): string[] => [
  ...incomeEvidence(income),
  ...expenseEvidence(expenses),
];

type Words = { readonly phrase: string; readonly values: Values };

export type Condition = {
  readonly holds: (of: Case) => boolean;
  /** What is so: a Chinese phrase for the case in which the condition holds, or doesn't, with its numbers. */
  readonly words: (of: Case, holds: boolean) => Words;
};

/** `times` without needless zeros: 150n → `1.5`. */
const timesShown = (times: Hundredths): string => twoDecimals(times).replace(/\.?0+$/, '');

const limitWords = (times: Hundredths, { standard }: Figures): string => {
  const limit = limitShown(times, standard);
  return times === 100n ? `低保标准${limit}元` : `低保标准的${timesShown(times)}倍${limit}元`;
};

const compared = (
  what: string,
  key: string,
  shown: string,
  times: Hundredths,
  of: Case,
  most: boolean,
): Words => ({
  phrase: `${what}${shown}元，${most ? '不高于' : '高于'}${limitWords(times, of.figures)}`,
  values: { [key]: shown, [`${key}Limit`]: limitShown(times, of.figures.standard) },
});

/** `raw ≤ times × D` */
export const rawAtMost = (times: Hundredths): Condition => ({
  holds: ({ figures }) => rawWithin(times, figures),
  words: (of, holds) =>
    compared('扣除刚性支出前人均月收入', 'raw', perHead(of.figures.annual, of.figures.n), times, of, holds),
});

/** `net ≤ times × D` */
export const netAtMost = (times: Hundredths): Condition => ({
  holds: ({ figures }) => netWithin(times, figures),
  words: (of, holds) => {
    const { annual, rigid, n } = of.figures;
    return compared('扣除刚性支出后人均月收入', 'net', perHead(annual - rigid, n), times, of, holds);
  },
});

/** A condition that is met when the other is not. */
export const not = ({ holds, words }: Condition): Condition => ({
  holds: (of) => !holds(of),
  words: (of, met) => words(of, !met),
});

/** A condition with fixed words. */
export const fact = (holds: (of: Case) => boolean, yes: string, no: string): Condition => ({
  holds,
  words: (_, met) => ({ phrase: met ? yes : no, values: {} }),
});

/** Some rigid expenditure can be deducted. */
export const someExpenditure: Condition = fact(
  ({ figures }) => figures.rigid > 0n,
  '有可扣除的刚性支出（适用口径R-3）',
  '没有可扣除的刚性支出（适用口径R-3）',
);

/** expenditure, government aid, or an income that is near the standard even before expenditure. */
export const causeOfHardship: Condition = fact(
  ({ declaration, figures }) =>
    figures.rigid > 0n || declaration.subsistenceAllowance || rawWithin(ONE_AND_A_HALF, figures),
  '有致困原因',
  '没有可扣除的刚性支出，不享受低保，扣除前人均月收入又高于低保标准的1.5倍，缺少致困原因',
);

export const allHold = (conditions: readonly Condition[], of: Case): boolean => {
  for (const { holds } of conditions) if (!holds(of)) return false;
  return true;
};

/** Why a clause does, or does not, admit the household to what is named. */
export const explainConditions = (
  clause: Clause,
  conditions: readonly Condition[],
  of: Case,
  name: string,
): Line => {
  const failing = conditions.find(({ holds }) => !holds(of));
  const words =
    failing === undefined
      ? conditions.map((condition) => condition.words(of, true))
      : [failing.words(of, false)];
  const phrase = words.map((each) => each.phrase).join('；');
  const values: Values = Object.assign({}, ...words.map((each) => each.values));
  const evidence = Object.keys(values).length > 0 ? papersOf(of) : [];
  return line(clause, `${phrase}，${failing === undefined ? '符合' : '不符合'}${name}。`, values, evidence);
};
