import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Assessment, assessFigures } from '#domain/rules/assess.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import { scenario } from '#test/domain/rules/generator.ts';
import { declaration, parameters, worker } from '#test/domain/rules/household.ts';
import { putFigures } from '../../scripts/figures-line.ts';
import { JsonBytes } from '../../scripts/json-bytes.ts';

const figuresOf = (document: unknown, standards: unknown): Assessment => {
  const read = parseDeclaration(document);
  const set = parseParameters(standards);
  if ('faults' in read || 'faults' in set) throw new Error('the scenario does not fit');
  return assessFigures(read.declaration, set.parameters);
};

const written = (assessments: readonly Assessment[]): string => {
  // Too little room for most: it must grow, and keep what it holds.
  const to = new JsonBytes(new Uint8Array(64));
  for (const each of assessments) {
    putFigures(to, each);
    to.endLine();
  }
  return Buffer.from(to.bytes.subarray(0, to.length)).toString();
};

const stringified = (assessments: readonly Assessment[]): string =>
  assessments.map((each) => `${JSON.stringify(each)}\n`).join('');

/** A household whose member must be named in the answer: the id comes out in a phrase and beside an amount. */
const named = (id: string): Assessment =>
  figuresOf(
    declaration({
      members: [
        worker,
        { id, relation: 'spouse', onRegister: true, status: 'unemployed' },
        { id: `${id}2`, relation: 'child', onRegister: false, status: 'student' },
      ],
    }),
    parameters(),
  );

describe('the figures in bytes', () => {
  test('are what JSON.stringify gives, whatever is assessed', () => {
    fc.assert(
      fc.property(fc.array(scenario, { minLength: 1, maxLength: 4 }), (scenarios) => {
        const all = scenarios.map(({ declaration: document, parameters: set }) => figuresOf(document, set));
        expect(written(all)).toBe(stringified(all));
      }),
      { numRuns: 500 },
    );
  });

  test('are so for ids of any characters, lone surrogates and control characters too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (id) => {
        const one = named(id);
        expect(one.imputations.map(({ memberId }) => memberId)).toEqual([id]);
        expect(written([one])).toBe(stringified([one]));
      }),
    );
    for (const id of [
      '"',
      '\\',
      '\u0000',
      '\u001f',
      '\u007f',
      '\u0080',
      'é',
      '\u07ff',
      '\u0800',
      '成员',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\ud800',
      'a\udfff',
      '𠮷',
    ]) {
      expect(written([named(id)]), id).toBe(stringified([named(id)]));
    }
  });

  test('have room for answers of any length', () => {
    const all = [named('成'.repeat(300_000)), named('m1')];
    expect(written(all)).toBe(stringified(all));
  });
});
