import { expect, test } from 'vitest';
import { parseParameters } from '#domain/rules/parameters.ts';
import { InvalidInput } from '#functions/shared/errors.ts';
import { readTrial, tryAssessment } from '#functions/try-assessment/try-assessment.ts';
import { declaration, parameters } from '#test/domain/rules/household.ts';

const given = parseParameters(parameters());
if ('faults' in given) throw new Error('the parameters of the test have faults');
const standards = given.parameters;
const read = (document: unknown) => readTrial(Buffer.from(JSON.stringify(document)));

test('assesses a declaration and explains it', () => {
  const assessment = tryAssessment(read(declaration()), standards, { figuresOnly: false });
  expect(assessment).toMatchObject({ outcome: 'eligible', tier: 'provincial', net: '600.00' });
  expect(assessment).toHaveProperty('explanation');
});

test('leaves the explanation out, and nothing else, where figures are asked for', () => {
  const { explanation, ...figures } = Object(
    tryAssessment(read(declaration()), standards, { figuresOnly: false }),
  );
  expect(explanation.length).toBeGreaterThan(10);
  expect(tryAssessment(read(declaration()), standards, { figuresOnly: true })).toEqual(figures);
});

test('refuses a declaration that does not fit with every fault', () => {
  const refused = () => read(declaration({ region: 1, x: 1 }));
  expect(refused).toThrow(InvalidInput);
  expect(refused).toThrow(
    expect.objectContaining({
      status: 422,
      faults: [
        expect.objectContaining({ pointer: '/region', code: 'not-region' }),
        expect.objectContaining({ pointer: '/x', code: 'unknown-key' }),
      ],
    }),
  );
});
