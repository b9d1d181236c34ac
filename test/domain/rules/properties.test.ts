import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Assessment } from '#domain/rules/assess.ts';
import { hundredths, rounded, twoDecimals } from '#domain/rules/money.ts';
import { clauseIds } from '#domain/rules/registry.ts';
import { scenario } from './generator.ts';
import { assessed, ids } from './household.ts';

// biome-ignore lint/suspicious/noExplicitAny: raw JSON documents are varied freely.
type Raw = any;

const runs = { numRuns: 600, seed: 51 };
const RANKS = { national: 3, provincial: 2, municipal: 1 } as const;
const rank = ({ tier }: Assessment): number => (tier === null ? 0 : RANKS[tier]);

const varied = (document: unknown, change: (copy: Raw) => void): Raw => {
  const copy = structuredClone(document);
  change(copy);
  return copy;
};

/** Replaces every unknown by a value of the arbitrary's choice. */
const filled = (value: Raw, next: () => string): Raw => {
  if (value === null) return next();
  if (Array.isArray(value)) return value.map((each) => filled(each, next));
  // What cannot be verified at all is left out by C-5: that is no unknown that will be known one day.
  if (typeof value !== 'object' || value.incomeUnverifiable === true) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      // Whatever the wage turns out to be, the deductions must stay within it.
      each === null && (key === 'incomeTax' || key === 'socialInsurance') ? '0' : filled(each, next),
    ]),
  );
};

describe('what holds of every assessment', () => {
  test('收入增加，级别不会升高', () => {
    fc.assert(
      fc.property(
        scenario,
        fc.constantFrom('0.01', '100', '5000', '30000'),
        ({ declaration, parameters }, amount) => {
          const richer = varied(declaration, (copy) => {
            const self = copy.members.find((each: Raw) => each.relation === 'self');
            self.incomes = [...(self.incomes ?? []), { kind: 'property', amount }];
          });
          expect(rank(assessed(richer, parameters))).toBeLessThanOrEqual(
            rank(assessed(declaration, parameters)),
          );
        },
      ),
      runs,
    );
  });

  test('成员和支出的先后不影响结论和数额', () => {
    const facts = (assessment: Assessment) => ({
      ...assessment,
      explanation: undefined,
      exclusions: ids(assessment.exclusions),
      exceptions: ids(assessment.exceptions),
      findings: ids(assessment.findings),
      missing: ids(assessment.missing).sort(),
      imputations: [...assessment.imputations].sort((one, other) => (one.memberId < other.memberId ? -1 : 1)),
    });
    fc.assert(
      fc.property(scenario, ({ declaration, parameters }) => {
        const turned = varied(declaration, (copy) => {
          copy.members.reverse();
          copy.expenditures?.reverse();
        });
        expect(facts(assessed(turned, parameters))).toEqual(facts(assessed(declaration, parameters)));
      }),
      runs,
    );
  });

  test('不知道的数额不会决定结论：已有结论的，查明后结论和级别不变', () => {
    fc.assert(
      fc.property(
        scenario,
        fc.array(fc.constantFrom('0', '900', '30000', '250000'), { minLength: 9, maxLength: 9 }),
        ({ declaration, parameters }, values) => {
          const { outcome, tier } = assessed(declaration, parameters);
          if (outcome === 'incomplete') return;
          let turn = 0;
          const known = filled(declaration, () => String(values[turn++ % values.length]));
          for (const member of known.members) {
            for (const income of member.incomes ?? []) {
              if (income.kind === 'wage' && Number(income.amount) < 600) income.amount = '600';
            }
          }
          expect(assessed(known, parameters)).toMatchObject({ outcome, tier });
        },
      ),
      runs,
    );
  });

  test('多一套住房从不使级别升高', () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom('1', '90', null), ({ declaration, parameters }, area) => {
        const before = assessed(declaration, parameters);
        if (before.outcome === 'incomplete') return;
        const housed = varied(declaration, (copy) => {
          copy.assets = copy.assets ?? { homes: [], vehicles: [] };
          copy.assets.homes.push({ area });
        });
        expect(rank(assessed(housed, parameters))).toBeLessThanOrEqual(rank(before));
      }),
      runs,
    );
  });

  test('同样的输入得到同样的字节，与键的先后无关', () => {
    const reversed = (value: Raw): Raw => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, each]) => [key, reversed(each)]),
      );
    };
    fc.assert(
      fc.property(scenario, ({ declaration, parameters }) => {
        expect(JSON.stringify(assessed(reversed(declaration), reversed(parameters)))).toBe(
          JSON.stringify(assessed(declaration, parameters)),
        );
      }),
      { ...runs, numRuns: 200 },
    );
  });

  test('说明中的每个数都写在句中，每句都引条文，每份证明都在', () => {
    fc.assert(
      fc.property(scenario, ({ declaration, parameters }) => {
        const { explanation } = assessed(declaration, parameters);
        for (const { clause, text, values } of explanation) {
          expect(clauseIds).toContain(clause);
          expect(text).toMatch(/（依据：.*(皖工|建档材料).*）$/);
          for (const value of Object.values(values)) expect(text).toContain(value);
        }
        const shown = new Set(explanation.flatMap(({ evidence }) => evidence));
        const document: Raw = declaration;
        const papers = document.members
          .filter((member: Raw) => member.relation === 'self' || member.onRegister || member.visitConfirmed)
          .flatMap((member: Raw) => (member.incomes ?? []).flatMap((income: Raw) => income.evidence ?? []));
        for (const paper of papers) expect(shown).toContain(paper);
      }),
      { ...runs, numRuns: 200 },
    );
  });
});

describe('amounts', () => {
  const amount = fc
    .tuple(
      fc.bigInt({ min: 0n, max: 999999999999999n }),
      fc.constantFrom('', '.0', '.5', '.05', '.99', '.10'),
    )
    .map(([whole, rest]) => `${whole}${rest}`);

  test('are read and written without loss', () => {
    fc.assert(
      fc.property(amount, (text) => {
        expect(twoDecimals(hundredths(text))).toBe(new Decimal(text).toFixed(2));
      }),
    );
  });

  test('quotients are rounded half away from zero, and zero has no sign', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 120_000n }),
        (dividend, divisor) => {
          const exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
          const expected = new exact(String(dividend)).div(String(divisor)).toFixed(0, Decimal.ROUND_HALF_UP);
          expect(String(rounded(dividend, divisor))).toBe(expected === '-0' ? '0' : expected);
        },
      ),
    );
    expect([rounded(-1n, 2n), rounded(1n, 2n), rounded(-1n, 3n), rounded(3n, 2n)]).toEqual([-1n, 1n, 0n, 2n]);
    expect([twoDecimals(0n), twoDecimals(-1n), twoDecimals(-100n), twoDecimals(5n)]).toEqual([
      '0.00',
      '-0.01',
      '-1.00',
      '0.05',
    ]);
  });
});
