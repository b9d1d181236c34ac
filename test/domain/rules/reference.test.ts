import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assess } from '#domain/rules/assess.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import { type Scenario, scenario } from './generator.ts';
import { reference } from './reference.ts';

type Marks = readonly { readonly clause: string; readonly detail: string }[];

const ids = (marks: Marks) => marks.map(({ clause }) => clause);

/** The product's answer, in the form that the reference gives. */
const product = ({ declaration, parameters }: Scenario) => {
  const parsed = parseDeclaration(declaration);
  const given = parseParameters(parameters);
  if ('faults' in parsed || 'faults' in given) return { parsed, given };
  const { explanation, rules, ...figures } = assess(parsed.declaration, given.parameters);
  return {
    ...figures,
    exclusions: ids(figures.exclusions),
    exceptions: ids(figures.exceptions),
    findings: ids(figures.findings),
    missing: figures.missing.map(({ clause, detail }) =>
      clause === 'R-15' ? `${clause} ${detail}` : clause,
    ),
  };
};

describe('the rules against an independent second reckoning', () => {
  test('agree on random declarations around every boundary', () => {
    fc.assert(
      fc.property(scenario, (each) => {
        expect(product(each)).toEqual(reference(each.declaration, each.parameters));
      }),
      { numRuns: 4000, seed: 20181218 },
    );
  });
});
