/** Properties over random households: what more of something does, and what the order of things doesn't. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExplainedAssessment } from '#domain/rules/assess.ts';
import { scenario } from './generator.ts';
import { assessed } from './household.ts';

// biome-ignore lint/suspicious/noExplicitAny: raw JSON documents are varied freely.
type Raw = any;

const runs = { numRuns: 500, seed: 2018 };

/** Undecided is no standing: what is compared are the tiers of those that are decided. */
const RANKS = { national: 4, provincial: 3, municipal: 2 } as const;
const rank = ({ tier }: ExplainedAssessment): number => (tier === null ? 0 : RANKS[tier]);

const varied = (document: unknown, change: (copy: Raw) => void): Raw => {
  const copy = structuredClone(document);
  change(copy);
  return copy;
};

describe('多一些，会怎样', () => {
  test('A-8、C-5：可扣除的支出增加，级别不会降低', () => {
    let decided = 0;
    fc.assert(
      fc.property(
        scenario,
        fc.constantFrom<Raw>(
          { kind: 'schooling' },
          { kind: 'medical' },
          { kind: 'medical', majorIllness: true },
          { kind: 'accident' },
          { kind: 'disability' },
        ),
        fc.constantFrom('0.01', '900', '30000', '900000'),
        ({ declaration, parameters }, item, amount) => {
          const dearer = varied(declaration, (copy) => {
            copy.expenditures = [...(copy.expenditures ?? []), { ...item, amount }];
          });
          const after = assessed(dearer, parameters);
          // A cause may open a question that was closed before (C-3 with an unknown area): that is not lower.
          if (after.outcome === 'incomplete') return;
          decided += 1;
          expect(rank(after)).toBeGreaterThanOrEqual(rank(assessed(declaration, parameters)));
        },
      ),
      runs,
    );
    expect(decided).toBeGreaterThan(200);
  });

  test('C-5：已报销的增加，级别不会升高', () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom('0.01', '7200', '99999'), ({ declaration, parameters }, more) => {
        const given: Raw = declaration;
        const covered = varied(given, (copy) => {
          for (const item of copy.expenditures ?? []) {
            if (item.kind === 'medical' && item.reimbursed !== null) {
              item.reimbursed = (Number(item.reimbursed ?? 0) + Number(more)).toFixed(2);
            }
          }
        });
        const before = assessed(given, parameters);
        if (before.outcome === 'incomplete') return;
        expect(rank(assessed(covered, parameters))).toBeLessThanOrEqual(rank(before));
      }),
      runs,
    );
  });

  test('B-7.1、B-7.3：多一套住房、多一辆车，从不使级别升高，也不使不予建档变为可以研究', () => {
    const better = { ineligible: 0, incomplete: 0, study: 1, eligible: 2 } as const;
    fc.assert(
      fc.property(
        scenario,
        fc.constantFrom<Raw>(
          ['homes', { area: '0' }],
          ['homes', { area: '90' }],
          ['homes', { area: null }],
          ['vehicles', { kind: 'motorVehicle', purchasePrice: '1', usedAsEmployee: false }],
          ['vehicles', { kind: 'ship', purchasePrice: null, usedAsEmployee: false }],
        ),
        ({ declaration, parameters }, [list, thing]) => {
          const before = assessed(declaration, parameters);
          if (before.outcome === 'incomplete') return;
          const richer = varied(declaration, (copy) => {
            copy.assets = copy.assets ?? { homes: [], vehicles: [] };
            copy.assets[list].push(thing);
          });
          const after = assessed(richer, parameters);
          expect(rank(after)).toBeLessThanOrEqual(rank(before));
          expect(better[after.outcome]).toBeLessThanOrEqual(better[before.outcome]);
        },
      ),
      runs,
    );
  });
});

describe('先后', () => {
  /** Everything but the explanation; lists as multisets. */
  const facts = ({ explanation: _, ...assessment }: ExplainedAssessment): Raw =>
    Object.fromEntries(
      Object.entries(assessment).map(([key, value]) => [
        key,
        // `clauses` and `allowedFunds` have an order of their own.
        Array.isArray(value) && key !== 'clauses' && key !== 'allowedFunds'
          ? value.map((each) => JSON.stringify(each)).sort()
          : value,
      ]),
    );

  test('成员、收入、支出、住房、车辆任意排列，结论、数额和各项清单都不变', () => {
    const shuffled = (list: Raw, seed: number): Raw[] =>
      (list ?? [])
        .map((each: Raw, index: number) => [(index * 7919 + seed * 104729) % 101, index, each])
        .sort((one: Raw, other: Raw) => one[0] - other[0] || one[1] - other[1])
        .map(([, , each]: Raw) => each);
    fc.assert(
      fc.property(scenario, fc.nat({ max: 100 }), ({ declaration, parameters }, seed) => {
        const turned = varied(declaration, (copy) => {
          copy.members = shuffled(copy.members, seed);
          for (const member of copy.members) member.incomes = shuffled(member.incomes, seed);
          copy.expenditures = shuffled(copy.expenditures, seed);
          copy.assets = copy.assets ?? { homes: [], vehicles: [] };
          copy.assets.homes = shuffled(copy.assets.homes, seed);
          copy.assets.vehicles = shuffled(copy.assets.vehicles, seed);
        });
        expect(facts(assessed(turned, parameters))).toEqual(facts(assessed(declaration, parameters)));
      }),
      runs,
    );
  });
});
