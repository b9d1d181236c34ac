/**
 * The order of reckoning: steps 1 to 10, each in its own module. `decide` is the fast part; what it reckons stays
 * in the decision, so that `explain` can put it into words when someone asks.
 */
import { type Aid, type Fund, reckonAid, reckonFunds } from './aid.ts';
import { reckonBars } from './bars.ts';
import type { Case } from './conditions.ts';
import type { Declaration } from './declaration.ts';
import { type Applying, applyingExclusions, type Judged, judgeExclusions } from './exclusions.ts';
import { A_8, type Expenses, reckonExpenses } from './expenditure.ts';
import type { Figures } from './figures.ts';
import { type Household, R_11, reckonHousehold } from './household.ts';
import { A_5, type HouseholdIncome, reckonIncome } from './income.ts';
import type { Clause } from './law/clause.ts';
import type { Ledger } from './ledger.ts';
import type { Hundredths } from './money.ts';
import { type Admission, reckonNational } from './national.ts';
import type { Dated, ParameterSet } from './parameters.ts';
import { R_15, type Standards, standardsFor } from './standards.ts';
import { isForStudy, reckonMunicipal, reckonProvincial } from './tiers.ts';

export type Outcome = 'eligible' | 'ineligible' | 'incomplete' | 'study';

/** What steps 6 and 7 say, before any exclusion. */
export type Merits = {
  readonly of: Case;
  readonly national: Admission | undefined;
  readonly provincial: Admission | undefined;
  readonly municipal: Admission | undefined;
  /** The first of the three. */
  readonly met: Admission | undefined;
  /** For a case-by-case study: no tier holds, and C-6 does. */
  readonly study: boolean;
};

export type Decision = Ledger & {
  readonly outcome: Outcome;
  /** The tier, what is suggested and who may pay; undefined unless eligible. */
  readonly award:
    | { readonly admission: Admission; readonly aid: Aid | null; readonly funds: readonly Fund[] }
    | undefined;
  readonly declaration: Declaration;
  readonly parameters: ParameterSet;
  readonly standards: Standards;
  readonly household: Household;
  readonly income: HouseholdIncome;
  readonly expenses: Expenses;
  /** D. */
  readonly standard: Dated<Hundredths> | undefined;
  /** The municipal limit as a multiple of D; undefined: the city has no municipal tier. */
  readonly multiple: Dated<Hundredths> | undefined;
  /** Undefined where the annual income or D is not known. */
  readonly merits: Merits | undefined;
  readonly judged: readonly Judged[];
};

/** Step 5: undefined where the annual income or D is not known. */
const figuresOf = (
  { n }: Household,
  { annual }: HouseholdIncome,
  { rigid, suddenCost }: Expenses,
  standard: Dated<Hundredths> | undefined,
): Figures | undefined =>
  annual === null || standard === undefined
    ? undefined
    : { n, annual, rigid, suddenCost, standard: standard.value, yearlyStandard: standard.value * 12n * n };

/** Steps 6 and 7. */
const weigh = (
  of: Case,
  multiple: Hundredths | undefined,
  applying: readonly Applying[],
  ledger: Ledger,
): Merits => {
  const national = reckonNational(of, ledger);
  const provincial = reckonProvincial(of);
  const municipal = reckonMunicipal(of, multiple);
  const met = national ?? provincial ?? municipal;
  // With a national tier that nothing excludes, no further expenditure could change anything.
  if (of.expenses.unknown && !(national !== undefined && applying.length === 0)) {
    ledger.missing.push({ clause: A_8, detail: '刚性支出还有数额没有查明' });
  }
  return { of, national, provincial, municipal, met, study: met === undefined && isForStudy(of, multiple) };
};

/** What leaves C-3's conditions unsettled while it is missing; what is missing of C-2 or B-5.4 doesn't. */
const UNSETTLING: ReadonlySet<Clause> = new Set<Clause>([A_5, A_8, R_11, R_15]);

/** an excluded household has a municipal tier where it meets the test and the city says so. */
const admittedByCity = (merits: Merits | undefined, standards: Standards): Admission | undefined => {
  const municipal = merits?.municipal;
  return municipal !== undefined && standards.needFlag('excludedMayFileMunicipal') ? municipal : undefined;
};

/** Step 9. `cityMayAdmit`: there is a municipal tier, and the city hasn't closed it to the excluded. */
const conclude = (found: {
  readonly barred: boolean;
  readonly excluded: boolean;
  readonly admission: Admission | undefined;
  readonly lacking: boolean;
  readonly cityMayAdmit: boolean;
  readonly study: boolean;
}): Outcome => {
  if (found.barred) return 'ineligible';
  const settled = !(found.cityMayAdmit && found.lacking);
  if (found.excluded && found.admission === undefined && settled) return 'ineligible';
  if (found.lacking) return 'incomplete';
  if (found.admission !== undefined) return 'eligible';
  // Not reached by the excluded: they are ineligible, or incomplete, above.
  return found.study ? 'study' : 'ineligible';
};

/** Reckons steps 1 to 10 in the contract's order. Pure; the same input gives the same decision. */
export const decide = (declaration: Declaration, parameters: ParameterSet): Decision => {
  const ledger: Ledger = { exclusions: [], exceptions: [], findings: [], missing: [] };
  const { exclusions, findings, missing } = ledger;
  const standards = standardsFor(declaration, parameters, missing);

  // 1 to 4: bars, members, income, expenditure.
  const barred = reckonBars(declaration, ledger);
  const household = reckonHousehold(declaration, ledger);
  const income = reckonIncome(declaration, household, standards, ledger);
  const expenses = reckonExpenses(declaration, household, ledger);

  // 5 to 7: figures, national, provincial and municipal.
  const standard = standards.need('subsistenceAllowance');
  const multiple = standards.peek('municipalMultiple');
  const applying = applyingExclusions(declaration, household, standards);
  const figures = figuresOf(household, income, expenses, standard);
  const merits =
    figures && weigh({ declaration, income, expenses, figures }, multiple?.value, applying, ledger);

  // 8: exclusions, and whether the city lets an excluded household file all the same.
  const judged = judgeExclusions(
    applying,
    {
      declaration,
      household,
      standards,
      admissible: merits?.met !== undefined && expenses.exceptional,
      unsettled: missing.some(({ clause }) => UNSETTLING.has(clause)),
    },
    ledger,
  );
  const excluded = judged.some(({ fate }) => fate === 'stands');
  const admission = excluded ? admittedByCity(merits, standards) : merits?.met;
  findings.push(...(admission?.findings ?? []));

  // 9: the outcome.
  const outcome = conclude({
    barred,
    excluded,
    admission,
    lacking: missing.length > 0,
    cityMayAdmit: multiple !== undefined && standards.peekFlag('excludedMayFileMunicipal') !== false,
    study: merits?.study === true,
  });

  // 10: aid and funds.
  const award =
    outcome === 'eligible' && admission !== undefined
      ? {
          admission,
          aid: reckonAid(declaration, expenses, ledger),
          funds: reckonFunds(declaration, admission.tier),
        }
      : undefined;

  return {
    exclusions,
    exceptions: ledger.exceptions,
    findings,
    missing,
    outcome,
    award,
    declaration,
    parameters,
    standards,
    household,
    income,
    expenses,
    standard,
    multiple,
    merits,
    judged,
  };
};
