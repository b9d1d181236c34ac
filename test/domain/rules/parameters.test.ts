import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decimalInForce, flagInForce, parseParameters, placesOf } from '#domain/rules/parameters.ts';
import { assessed, declaration } from './household.ts';

type Value = Record<string, unknown>;

const value = (name: string, changes: Value = {}): Value => ({
  name,
  from: '2018-01-01',
  value: name === 'unitRetireesAdmitted' || name === 'excludedMayFileMunicipal' ? true : '600',
  source: '样例数据',
  ...changes,
});

const at = (code: string, ...values: Value[]) => ({ code, name: `地区${code}`, values });
const set = (...places: unknown[]) => ({ version: 'v', places });

const parsed = (document: unknown) => {
  const result = parseParameters(document);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.parameters;
};

const faultsOf = (document: unknown): string[] => {
  const result = parseParameters(document);
  return 'faults' in result ? result.faults.map(({ pointer, code }) => `${pointer} ${code}`).sort() : [];
};

describe('a value in force', () => {
  const standards = parsed(
    set(
      at('340102', value('minimumWage', { value: '1', from: '2019-01-01' })),
      at('340100', value('minimumWage', { value: '2' }), value('subsistenceAllowance', { value: '20' })),
      at(
        '340000',
        value('minimumWage', { value: '3', from: '2017-01-01' }),
        value('subsistenceAllowance', { value: '30' }),
        value('excludedMayFileMunicipal', { value: false }),
      ),
    ),
  );

  test.each([
    ['the exact code', 'minimumWage', '340102', '2019-01-01', '1'],
    ['the prefecture, while the exact code has none yet', 'minimumWage', '340102', '2018-12-31', '2'],
    ['the province, while the prefecture has none yet', 'minimumWage', '340102', '2017-12-31', '3'],
    ['the province, of another prefecture', 'minimumWage', '341221', '2019-01-01', '3'],
    ['none before the first', 'minimumWage', '340102', '2016-12-31', undefined],
    ['none in another province', 'minimumWage', '320102', '2019-01-01', undefined],
    ['D of the prefecture', 'subsistenceAllowance', '340123', '2019-01-01', '20'],
    ['no D of the province', 'subsistenceAllowance', '341221', '2019-01-01', undefined],
    ['D of the province where it is the exact code', 'subsistenceAllowance', '340000', '2019-01-01', '30'],
    ['D of the province where it reads as prefecture', 'subsistenceAllowance', '340012', '2019-01-01', '30'],
  ] as const)('is that of %s', (_, name, region, day, written) => {
    expect(decimalInForce(placesOf(standards, region), name, day)?.written).toBe(written);
  });

  test('false is a value, not an absent one', () => {
    const places = placesOf(standards, '340102');
    expect(flagInForce(places, 'excludedMayFileMunicipal', '2019-01-01')?.value).toBe(false);
    expect(flagInForce(places, 'unitRetireesAdmitted', '2019-01-01')).toBeUndefined();
  });

  test('holds until the next of its name, in whatever order they are listed', () => {
    const dated = parsed(
      set(
        at(
          '340100',
          value('minimumWage', { value: '3', from: '2020-01-01' }),
          value('minimumWage', { value: '1', from: '2018-01-01' }),
          value('minimumWage', { value: '2', from: '2019-01-01' }),
        ),
      ),
    );
    const places = placesOf(dated, '340100');
    const on = (day: string) => decimalInForce(places, 'minimumWage', day)?.written;
    expect(['2018-12-31', '2019-01-01', '2019-12-31', '2020-01-01'].map(on)).toEqual(['1', '2', '2', '3']);
  });
});

describe('the hash', () => {
  const one = set(at('340100', value('minimumWage')));

  test('is that of the canonical form, whatever the order of keys', () => {
    const canonical =
      '{"places":[{"code":"340100","name":"地区340100","values":[{"from":"2018-01-01","name":"minimumWage","source":"样例数据","value":"600"}]}],"version":"v"}';
    const reordered = { places: one.places, version: one.version };
    const expected = createHash('sha256').update(canonical).digest('hex');
    expect([parsed(one).hash, parsed(reordered).hash]).toEqual([expected, expected]);
  });

  test('tells 600 from 600.0', () => {
    const other = set(at('340100', value('minimumWage', { value: '600.0' })));
    expect(parsed(other).hash).not.toBe(parsed(one).hash);
  });
});

describe('faults of parameters', () => {
  test.each<[unknown, string[]]>([
    [null, [' not-object']],
    [{}, ['/places missing', '/version missing']],
    [{ version: 1, places: {} }, ['/places not-list', '/version not-text']],
    [set(at('3401')), ['/places/0/code not-region']],
    [set({ ...at('340100'), x: 1 }), ['/places/0/x unknown-key']],
    [set(at('340100', value('wage'))), ['/places/0/values/0/name not-option']],
    [
      set(at('340100', {})),
      ['from', 'name', 'source', 'value'].map((key) => `/places/0/values/0/${key} missing`),
    ],
    [set(at('340100', value('minimumWage', { value: 600 }))), ['/places/0/values/0/value not-value']],
    [set(at('340100', value('minimumWage', { value: null }))), ['/places/0/values/0/value not-value']],
    [set(at('340100', value('minimumWage', { value: '6e2' }))), ['/places/0/values/0/value not-decimal']],
    [
      set(at('340100', value('municipalMultiple', { value: true }))),
      ['/places/0/values/0/value not-decimal'],
    ],
    [
      set(at('340100', value('unitRetireesAdmitted', { value: 'true' }))),
      ['/places/0/values/0/value not-boolean'],
    ],
    [set(at('340100', value('minimumWage', { from: '2018-02-30' }))), ['/places/0/values/0/from not-date']],
    [
      set(at('340100', value('minimumWage', { source: '\ud800' }))),
      ['/places/0/values/0/source not-well-formed'],
    ],
    [set(at('340100'), at('340100')), ['/places/1/code duplicate-place']],
    [
      set(at('340100', value('minimumWage'), value('minimumWage', { value: '700' }))),
      ['/places/0/values/1/from duplicate-value'],
    ],
    [
      set(at('340100', value('minimumWage', { from: 1, value: 'x' }), value('wage', { x: 1 })), 7),
      [
        '/places/0/values/0/from not-date',
        '/places/0/values/0/value not-decimal',
        '/places/0/values/1/name not-option',
        '/places/0/values/1/x unknown-key',
        '/places/1 not-object',
      ],
    ],
  ])('%j', (document, faults) => {
    expect(faultsOf(document)).toEqual(faults);
  });
});

test('the parameters that are shipped fit, and every value names its source', () => {
  const shipped: unknown = JSON.parse(
    readFileSync(new URL('../../../parameters/example-2018.json', import.meta.url), 'utf8'),
  );
  expect(faultsOf(shipped)).toEqual([]);
  expect(JSON.stringify(shipped)).not.toContain('"source":""');
  expect(assessed(declaration(), shipped).standard).toBe('639');
});
