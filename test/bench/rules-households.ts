/**
 * Synthetic households for the benchmarks of the rules: the same seed gives the same households, on any machine. Nobody
 * is real. They are of the usual sizes (one to five members), most of them near the limits, with papers behind their
 * figures; about one in seven owns a second home, a vehicle or a shop, one in twenty has something not yet known.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A generator of numbers in [0, 1) from a seed (mulberry32). */
const numbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const YEARS = [2019, 2020, 2021, 2022] as const;
const REGIONS = ['340100', '340102', '340103', '340104', '340111'] as const;
const RELATIVES = ['spouse', 'child', 'child', 'parent', 'parent'] as const;

class Maker {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = numbers(seed);
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(this.#next() * values.length)] ?? values[0];
  }

  /** A decimal string; one in a hundred is not yet known. */
  #amount(least: number, most: number): string | null {
    if (this.#chance(0.01)) return null;
    const fen = Math.round((least + this.#next() * (most - least)) * 100);
    return this.#chance(0.5) ? String(Math.round(fen / 100)) : (fen / 100).toFixed(2);
  }

  #papers(): Json {
    return [`d${Math.floor(this.#next() * 1e6).toString(36)}`];
  }

  #wage(): Json {
    const amount = this.#amount(9_000, 42_000);
    return {
      kind: 'wage',
      amount,
      ...(this.#chance(0.6) ? { incomeTax: '120', socialInsurance: this.#amount(800, 4_000) } : {}),
      evidence: this.#papers(),
    };
  }

  #relative(relation: (typeof RELATIVES)[number], index: number): Json {
    const status = {
      spouse: this.#pick(['employed', 'unemployed', 'unableToWork']),
      child: this.#pick(['student', 'student', 'preschool']),
      parent: 'retired',
    }[relation];
    return {
      id: `m${index}`,
      relation,
      onRegister: this.#chance(0.95),
      ...(this.#chance(0.3) ? { visitConfirmed: true } : {}),
      status,
      ...(this.#chance(0.05) ? { incomeUnverifiable: true } : {}),
      ...(relation === 'child' && this.#chance(0.02) ? { highFeePrivateSchool: true } : {}),
      incomes:
        status === 'employed'
          ? [this.#wage()]
          : relation === 'parent'
            ? [{ kind: 'transfer', amount: this.#amount(1_500, 26_000), evidence: this.#papers() }]
            : [],
    };
  }

  #expenditures(size: number): Json[] {
    const items: Json[] = [];
    if (this.#chance(0.6)) {
      const amount = this.#amount(3_000, 90_000);
      items.push({
        kind: 'medical',
        amount,
        reimbursed: amount === null ? null : String(Math.floor(Number(amount) * 0.55)),
        memberId: `m${Math.floor(this.#next() * size)}`,
        majorIllness: this.#chance(0.6),
        evidence: this.#papers(),
      });
    }
    if (this.#chance(0.5)) {
      items.push({ kind: 'schooling', amount: this.#amount(1_000, 12_000), evidence: this.#papers() });
    }
    if (this.#chance(0.1)) items.push({ kind: 'accident', amount: this.#amount(5_000, 60_000) });
    if (this.#chance(0.1)) items.push({ kind: 'living', amount: '6000' });
    return items;
  }

  household(): Json {
    const year = this.#pick(YEARS);
    const size = 1 + Math.floor(this.#next() * 5);
    const migrant = this.#chance(0.2);
    const self = {
      id: 'm0',
      relation: 'self',
      onRegister: true,
      status: 'employed',
      incomes: [this.#wage()],
    };
    const relatives = RELATIVES.slice(0, size - 1).map((relation, index) =>
      this.#relative(relation, index + 1),
    );
    return {
      applicationDate: `${year}-0${1 + Math.floor(this.#next() * 9)}-15`,
      region: this.#pick(REGIONS),
      incomePeriod: { from: `${year - 1}-01`, to: `${year - 1}-12` },
      worker: {
        kind: migrant ? 'migrant' : 'urban',
        standing: migrant ? 'employed' : this.#pick(['employed', 'employed', 'flexible', 'retiredUnderUnit']),
        labourRelationMonths: 6 + Math.floor(this.#next() * 200),
      },
      crossCheckAuthorised: this.#chance(0.97),
      ...(this.#chance(0.1) ? { subsistenceAllowance: true } : {}),
      members: [self, ...relatives],
      expenditures: this.#expenditures(size),
      assets: {
        homes: Array.from({ length: this.#pick([0, 1, 1, 1, 1, 1, 2]) }, () => ({
          area: this.#amount(18, 110),
          evidence: this.#papers(),
        })),
        vehicles: this.#chance(0.08)
          ? [
              {
                kind: 'motorVehicle',
                purchasePrice: this.#amount(20_000, 160_000),
                usedAsEmployee: this.#chance(0.2),
              },
            ]
          : [],
        ...(this.#chance(0.02) ? { businessPremises: true } : {}),
        savings: this.#amount(0, 30_000),
      },
    };
  }
}

/** So many declarations of the assessment contract, as JSON values; the same ones each time. */
export const households = (count: number): readonly Json[] => {
  const maker = new Maker(20_181_218);
  return Array.from({ length: count }, () => maker.household());
};
