/**
 * What would change the result: the smallest sets of facts, of those that verification may yet change, with which the
 * household would stand better; each found and checked by reckoning again. The result is structured; its words are
 * made on demand.
 */
import type { Changeable, ChangeKind } from './changeable.ts';
import { changeables } from './changeable.ts';
import { type Decision, decide } from './decide.ts';
import type { Clause } from './law/clause.ts';
import { type Line, line, type Values } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';
import { CATEGORY_NAMES, type Category, TIER_NAMES, type Tier } from './national.ts';
import { C_6 } from './tiers.ts';

/** A fact that would have to turn out so. */
export type Change = {
  readonly kind: ChangeKind;
  /** Whose or what, in Chinese; null where the household's. */
  readonly subject: string | null;
  /** The bound that its amount must keep, in yuan (areas in m² a head), exact; null: none, or whatever it turns out. */
  readonly bound: { readonly sense: 'atMost' | 'atLeast'; readonly amount: string } | null;
};

/** Changes of which each is needed, and the result that they lead to together. */
export type Remedy = {
  readonly changes: readonly Change[];
  /** The tier that the household would have; null: a case-by-case study. */
  readonly admission: { readonly tier: Tier; readonly category: Category } | null;
  /** The clause that would then decide. */
  readonly clause: Clause;
};

export type Outlook = {
  /** Fewest changes first, then in the order of reckoning, then the nearer tier first. */
  readonly remedies: readonly Remedy[];
  /** False where the household is so large that not every set could be tried. */
  readonly complete: boolean;
};

/** At most so many facts at once: more than that is no advice. */
const MOST_FACTS = 3;

/**
 * At most so much reckoning, counted in people, incomes and expenditures looked at, so that it is bounded for any
 * document and the same on any machine: about a second at the worst, some ten milliseconds for an ordinary household.
 */
const BUDGET = 2_000_000;

const STANDINGS = ['none', 'study', 'municipal', 'provincial', 'national'] as const;
type Standing = (typeof STANDINGS)[number];
type Rank = number;
const RANK = { none: 0, study: 1, municipal: 2, provincial: 3, national: 4 } satisfies Record<Standing, Rank>;

const rankOf = ({ award, outcome }: Decision): Rank =>
  award === undefined ? RANK[outcome === 'study' ? 'study' : 'none'] : RANK[award.admission.tier];

/** Thrown where the budget is spent; never leaves this module. */
const SPENT = Symbol('spent');

type Amounts = readonly Hundredths[];

/** Reckons again with changes, as long as the budget lasts. */
const reckoner = ({ declaration, parameters }: Decision) => {
  const size =
    10 +
    declaration.expenditures.length +
    declaration.members.reduce((sum, { incomes }) => sum + 1 + incomes.length, 0);
  let left = BUDGET;
  return (changes: readonly Changeable[], amounts: Amounts): Decision => {
    left -= size;
    if (left < 0) throw SPENT;
    return decide(
      changes.reduce((given, { apply }, index) => apply(given, amounts[index] ?? 0n), declaration),
      parameters,
    );
  };
};

type Reckon = ReturnType<typeof reckoner>;

/** Whether incomes vary: a lower income may lead from a study to nothing, so that a bound would promise too much. */
const varyIncome = (changes: readonly Changeable[]): boolean =>
  changes.some(({ kind }) => kind === 'unknownIncome' || kind === 'incomeProved');

const reached = (decision: Decision, changes: readonly Changeable[]): Rank => {
  const rank = rankOf(decision);
  return rank === RANK.study && varyIncome(changes) ? RANK.none : rank;
};

const best = (changes: readonly Changeable[]): Amounts => changes.map(({ range }) => range?.best ?? 0n);

/**
 * The least demanding amounts with which the changes still reach the rank: each in turn, the later ones at their best.
 * What helps, helps more the nearer it is to the best (a property of the rules, proved in their tests), so that
 * halving finds the bound to the fen.
 */
const leastDemanding = (changes: readonly Changeable[], wanted: Rank, reckon: Reckon): Amounts => {
  const amounts = [...best(changes)];
  for (const [index, { range }] of changes.entries()) {
    if (range === null) continue;
    const suffices = (at: Hundredths): boolean =>
      reached(reckon(changes, amounts.with(index, at)), changes) >= wanted;
    let good = range.best;
    let bad = range.worst;
    if (suffices(bad)) good = bad;
    else {
      while (good - bad > 1n || bad - good > 1n) {
        const middle = (good + bad) / 2n;
        if (suffices(middle)) good = middle;
        else bad = middle;
      }
    }
    amounts[index] = good;
  }
  return amounts;
};

const changeOf = ({ kind, subject, range }: Changeable, at: Hundredths, after: Decision): Change => ({
  kind,
  subject,
  // Where the worst suffices, it is enough that it is known.
  bound:
    range === null || at === range.worst
      ? null
      : { sense: range.sense, amount: twoDecimals(range.shown?.(at, after) ?? at) },
});

const remedyOf = (changes: readonly Changeable[], amounts: Amounts, after: Decision): Remedy => ({
  changes: changes.map((change, index) => changeOf(change, amounts[index] ?? 0n, after)),
  admission:
    after.award === undefined
      ? null
      : { tier: after.award.admission.tier, category: after.award.admission.category },
  clause: after.award?.admission.clause ?? C_6,
});

/** Every set of so many changes, of different facts, as ascending positions in the list. */
function* combinations(
  list: readonly Changeable[],
  size: number,
  from = 0,
  chosen: readonly number[] = [],
): Generator<readonly number[]> {
  if (chosen.length === size) {
    yield chosen;
    return;
  }
  for (let index = from; index < list.length; index += 1) {
    const fact = list[index]?.fact;
    if (chosen.some((each) => list[each]?.fact === fact)) continue;
    yield* combinations(list, size, index + 1, [...chosen, index]);
  }
}

/** Recognised as a sudden cause or not, the same sum would do: then the plainer demand is the one to tell. */
const isNeedless = (remedy: Remedy, all: readonly Remedy[]): boolean => {
  const position = remedy.changes.findIndex(({ kind }) => kind === 'moreSuddenCost');
  const sudden = remedy.changes[position];
  if (sudden === undefined) return false;
  return all.some(
    (other) =>
      other.admission?.tier === remedy.admission?.tier &&
      other.changes.length === remedy.changes.length &&
      other.changes.every((change, index) =>
        index === position
          ? change.kind === 'moreExpenditure' && change.bound?.amount === sudden.bound?.amount
          : JSON.stringify(change) === JSON.stringify(remedy.changes[index]),
      ),
  );
};

/**
 * What would change the result of a decision: for each better standing (a case-by-case study, the municipal, the
 * provincial, the national tier), the sets of at most three changes that reach it and of which none can be spared.
 * Nothing for a household that has the national tier already.
 */
export const whatWouldChange = (decision: Decision): Outlook => {
  const now = rankOf(decision);
  const reckon = reckoner(decision);
  const list = changeables(decision);
  const remedies: Remedy[] = [];
  /** The best standing that a set, or a part of it, can lead to. */
  const bestOf = new Map<string, Rank>();
  let complete = true;
  try {
    for (let size = 1; size <= MOST_FACTS && now < RANK.national; size += 1) {
      for (const chosen of combinations(list, size)) {
        const parts = chosen.map((_, index) => chosen.toSpliced(index, 1).join());
        const byLess = Math.max(now, ...parts.map((part) => bestOf.get(part) ?? now));
        const key = chosen.join();
        bestOf.set(key, byLess);
        if (byLess === RANK.national) continue;
        const changes = chosen.flatMap((index) => list[index] ?? []);
        const rank = reached(reckon(changes, best(changes)), changes);
        bestOf.set(key, Math.max(byLess, rank));
        for (let wanted = byLess + 1; wanted <= rank; wanted += 1) {
          const amounts = leastDemanding(changes, wanted, reckon);
          const after = reckon(changes, amounts);
          remedies.push(remedyOf(changes, amounts, after));
          // With these amounts it leads further than was asked: the steps between have the same answer.
          wanted = reached(after, changes);
        }
      }
    }
  } catch (thrown) {
    if (thrown !== SPENT) throw thrown;
    complete = false;
  }
  return { remedies: remedies.filter((remedy) => !isNeedless(remedy, remedies)), complete };
};

const amountShown = (amount: string): string => amount.replace(/\.00$/, '');

/** What must be so, in words a worker understands; follows “若”. `amount` is empty where none is named. */
const WORDS: Readonly<Record<ChangeKind, (subject: string, amount: string) => string>> = {
  crossCheckAuthorised: () => '签署授权书、同意信息比对',
  onSiteVisit: () => '县级以上总工会派专人实地走访',
  labourRelation: (months) => `能够证明与用人单位的劳动关系${months}`,
  memberConfirmed: (who) => `经上门走访核实${who}与家庭共同生活（收入和支出一并计入）`,
  memberStruck: (who) => `核实${who}不与家庭共同生活，从家庭成员中删去`,
  specialCircumstances: (who) => `能够证明${who}有残疾、疾病等特殊情况`,
  unknownIncome: (_, amount) =>
    amount === '' ? '没有查明的收入查明' : `没有查明的收入核实后家庭全年收入不超过${amount}元`,
  incomeProved: (who, amount) =>
    amount === '' ? `${who}的收入能够核实` : `${who}的收入能够核实且全年不超过${amount}元`,
  unknownExpenditure: (what, amount) =>
    amount === '' ? `没有查明的${what}查明` : `没有查明的${what}核实后可扣除的不少于${amount}元`,
  moreExpenditure: (_, amount) => `另有证明，使可扣除的刚性支出（上学、医疗、意外等）再增加至少${amount}元`,
  moreSuddenCost: (_, amount) =>
    `另有证明，使因意外或本人、配偶、子女重大疾病可扣除的支出再增加至少${amount}元`,
  majorIllness: (what) => `${what}经证明属于重大疾病`,
  extraordinary: () => '因意外或重大疾病的支出经认定由非常重大意外灾害造成',
  wealth: (_, amount) =>
    amount === '' ? '投资性净资产和储蓄查明' : `投资性净资产和储蓄核实后合计不超过${amount}元`,
  allowance: () => '能够证明家庭享受低保',
  monthsBelowStandard: (months) => `经核实实际人均月收入连续${months}个月不高于低保标准`,
  homesArea: (_, amount) =>
    amount === '' ? '两套住房的面积查明' : `两套住房核实后人均面积不超过${amount}平方米`,
  oneHome: () => '核实只有一套住房属于本家庭',
  vehiclePrice: (what, amount) =>
    amount === '' ? `${what}的购置价格查明` : `${what}核实后购置价格不超过${amount}元`,
  vehicleOfAnother: (what) => `核实${what}属于受雇佣使用，或者不归家庭使用`,
  noBusiness: () => '核实家庭没有生产经营房产，也不雇佣他人从事经营活动',
  ordinarySchool: (who) => `核实${who}就读的不是高收费私立学校，也不是自费出国留学`,
  jobRefusals: (who) => `核实${who}无故拒绝就业推荐不满3次`,
};

/** A remedy as a sentence with its clause: “若两套住房核实后人均面积不超过16平方米，可以建全总级档案……”. */
export const remedyInWords = ({ changes, admission, clause }: Remedy): Line => {
  const values: Values = Object.fromEntries(
    changes.flatMap(({ kind, bound }) => (bound === null ? [] : [[kind, amountShown(bound.amount)]])),
  );
  const conditions = changes.map(({ kind, subject }) => WORDS[kind](subject ?? '', values[kind] ?? ''));
  const result =
    admission === null
      ? '可以由县级以上总工会一事一议'
      : `可以建${TIER_NAMES[admission.tier]}档案，类别为${CATEGORY_NAMES[admission.category]}`;
  return line(clause, `若${conditions.join('，并且')}，${result}。`, values);
};
