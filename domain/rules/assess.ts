/** The assessment: a decision in the form of the contract. The same input under the same rules, the same bytes. */
import type { Aid, Fund } from './aid.ts';
import { type Decision, decide, type Outcome } from './decide.ts';
import type { Declaration } from './declaration.ts';
import { explain } from './explain.ts';
import { margin, ONE, ONE_AND_A_HALF, perHead } from './figures.ts';
import type { Line, Mark } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';
import type { Category, Tier } from './national.ts';
import type { ParameterSet } from './parameters.ts';

/** The version of the rules in this folder: changed with every change of what they decide, or say of it. */
export const RULES_VERSION = '1.1.1';

type AssessedMark = { readonly clause: string; readonly detail: string };

/** Amounts are decimal strings in yuan; `raw`, `net` and the margins are per head and month. */
export type Assessment = {
  readonly outcome: Outcome;
  readonly tier: Tier | null;
  readonly category: Category | null;
  readonly proposedAid: Aid | null;
  readonly allowedFunds: readonly Fund[];
  /** Ids of the clauses that decided the tier; empty unless eligible. */
  readonly clauses: readonly string[];
  readonly members: number;
  readonly annualIncome: string | null;
  readonly rigidExpenditure: string;
  readonly raw: string | null;
  readonly net: string | null;
  /** D as the parameters give it, the document that set it, and since when. */
  readonly standard: string | null;
  readonly standardSource: string | null;
  readonly standardFrom: string | null;
  readonly exclusions: readonly AssessedMark[];
  readonly exceptions: readonly AssessedMark[];
  readonly findings: readonly AssessedMark[];
  readonly missing: readonly AssessedMark[];
  readonly imputations: readonly {
    readonly memberId: string;
    readonly clause: string;
    readonly amount: string;
  }[];
  readonly margins: {
    readonly national: string | null;
    readonly provincial: string | null;
    readonly municipal: string | null;
  };
  readonly rules: { readonly version: string; readonly parameters: string };
};

type ExplainedLine = Omit<Line, 'clause'> & { readonly clause: string };
export type ExplainedAssessment = Assessment & { readonly explanation: readonly ExplainedLine[] };

const marks = (list: readonly Mark[]): AssessedMark[] =>
  list.map(({ clause, detail }) => ({ clause: clause.id, detail }));

const marginsOf = ({ household, income, expenses, standard, multiple }: Decision): Assessment['margins'] => {
  if (income.annual === null || standard === undefined) {
    return { national: null, provincial: null, municipal: null };
  }
  const yearly = income.annual - expenses.rigid;
  const less = (times: Hundredths): string => margin(yearly, household.n, times, standard.value);
  return {
    national: less(ONE),
    provincial: less(ONE_AND_A_HALF),
    municipal: multiple === undefined ? null : less(multiple.value),
  };
};

/** Ids of the clauses that decided the tier, each once. */
const decisiveOf = ({ award }: Decision): string[] => {
  if (award === undefined) return [];
  const { clause, findings } = award.admission;
  return findings.length === 0
    ? [clause.id]
    : [...new Set([clause.id, ...findings.map((finding) => finding.clause.id)])];
};

const imputationsOf = ({ income }: Decision): Assessment['imputations'] => {
  const imputations = [];
  for (const { member, imputation } of income.members) {
    if (imputation === undefined) continue;
    const { clause, amount } = imputation;
    imputations.push({ memberId: member.id, clause: clause.id, amount: twoDecimals(amount) });
  }
  return imputations;
};

/** Keys in the contract's order. Made whole: to take an object apart and together again costs more than its figures. */
const figuresOf = (decision: Decision): Assessment => {
  const { award, household, income, expenses, standard } = decision;
  const { annual } = income;
  return {
    outcome: decision.outcome,
    tier: award?.admission.tier ?? null,
    category: award?.admission.category ?? null,
    proposedAid: award?.aid ?? null,
    allowedFunds: award?.funds ?? [],
    clauses: decisiveOf(decision),
    members: household.counted.length,
    annualIncome: annual === null ? null : twoDecimals(annual),
    rigidExpenditure: twoDecimals(expenses.rigid),
    raw: annual === null ? null : perHead(annual, household.n),
    net: annual === null ? null : perHead(annual - expenses.rigid, household.n),
    standard: standard?.written ?? null,
    standardSource: standard?.source ?? null,
    standardFrom: standard?.from ?? null,
    exclusions: marks(decision.exclusions),
    exceptions: marks(decision.exceptions),
    findings: marks(decision.findings),
    missing: marks(decision.missing),
    imputations: imputationsOf(decision),
    margins: marginsOf(decision),
    rules: { version: RULES_VERSION, parameters: decision.parameters.hash },
  };
};

/** Assesses a declaration under a set of parameters, without the explanation. */
export const assessFigures = (declaration: Declaration, parameters: ParameterSet): Assessment =>
  figuresOf(decide(declaration, parameters));

/** Assesses a declaration under a set of parameters, and explains it. */
export const assess = (declaration: Declaration, parameters: ParameterSet): ExplainedAssessment => {
  const decision = decide(declaration, parameters);
  const { margins, rules, ...figures } = figuresOf(decision);
  const explanation = explain(decision).map(({ clause, text, values, evidence }) => ({
    clause: clause.id,
    text,
    values,
    evidence,
  }));
  return { ...figures, explanation, margins, rules };
};
