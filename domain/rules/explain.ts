/** A decision in words: a sentence for each step, in the order of reckoning, for the worker to understand. */
import { explainAid } from './aid.ts';
import { explainBars } from './bars.ts';
import { papersOf } from './conditions.ts';
import type { Decision, Merits } from './decide.ts';
import { explainExclusions, R_7 } from './exclusions.ts';
import { explainExpenses } from './expenditure.ts';
import { explainFigures, limitShown, margin, ONE_AND_A_HALF, perHead, THREE, within } from './figures.ts';
import { explainHousehold } from './household.ts';
import { C_5, explainIncome } from './income.ts';
import { type Line, line, type Mark, type Values } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';
import { B_5_4, CATEGORY_NAMES, explainNational, TIER_NAMES } from './national.ts';
import { isParameterName } from './parameters.ts';
import { PARAMETER_NAMES, R_15 } from './standards.ts';
import { B_5_6, B_5_7, C_6, explainMunicipal, explainProvincial, explainStudy } from './tiers.ts';

/** Steps 6 and 7, down to the first tier that holds. */
const explainMerits = (
  { of, national, provincial, municipal, study }: Merits,
  multiple: Decision['multiple'],
): Line[] => {
  const lines = explainNational(of, national);
  if (national !== undefined) return lines;
  lines.push(explainProvincial(of));
  if (provincial !== undefined) return lines;
  lines.push(explainMunicipal(of, multiple?.value));
  if (municipal === undefined && study) lines.push(explainStudy(of, multiple?.value));
  return lines;
};

/** What becomes of an excluded household: the municipal test, and what the city says about it. */
const explainCity = ({ merits, judged, multiple, standards }: Decision): Line[] => {
  if (merits === undefined || !judged.some(({ fate }) => fate === 'stands')) return [];
  const { of, national, provincial, municipal } = merits;
  const test = (national ?? provincial) === undefined ? [] : [explainMunicipal(of, multiple?.value)];
  if (municipal === undefined) return test;
  const says = standards.peekFlag('excludedMayFileMunicipal');
  if (says === undefined) {
    return [...test, line(R_7, '有第七条所列情形的家庭能否建市总级档案，当地没有规定，不能推断。')];
  }
  return [
    ...test,
    says
      ? line(B_5_7, '当地规定有第七条所列情形的家庭仍可建市总级档案（适用口径R-7）。')
      : line(B_5_7, '当地规定有第七条所列情形的家庭也不得建市总级档案（适用口径R-7）。'),
  ];
};

/**
 * For a refusal: how far the household is from the nearest tier, of all that keeps it from it in figures. Nothing
 * where a tier is met and something else stands in the way.
 */
const explainDistance = ({ merits, multiple, award }: Decision): Line[] => {
  if (award !== undefined || merits === undefined || merits.met !== undefined) return [];
  const { of } = merits;
  const { annual, rigid, n, standard, yearlyStandard } = of.figures;
  const municipal = multiple !== undefined && multiple.value > ONE_AND_A_HALF;
  const tier = TIER_NAMES[municipal ? 'municipal' : 'provincial'];
  const beyond = (what: string, yearly: Hundredths, times: Hundredths): readonly [string, Values][] => {
    if (within(yearly, times, of.figures)) return [];
    // What the household would have to have less in a year, rounded up to a whole fen.
    const excess = twoDecimals((100n * yearly - times * yearlyStandard + 99n) / 100n);
    const rounded = margin(yearly, n, times, standard);
    const distance = rounded === '0.00' ? '不到0.01' : rounded;
    const values = { figure: perHead(yearly, n), limit: limitShown(times, standard), distance, excess };
    const phrase = `${what}人均月收入${values.figure}元，比限额${values.limit}元高${distance}元，全家全年高${excess}元`;
    return [[phrase, values]];
  };
  return [
    ...beyond('扣除刚性支出前', annual, THREE),
    ...beyond('扣除刚性支出后', annual - rigid, municipal ? multiple.value : ONE_AND_A_HALF),
  ].map(([phrase, values]) =>
    line(municipal ? B_5_7 : B_5_6, `距离${tier}：${phrase}。`, values, papersOf(of)),
  );
};

/** What is missing, in words: R-15's detail is a parameter's name. */
const missingInWords = ({ clause, detail }: Mark): string =>
  clause === R_15 && isParameterName(detail)
    ? `当地没有评估当日有效的规定：${PARAMETER_NAMES[detail]}`
    : detail;

/** What no step has said already. */
const explainMissing = ({ missing }: Decision): Line[] =>
  missing
    .filter(({ clause }) => clause === B_5_4 || clause === R_15)
    .map((mark) => line(mark.clause, `${missingInWords(mark)}，须先查明或补齐，不作推断。`));

/** So many of what is missing are named in the conclusion. */
const NAMED = 8;

const explainOutcome = (decision: Decision): Line => {
  const { outcome, award, exclusions, missing } = decision;
  const [excluded] = exclusions;
  const [lacking] = missing;
  if (award !== undefined) {
    const { admission } = award;
    return line(
      admission.clause,
      `结论：符合建档条件，建${TIER_NAMES[admission.tier]}档案，类别为${CATEGORY_NAMES[admission.category]}。`,
    );
  }
  if (outcome === 'study') return line(C_6, '结论：不自动建档，转县级以上总工会一事一议，并留存会议纪要。');
  if (outcome === 'incomplete' && lacking !== undefined) {
    const values = { missing: String(missing.length) };
    const named = missing.slice(0, NAMED).map(missingInWords).join('；');
    return line(
      lacking.clause,
      `结论：暂不能作出，须先补齐或核实${values.missing}项情况：${named}${missing.length > NAMED ? '等' : ''}。`,
      values,
    );
  }
  return excluded === undefined
    ? line(decision.multiple === undefined ? B_5_6 : B_5_7, '结论：不符合各级建档标准。')
    : line(
        excluded.clause,
        `结论：不予建档，原因是${exclusions.map(({ detail }) => detail).join('；')}。`,
        Object.assign({}, ...exclusions.map(({ values }) => values)),
      );
};

/** The whole reckoning in sentences, each with its clause, numbers and papers. */
export const explain = (decision: Decision): readonly Line[] => {
  const { declaration, household, income, expenses, standard, multiple, merits, judged, award } = decision;
  const papers = merits === undefined ? [] : papersOf(merits.of);
  return [
    ...explainBars(declaration),
    ...explainHousehold(declaration, household),
    ...explainIncome(income, declaration),
    ...explainExpenses(expenses),
    ...explainFigures(household, income, expenses, declaration.worker.kind === 'migrant', standard),
    ...(merits === undefined ? [] : explainMerits(merits, multiple)),
    ...explainExclusions(judged, declaration, household, decision.standards),
    ...explainCity(decision),
    ...explainDistance(decision),
    ...explainMissing(decision),
    explainOutcome(decision),
    ...(award === undefined ? [] : explainAid(declaration, expenses, award.aid, award.funds)),
    // What C-5 doesn't deduct is said among the expenditure.
    ...decision.findings
      .filter(({ clause }) => clause !== C_5)
      .map(({ clause, detail, values }) =>
        line(clause, `提请经办人注意：${detail}。`, values, values === undefined ? [] : papers),
      ),
  ];
};
