/**
 * The boundary lattice: every comparison of the regulation one fen below, at and one fen above its limit, crossed with
 * every flag. The clauses are written here once more as predicates that don't know of each other's order: each says
 * in full for which households it speaks. At every point exactly one of them may be true (no gap, no overlap), and
 * the decision must be the one it names.
 *
 * Three lattices, since the reckoning itself is in three layers that meet in few facts: the merits (steps 5 to 7),
 * the exclusions' fates (step 8), and the outcome (bars, what is missing, the city's leave: step 9).
 */
import { describe, expect, test } from 'vitest';
import { type Decision, decide } from '#domain/rules/decide.ts';
import { type Declaration, type Income, parseDeclaration } from '#domain/rules/declaration.ts';
import { type ParameterSet, parseParameters } from '#domain/rules/parameters.ts';
import { type Document, declaration, parameters } from './household.ts';

const parsed = (changes: Document = {}): Declaration => {
  const result = parseDeclaration(declaration(changes));
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.declaration;
};
const standardsOf = (changes: Document): ParameterSet => {
  const result = parseParameters(parameters(changes));
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.parameters;
};

type Values<Lattice> = { readonly [Key in keyof Lattice]: readonly Lattice[Key][] };

/** Every combination of the values of each dimension. */
function* every<Point>(dimensions: Values<Point>): Generator<Point> {
  const names = Object.keys(dimensions) as (keyof Point)[];
  const walk = function* (index: number, chosen: Partial<Point>): Generator<Point> {
    const name = names[index];
    if (name === undefined) yield { ...chosen } as Point;
    else for (const value of dimensions[name]) yield* walk(index + 1, { ...chosen, [name]: value });
  };
  yield* walk(0, {});
}

type Predicates<Name extends string, Seen> = Readonly<Record<Name, (seen: Seen) => boolean>>;

/** The names of the predicates that are true: a proof wants exactly one. */
const trueOf = <Name extends string, Seen>(predicates: Predicates<Name, Seen>, seen: Seen): string[] =>
  Object.entries<(seen: Seen) => boolean>(predicates).flatMap(([name, holds]) => (holds(seen) ? [name] : []));

const BESIDE = [-1n, 0n, 1n] as const;

// ------------------------------------------------------------------------------------------------ the merits

/** A household by its sums: fen a year, of the whole household. */
type Sums = {
  readonly annual: bigint;
  readonly rigid: bigint;
  readonly sudden: bigint;
  readonly wealth: bigint;
  readonly extraordinary: boolean;
  readonly allowance: boolean;
  readonly months: number;
};

/** Where those sums lie, seen from the regulation's limits. */
type Merits = {
  /** The narrowest of article 5's bands of income before expenditure. */
  readonly raw: 'D' | '1.5D' | '3D' | 'beyond';
  readonly netWithin: { readonly D: boolean; readonly provincial: boolean; readonly municipal: boolean };
  readonly wideWithinD: boolean;
  readonly rigid: boolean;
  readonly sudden: boolean;
  readonly extraordinary: boolean;
  readonly allowance: boolean;
  /** B-5.2a's six months. */
  readonly sixMonths: boolean;
};

type Scale = { readonly D: bigint; readonly n: bigint; readonly multiple: bigint | undefined };

/** The greatest yearly sum of the household that is still within so many hundredths of D. */
const limit = (hundredths: bigint, { D, n }: Scale): bigint => (hundredths * D * 12n * n) / 100n;

const seen = (sums: Sums, scale: Scale): Merits => {
  const { annual, rigid, sudden, wealth } = sums;
  const upTo = (sum: bigint, hundredths: bigint): boolean => sum <= limit(hundredths, scale);
  const net = annual - rigid;
  return {
    raw: upTo(annual, 100n) ? 'D' : upTo(annual, 150n) ? '1.5D' : upTo(annual, 300n) ? '3D' : 'beyond',
    netWithin: {
      D: upTo(net, 100n),
      provincial: upTo(net, 150n),
      municipal: scale.multiple !== undefined && upTo(net, scale.multiple),
    },
    wideWithinD: upTo(annual + wealth - sudden, 100n),
    rigid: rigid > 0n,
    sudden: sudden > 0n,
    extraordinary: sums.extraordinary && sudden > 0n,
    allowance: sums.allowance,
    sixMonths: sums.months >= 6,
  };
};

/** Nothing of B-5.2a: government aid, or less than six months. */
const noSixMonths = ({ allowance, sixMonths }: Merits): boolean => allowance || !sixMonths;
const netWithinSome = ({ netWithin }: Merits): boolean => netWithin.provincial || netWithin.municipal;
/** B-5.4's case. */
const disaster = ({ extraordinary, wideWithinD }: Merits): boolean => extraordinary && wideWithinD;

/** Whom each clause speaks for, in full: none refers to another's having failed. */
const SPEAKS_FOR: Predicates<
  'B-5.1' | 'B-5.2a' | 'B-5.2b' | 'B-5.3' | 'B-5.4' | 'B-5.6' | 'B-5.7' | 'C-6' | 'none',
  Merits
> = {
  'B-5.1': ({ allowance, raw }) => allowance && raw === 'D',
  'B-5.2a': ({ allowance, sixMonths }) => !allowance && sixMonths,
  'B-5.2b': (it) =>
    it.rigid && it.netWithin.D && noSixMonths(it) && (it.raw === '1.5D' || (it.raw === 'D' && !it.allowance)),
  'B-5.3': (it) => it.raw === '3D' && it.sudden && it.netWithin.D && noSixMonths(it),
  'B-5.4': (it) => it.raw === 'beyond' && disaster(it) && noSixMonths(it),
  'B-5.6': (it) =>
    noSixMonths(it) &&
    ((it.raw === 'D' && !it.allowance && !it.rigid) ||
      (it.raw === '1.5D' && !(it.rigid && it.netWithin.D)) ||
      (it.raw === '3D' && it.netWithin.provincial && !(it.sudden && it.netWithin.D))),
  'B-5.7': (it) =>
    noSixMonths(it) &&
    it.raw === '3D' &&
    it.netWithin.municipal &&
    !it.netWithin.provincial &&
    (it.rigid || it.allowance),
  'C-6': (it) => it.raw === 'beyond' && netWithinSome(it) && !disaster(it) && noSixMonths(it),
  none: (it) =>
    noSixMonths(it) &&
    ((it.raw === 'beyond' && !netWithinSome(it) && !disaster(it)) ||
      (it.raw === '3D' &&
        !it.netWithin.provincial &&
        !(it.netWithin.municipal && (it.rigid || it.allowance)))),
};

const CATEGORY: Readonly<Record<string, (it: Merits) => string>> = {
  'B-5.1': () => 'subsistence',
  'B-5.2a': () => 'nearSubsistence',
  'B-5.2b': () => 'nearSubsistence',
  'B-5.3': () => 'accident',
  'B-5.4': () => 'other',
  'B-5.6': (it) =>
    it.raw === 'D' || it.raw === '1.5D' ? 'nearSubsistence' : it.sudden ? 'accident' : 'other',
  'B-5.7': (it) =>
    it.raw === 'D' || it.raw === '1.5D' ? 'nearSubsistence' : it.sudden ? 'accident' : 'other',
};

const plain = parsed({
  members: [
    { id: 'w', relation: 'self', onRegister: true, status: 'employed' },
    { id: 's', relation: 'spouse', onRegister: true, status: 'employed' },
    { id: 'c', relation: 'child', onRegister: true, status: 'student' },
  ],
});

const expense = (amount: bigint | null, more: Partial<Declaration['expenditures'][number]> = {}) => ({
  kind: 'schooling' as const,
  amount,
  reimbursed: 0n,
  memberId: undefined,
  majorIllness: false,
  extraordinary: false,
  evidence: [],
  ...more,
});

const transfer = (amount: bigint | null): Income => ({
  kind: 'transfer',
  amount,
  incomeTax: 0n,
  socialInsurance: 0n,
  evidence: [],
});

/** The declaration of a household of n people (1 to 3) with these sums. */
const household = (sums: Sums, n: bigint): Declaration => ({
  ...plain,
  subsistenceAllowance: sums.allowance,
  monthsBelowStandard: sums.months,
  members: plain.members.slice(0, Number(n)).map((member, index) => ({
    ...member,
    incomes: index === 0 ? [transfer(sums.annual)] : [],
  })),
  expenditures: [
    expense(sums.rigid - sums.sudden),
    expense(sums.sudden, { kind: 'accident', extraordinary: sums.extraordinary }),
  ],
  assets: { ...plain.assets, savings: sums.wealth },
});

/** The sums at, and a fen beside, every limit of the scale. */
function* sumsAround(scale: Scale): Generator<Sums> {
  const multiples = [100n, 150n, 300n, ...(scale.multiple === undefined ? [] : [scale.multiple])];
  const around = multiples.flatMap((each) => BESIDE.map((beside) => limit(each, scale) + beside));
  const atD = BESIDE.map((beside) => limit(100n, scale) + beside);
  for (const annual of new Set([0n, ...around, 4n * limit(100n, scale)])) {
    const rigids = new Set([0n, 1n, annual + 1n, ...around.map((net) => annual - net)]);
    for (const rigid of rigids) {
      if (rigid < 0n) continue;
      const suddens = new Set([0n, 1n, rigid, ...atD.map((strict) => annual - strict)]);
      for (const sudden of suddens) {
        if (sudden < 0n || sudden > rigid) continue;
        const wealths = new Set([0n, ...atD.map((wide) => wide - annual + sudden)]);
        for (const wealth of wealths) {
          if (wealth < 0n) continue;
          for (const flags of every({
            extraordinary: sudden > 0n ? [false, true] : [false],
            allowance: [false, true],
            months: [5, 6],
          })) {
            yield { annual, rigid, sudden, wealth, ...flags };
          }
        }
      }
    }
  }
}

/** What the rules say of the merits of a household that nothing excludes. */
const decidedClause = ({ outcome, award }: Decision): string =>
  award?.admission.clause.id ?? (outcome === 'study' ? 'C-6' : 'none');

describe('第五条和75号文第六条：每一点恰有一条适用，不重不漏', () => {
  test.each<[string, string, bigint, bigint | undefined]>([
    ['一人，没有市总级', '600', 1n, undefined],
    ['三人，市总级低于省总级', '633.33', 3n, 125n],
    ['一人，市总级与省总级相同', '600', 1n, 150n],
    ['三人，市总级2倍', '633.33', 3n, 200n],
    ['一人，市总级超过3倍，限额不是整分', '633.33', 1n, 333n],
    ['一人，低保标准为零', '0', 1n, 200n],
  ])('%s', (_, standard, n, multiple) => {
    const D = BigInt(Math.round(Number(standard) * 100));
    const scale = { D, n, multiple };
    const set = standardsOf({
      subsistenceAllowance: standard,
      municipalMultiple: multiple === undefined ? undefined : (Number(multiple) / 100).toString(),
    });
    const counterexamples: unknown[] = [];
    const met = new Map<string, number>();
    for (const sums of sumsAround(scale)) {
      const it = seen(sums, scale);
      const speaking = trueOf(SPEAKS_FOR, it);
      const decision = decide(household(sums, n), set);
      const clause = decidedClause(decision);
      const category = decision.award?.admission.category;
      if (
        speaking.length !== 1 ||
        speaking[0] !== clause ||
        category !== CATEGORY[clause]?.(it) ||
        decision.missing.length > 0
      ) {
        counterexamples.push({ sums, speaking, clause, category });
      }
      met.set(clause, (met.get(clause) ?? 0) + 1);
    }
    expect(counterexamples.slice(0, 3)).toEqual([]);
    // The lattice reaches every clause that the scale has room for.
    const room = Object.keys(SPEAKS_FOR).filter(
      (clause) => clause !== 'B-5.7' || (multiple !== undefined && multiple > 150n),
    );
    if (D > 0n) expect([...met.keys()].sort()).toEqual(room.sort());
  });
});

// ------------------------------------------------------------------------------------------------ the fates

const D = 60_000n;
const N = 2n;
const SCALE: Scale = { D, n: N, multiple: 200n };

/** Households at the limits, each with its expenditure as an accident (C-3's cause) and as schooling (none). */
const HOUSEHOLDS: readonly Sums[] = (() => {
  const at = (hundredths: bigint) => limit(hundredths, SCALE);
  const found: Sums[] = [];
  for (const annual of [at(100n), at(150n), at(200n), at(300n), at(300n) + 1n]) {
    const nets = [annual, at(100n), at(150n), at(200n), at(200n) + 1n].filter((net) => net <= annual);
    for (const net of new Set(nets)) {
      for (const { cause, allowance, months, extraordinary } of every({
        cause: [false, true],
        allowance: [false, true],
        months: [0, 6],
        extraordinary: [false, true],
      })) {
        const rigid = annual - net;
        if ((cause || extraordinary) && rigid === 0n) continue;
        if (extraordinary && !(cause && annual > at(300n))) continue;
        if (months === 6 && net !== annual) continue;
        found.push({
          annual,
          rigid,
          sudden: cause ? rigid : 0n,
          wealth: 0n,
          extraordinary,
          allowance,
          months,
        });
      }
    }
  }
  return found;
})();

type Home = 'one' | 'two at the limit' | 'two beyond it' | 'two unknown' | 'three';
type Vehicle = 'none' | 'at the price' | 'beyond it' | 'unknown' | 'two';
type Unknown = 'nothing' | 'income' | 'expenditure' | 'member' | 'D';

const home = (area: bigint | null) => ({ area, evidence: [] });
/** The standard is 16 m² a head; two people. */
const HOMES: Readonly<Record<Home, Declaration['assets']['homes']>> = {
  one: [home(99_900n)],
  'two at the limit': [home(2_000n), home(1_200n)],
  'two beyond it': [home(2_000n), home(1_201n)],
  'two unknown': [home(1n), home(null)],
  three: [home(1n), home(1n), home(1n)],
};
const vehicle = (purchasePrice: bigint | null, usedAsEmployee = false) => ({
  kind: 'motorVehicle' as const,
  purchasePrice,
  usedAsEmployee,
  evidence: [],
});
const VEHICLES: Readonly<Record<Vehicle, Declaration['assets']['vehicles']>> = {
  // Another's, however large.
  none: [vehicle(99_900_000n, true)],
  'at the price': [vehicle(10_000_000n)],
  'beyond it': [vehicle(10_000_001n)],
  unknown: [vehicle(null)],
  two: [vehicle(1n), vehicle(1n)],
};

type Place = {
  readonly city: boolean | undefined;
  readonly multiple: boolean;
  readonly housing: boolean;
};

const PLACES: readonly (Place & { readonly set: ParameterSet; readonly withoutD: ParameterSet })[] = [
  ...every<Place>({ city: [true, false, undefined], multiple: [true, false], housing: [true, false] }),
].map((place) => {
  const values = {
    excludedMayFileMunicipal: place.city,
    municipalMultiple: place.multiple ? '2' : undefined,
    housingAreaPerHead: place.housing ? '16' : undefined,
  };
  return {
    ...place,
    set: standardsOf(values),
    withoutD: standardsOf({ ...values, subsistenceAllowance: undefined }),
  };
});

/** What the fate of an exclusion with an exception hangs on. */
type Exceptional = {
  /** Article 7 applies. */
  readonly applies: boolean;
  /** Of the kind that C-3 can lift, as far as known. */
  readonly liftable: boolean;
  /** A tier and a cause that C-3 names. */
  readonly admissible: boolean;
  /** C-3's measure: within, beyond, or not known (nor its limit). */
  readonly measure: 'within' | 'beyond' | 'unknown';
  /** Something of is missing. */
  readonly unsettled: boolean;
};

const FATES: Predicates<'absent' | 'stands' | 'lifted' | 'open', Exceptional> = {
  absent: ({ applies }) => !applies,
  lifted: (it) => it.applies && it.liftable && it.admissible && it.measure === 'within',
  open: (it) =>
    it.applies &&
    it.liftable &&
    ((it.admissible && it.measure === 'unknown') ||
      (it.unsettled && !(it.admissible && it.measure === 'within'))),
  stands: (it) =>
    it.applies && (!it.liftable || (!it.unsettled && !(it.admissible && it.measure !== 'beyond'))),
};

/** The municipal test of step 7, whatever the national tier says. */
const municipalTest = (it: Merits): boolean =>
  it.raw !== 'beyond' && it.netWithin.municipal && (it.rigid || it.allowance || it.raw !== '3D');

type Situation = {
  readonly barred: boolean;
  /** An exclusion stands. */
  readonly stands: boolean;
  readonly tier: boolean;
  readonly study: boolean;
  readonly municipalTest: boolean;
  readonly multiple: boolean;
  /** Whether the city lets the excluded have a municipal file; undefined: it has no rule. */
  readonly city: boolean | undefined;
  readonly missing: boolean;
};

const cityAdmits = ({ municipalTest: passes, city }: Situation): boolean => passes && city === true;

const OUTCOMES: Predicates<Decision['outcome'], Situation> = {
  eligible: (it) => !it.barred && !it.missing && (it.stands ? cityAdmits(it) : it.tier),
  study: (it) => !it.barred && !it.missing && !it.stands && it.study,
  incomplete: (it) => !it.barred && it.missing && !(it.stands && (!it.multiple || it.city === false)),
  ineligible: (it) =>
    it.barred ||
    (it.stands && (!it.multiple || it.city === false)) ||
    (it.stands && !it.missing && !cityAdmits(it)) ||
    (!it.stands && !it.missing && !it.tier && !it.study),
};

const STRANGER = {
  id: 'x',
  relation: 'other',
  onRegister: false,
  visitConfirmed: false,
  status: 'employed',
  specialCircumstances: false,
  livesInCountryside: false,
  incomeUnverifiable: false,
  highFeePrivateSchool: false,
  selfFundedAbroad: false,
  jobRefusals: 0,
  incomes: [],
} as const satisfies Declaration['members'][number];

/** The household with this not yet known. */
const withUnknown = (given: Declaration, unknown: Unknown): Declaration => {
  if (unknown === 'member') return { ...given, members: [...given.members, STRANGER] };
  if (unknown === 'expenditure') {
    return { ...given, expenditures: [...given.expenditures, expense(null)] };
  }
  if (unknown !== 'income') return given;
  const [first, ...rest] = given.members;
  if (first === undefined) throw new Error('a household without members');
  const income = transfer(null);
  return { ...given, members: [{ ...first, incomes: [...first.incomes, income] }, ...rest] };
};

describe('第七条和75号文第三条：每种情形恰有一种处置', () => {
  test('两套住房、一辆机动车的例外：不适用、成立、解除、待定，恰有其一；结论也恰有其一', () => {
    const counterexamples: unknown[] = [];
    const fates = new Map<string, number>();
    const outcomes = new Map<string, number>();
    const points = every<{ sums: Sums; home: Home; vehicle: Vehicle; business: boolean; unknown: Unknown }>({
      sums: HOUSEHOLDS,
      home: ['one', 'two at the limit', 'two beyond it', 'two unknown', 'three'],
      vehicle: ['none', 'at the price', 'beyond it', 'unknown', 'two'],
      business: [false, true],
      unknown: ['nothing', 'income', 'expenditure', 'member', 'D'],
    });
    for (const point of points) {
      const { sums, home: homes, vehicle: vehicles, business, unknown } = point;
      const given = withUnknown(
        {
          ...household(sums, N),
          assets: {
            ...plain.assets,
            homes: HOMES[homes],
            vehicles: VEHICLES[vehicles],
            businessPremises: business,
          },
        },
        unknown,
      );
      const it = seen(sums, SCALE);
      for (const place of PLACES) {
        const figured = unknown !== 'income' && unknown !== 'D';
        const here: Merits = place.multiple
          ? it
          : { ...it, netWithin: { ...it.netWithin, municipal: false } };
        const [clause] = trueOf(SPEAKS_FOR, here);
        const tier = figured && clause !== 'none' && clause !== 'C-6';
        const national = tier && clause !== 'B-5.6' && clause !== 'B-5.7';
        const excludable = business || vehicles !== 'none' || homes !== 'one';
        // A-8 is missing unless a national tier stands that nothing of article 7 touches.
        const expenditureMissing = unknown === 'expenditure' && figured && (!national || excludable);
        const unsettled =
          unknown === 'income' || unknown === 'D' || unknown === 'member' || expenditureMissing;
        const admissible = tier && it.sudden;
        const homeFate = trueOf(FATES, {
          applies: homes !== 'one',
          liftable: homes !== 'three',
          admissible,
          measure:
            homes === 'two unknown' || !place.housing
              ? 'unknown'
              : homes === 'two at the limit'
                ? 'within'
                : 'beyond',
          unsettled,
        });
        const vehicleFate = trueOf(FATES, {
          applies: vehicles !== 'none',
          liftable: vehicles !== 'two' && vehicles !== 'beyond it',
          admissible,
          measure: vehicles === 'unknown' ? 'unknown' : vehicles === 'at the price' ? 'within' : 'beyond',
          unsettled,
        });
        const stands = business || homeFate.includes('stands') || vehicleFate.includes('stands');
        const passes = figured && municipalTest(here);
        const situation: Situation = {
          barred: false,
          stands,
          tier,
          study: figured && clause === 'C-6',
          municipalTest: passes,
          multiple: place.multiple,
          city: place.city,
          missing:
            unsettled ||
            homeFate.includes('open') ||
            vehicleFate.includes('open') ||
            (stands && passes && place.city === undefined),
        };
        const expected = trueOf(OUTCOMES, situation);
        const decision = decide(given, unknown === 'D' ? place.withoutD : place.set);
        const fateOf = (id: string): string =>
          decision.judged.find(({ exclusion }) => exclusion.clause.id === id)?.fate ?? 'absent';
        const said = [fateOf('B-7.1'), fateOf('B-7.3'), decision.outcome];
        const proved = [...homeFate, ...vehicleFate, ...expected];
        if (proved.length !== 3 || said.join() !== proved.join()) {
          counterexamples.push({
            ...point,
            city: place.city,
            multiple: place.multiple,
            housing: place.housing,
            said,
            proved,
          });
        }
        for (const fate of said.slice(0, 2)) fates.set(fate, (fates.get(fate) ?? 0) + 1);
        outcomes.set(decision.outcome, (outcomes.get(decision.outcome) ?? 0) + 1);
      }
    }
    expect(counterexamples.slice(0, 3)).toEqual([]);
    expect([...fates.keys()].sort()).toEqual(Object.keys(FATES).sort());
    expect([...outcomes.keys()].sort()).toEqual(Object.keys(OUTCOMES).sort());
  });
});

/** What each item of article 7 without an exception applies to, and what lies just beside it. */
const ITEMS: readonly (readonly [string, string | null, (given: Declaration) => Declaration])[] = (() => {
  const second = (change: Partial<Declaration['members'][number]>) => (given: Declaration) => ({
    ...given,
    members: given.members.map((member, index) => (index === 1 ? { ...member, ...change } : member)),
  });
  const another = (change: Partial<Declaration['members'][number]>) => (given: Declaration) => ({
    ...given,
    members: [...given.members, { ...STRANGER, ...change }],
  });
  const holding = (change: Partial<Declaration['assets']>) => (given: Declaration) => ({
    ...given,
    assets: { ...given.assets, ...change },
  });
  const standing = (standing: Declaration['worker']['standing']) => (given: Declaration) => ({
    ...given,
    worker: { ...given.worker, standing },
  });
  const ship = { ...vehicle(1n), kind: 'ship' as const };
  return [
    ['什么也没有', null, (given: Declaration) => given],
    ['一套住房', null, holding({ homes: HOMES.one })],
    ['三套住房', 'B-7.1', holding({ homes: HOMES.three })],
    ['生产经营房产', 'B-7.2', holding({ businessPremises: true })],
    ['雇佣他人', 'B-7.2', holding({ employsOthers: true })],
    ['受雇佣使用的船舶', null, holding({ vehicles: [{ ...ship, usedAsEmployee: true }] })],
    ['船舶', 'B-7.3', holding({ vehicles: [ship] })],
    ['两辆车', 'B-7.3', holding({ vehicles: VEHICLES.two })],
    [
      '一辆车，另一辆受雇佣使用，价格超限',
      'B-7.3',
      holding({ vehicles: [...VEHICLES['beyond it'], ...VEHICLES.none] }),
    ],
    ['配偶自费留学', null, second({ selfFundedAbroad: true })],
    ['子女自费留学', 'B-7.4', second({ relation: 'child', selfFundedAbroad: true })],
    ['子女就读高收费私立学校', 'B-7.4', second({ relation: 'child', highFeePrivateSchool: true })],
    ['无故拒绝两次', null, second({ status: 'unemployed', specialCircumstances: true, jobRefusals: 2 })],
    ['无故拒绝三次', 'B-7.5', second({ status: 'unemployed', specialCircumstances: true, jobRefusals: 3 })],
    ['不能工作的成员拒绝三次', null, second({ status: 'unableToWork', jobRefusals: 3 })],
    ['没有计入的成员拒绝三次', null, another({ status: 'unemployed', jobRefusals: 3 })],
    ['没有计入的子女自费留学', 'B-7.4', another({ relation: 'child', selfFundedAbroad: true })],
    ['灵活就业', null, standing('flexible')],
    ['已实行社会化管理', 'B-7.6', standing('retiredUnderCommunity')],
    [
      '工会确定的情形',
      'B-7.7',
      (given: Declaration) => ({ ...given, otherExclusion: { reason: '一', approvedBy: '二' } }),
    ],
  ];
})();

describe('每一项身份、授权和第七条情形：结论恰有其一', () => {
  const outcomeAt = (given: Declaration, situation: Situation, set: ParameterSet): unknown => {
    const proved = trueOf(OUTCOMES, situation);
    const { outcome } = decide(given, set);
    return proved.length === 1 && proved[0] === outcome ? undefined : { given, situation, proved, outcome };
  };

  const situationOf = (sums: Sums, place: Place, over: Partial<Situation>): Situation => {
    const it = seen(sums, { ...SCALE, multiple: place.multiple ? 200n : undefined });
    const [clause] = trueOf(SPEAKS_FOR, it);
    const passes = municipalTest(it);
    const stands = over.stands === true;
    return {
      barred: false,
      stands,
      tier: clause !== 'none' && clause !== 'C-6',
      study: clause === 'C-6',
      municipalTest: passes,
      multiple: place.multiple,
      city: place.city,
      ...over,
      missing: over.missing === true || (stands && passes && place.city === undefined),
    };
  };

  test('第七条的每一项，各在界限两侧', () => {
    const counterexamples: unknown[] = [];
    for (const [name, clause, change] of ITEMS) {
      for (const sums of HOUSEHOLDS) {
        for (const place of PLACES) {
          const given = change(household(sums, N));
          const missing = given.members.length > N;
          const decision = decide(given, place.set);
          const items = decision.judged.map((judged) => judged.exclusion.clause.id);
          const wrong = outcomeAt(
            given,
            situationOf(sums, place, { stands: clause !== null, missing }),
            place.set,
          );
          if (wrong !== undefined || items.join() !== (clause ?? '')) {
            counterexamples.push({ name, items, wrong });
          }
        }
      }
    }
    expect(counterexamples.slice(0, 2)).toEqual([]);
  });

  test('身份、劳动关系月数、授权、走访、退休人员规定的每一种组合', () => {
    const counterexamples: unknown[] = [];
    const outcomes = new Set<string>();
    const place: Place = { city: true, multiple: true, housing: true };
    const sets = [true, false, undefined].map(
      (admitted) =>
        [admitted, standardsOf({ unitRetireesAdmitted: admitted, excludedMayFileMunicipal: true })] as const,
    );
    const workers = every<
      Pick<Declaration, 'crossCheckAuthorised' | 'onSiteVisit'> &
        Pick<Declaration['worker'], 'kind' | 'standing' | 'labourRelationMonths'>
    >({
      kind: ['urban', 'migrant'],
      standing: ['employed', 'flexible', 'unemployed', 'retiredUnderUnit', 'retiredUnderCommunity'],
      labourRelationMonths: [0, 1, 5, 6],
      crossCheckAuthorised: [true, false],
      onSiteVisit: [true, false],
    });
    for (const { crossCheckAuthorised, onSiteVisit, ...worker } of workers) {
      const { kind, standing, labourRelationMonths } = worker;
      const unrelated =
        kind === 'urban'
          ? standing === 'employed' && labourRelationMonths < 1
          : standing !== 'employed' || labourRelationMonths < 6;
      const unchecked = !crossCheckAuthorised && kind === 'urban';
      const unvisited = !crossCheckAuthorised && !onSiteVisit && kind === 'migrant';
      for (const sums of HOUSEHOLDS) {
        for (const [admitted, set] of sets) {
          const given = {
            ...household(sums, N),
            worker: { ...worker, registeredRuralPoor: false },
            crossCheckAuthorised,
            onSiteVisit,
          };
          const underUnit = standing === 'retiredUnderUnit';
          const situation = situationOf(sums, place, {
            barred: unrelated || unchecked,
            stands: standing === 'retiredUnderCommunity' || (underUnit && admitted === false),
            missing: unvisited || (underUnit && admitted === undefined),
          });
          const wrong = outcomeAt(given, situation, set);
          if (wrong !== undefined) counterexamples.push(wrong);
          outcomes.add(decide(given, set).outcome);
        }
      }
    }
    expect(counterexamples.slice(0, 2)).toEqual([]);
    expect([...outcomes].sort()).toEqual(Object.keys(OUTCOMES).sort());
  });
});

describe('不知道的数额，不会比它可能的每一个数额都好', () => {
  const RANKS = { national: 4, provincial: 3, municipal: 2 } as const;
  /** How well a household stands; undecided is no standing. */
  const standing = ({ outcome, award }: Decision): number =>
    award === undefined ? (outcome === 'study' ? 1 : 0) : RANKS[award.admission.tier];

  /** Each place for an unknown, and the values around the limits that it may turn out to have. */
  const UNKNOWNS: readonly (readonly [
    string,
    readonly bigint[],
    (given: Declaration, amount: bigint | null) => Declaration,
  ])[] = [
    [
      '收入',
      [0n, 1n, ...[100n, 150n, 200n, 300n].map((each) => limit(each, SCALE)), 10n ** 12n],
      (given, amount) => ({
        ...given,
        members: given.members.map((member, index) =>
          index === 1 ? { ...member, incomes: [transfer(amount)] } : member,
        ),
      }),
    ],
    [
      '支出',
      [0n, 1n, ...[100n, 150n, 200n, 300n].map((each) => limit(each, SCALE)), 10n ** 12n],
      (given, amount) => ({
        ...given,
        expenditures: [...given.expenditures, expense(amount, { kind: 'accident', extraordinary: true })],
      }),
    ],
    [
      '投资性净资产',
      [0n, 1n, limit(100n, SCALE), 10n ** 12n],
      (given, amount) => ({ ...given, assets: { ...given.assets, investments: amount } }),
    ],
    [
      '第二套住房的面积',
      [0n, 1_200n, 1_201n, 10n ** 6n],
      (given, amount) => ({
        ...given,
        assets: { ...given.assets, homes: [home(2_000n), home(amount)] },
      }),
    ],
    [
      '车价',
      [0n, 10_000_000n, 10_000_001n],
      (given, amount) => ({ ...given, assets: { ...given.assets, vehicles: [vehicle(amount)] } }),
    ],
  ];

  test.each(UNKNOWNS)('%s', (_, amounts, put) => {
    const counterexamples: unknown[] = [];
    let decided = 0;
    const points = every<{ sums: Sums; home: Home; vehicle: Vehicle }>({
      sums: HOUSEHOLDS,
      home: ['one', 'two at the limit', 'two beyond it'],
      vehicle: ['none', 'at the price', 'beyond it'],
    });
    for (const { sums, home: homes, vehicle: vehicles } of points) {
      const assets = { ...plain.assets, homes: HOMES[homes], vehicles: VEHICLES[vehicles] };
      const given = { ...household(sums, N), assets };
      for (const { set } of PLACES) {
        const unknown = decide(put(given, null), set);
        const known = amounts.map((amount) => decide(put(given, amount), set));
        const best = Math.max(...known.map(standing));
        // Stronger than asked: what is decided in spite of the unknown stays, whatever it turns out to be.
        const stays =
          unknown.outcome === 'incomplete' ||
          known.every((each) => each.outcome === unknown.outcome && standing(each) === standing(unknown));
        if (unknown.outcome !== 'incomplete') decided += 1;
        if (standing(unknown) > best || !stays) {
          counterexamples.push({ sums, homes, vehicles, unknown: unknown.outcome });
        }
      }
    }
    expect(counterexamples.slice(0, 2)).toEqual([]);
    expect(decided).toBeGreaterThan(0);
  });
});
