import { describe, expect, test } from 'vitest';
import { RULE_BOOK, RULES_OF_2018, RuleBook, type RuleSet } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { TOGETHER_FROM } from '#domain/rules/law/clause.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import { type Document, declaration, parameters } from './household.ts';

const read = (document: Document) => {
  const parsed = parseDeclaration(document);
  if ('faults' in parsed) throw new Error('the declaration does not fit');
  return parsed.declaration;
};

const local = () => {
  const parsed = parseParameters(parameters());
  if ('faults' in parsed) throw new Error('the parameters do not fit');
  return parsed.parameters;
};

/** A made-up later regulation that admits nobody. */
const later: RuleSet = {
  ...RULES_OF_2018,
  version: '2.0.0',
  from: '2027-07-01',
  documents: [{ name: '虚构的后一办法', from: '2027-07-01' }],
  assessFigures: (of, by) => ({
    ...RULES_OF_2018.assessFigures(of, by),
    outcome: 'ineligible',
    tier: null,
    rules: { version: '2.0.0', parameters: by.hash },
  }),
};

const applied = (applicationDate: string) =>
  read(declaration({ applicationDate, incomePeriod: { from: '2026-01', to: '2026-12' } }));

describe('新旧办法并立', () => {
  const book = new RuleBook([RULES_OF_2018, later]);

  test.each([
    ['新办法施行前一日的申请按旧办法', '2027-06-30', RULES_OF_2018.version, 'eligible'],
    ['新办法施行当日的申请按新办法', '2027-07-01', '2.0.0', 'ineligible'],
    ['施行以后的申请按新办法', '2027-12-31', '2.0.0', 'ineligible'],
  ])('%s', (_, day, version, outcome) => {
    const result = book.assessFigures(applied(day), local());
    expect({ version: result.rules.version, outcome: result.outcome }).toEqual({ version, outcome });
  });

  test('旧决定按其载明的版本重算，新办法施行后也不变', () => {
    const old = read(declaration());
    const then = new RuleBook([RULES_OF_2018]).assess(old, local());
    expect(book.of(then.rules.version)?.assess(old, local())).toEqual(then);
  });

  test('没有的版本查不到', () => expect(book.of('0.9.0')).toBeUndefined());
  test('最早一版施行前没有办法可依', () =>
    expect(() => book.inForce('2018-12-17')).toThrow('no rules are in force'));
});

describe('办法的次序', () => {
  test('两版不能同号', () =>
    expect(() => new RuleBook([RULES_OF_2018, { ...later, version: RULES_OF_2018.version }])).toThrow(
      'version',
    ));
  test.each(['2018-12-18', '2018-01-01'])('后一版不能从%s起施行', (from) =>
    expect(() => new RuleBook([RULES_OF_2018, { ...later, from }])).toThrow('does not follow'),
  );
});

test('现行办法自三份文件同时有效之日起适用，以前的申请在申报格式上就不收', () => {
  expect(RULE_BOOK.inForce(TOGETHER_FROM).version).toBe(RULES_OF_2018.version);
  expect(parseDeclaration(declaration({ applicationDate: '2018-12-17' }))).toHaveProperty('faults');
});
