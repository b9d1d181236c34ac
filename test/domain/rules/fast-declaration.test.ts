import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { readDeclaration } from '#domain/rules/fast-declaration.ts';
import { parseBytes } from '#domain/rules/json.ts';
import { scenario } from './generator.ts';
import { car, type Document, declaration, twoHomes, worker } from './household.ts';

const quick = (text: string) => {
  const line = Buffer.from(`${text}\n`);
  return readDeclaration(line, 0, line.length - 1);
};

const full = (text: string) => {
  const parsed = parseBytes(Buffer.from(text), parseDeclaration);
  return 'faults' in parsed ? undefined : parsed.declaration;
};

/** Whatever the quick reader accepts, the schema accepts with the same result. Returns whether it did accept. */
const agree = (text: string): boolean => {
  const read = quick(text);
  if (read !== undefined) expect(read, text).toStrictEqual(full(text));
  return read !== undefined;
};

/** The JSON text of a value with the keys of every object in another order, and blanks between all tokens. */
const shuffled = (value: unknown, order: number): string => {
  if (Array.isArray(value)) return `[ ${value.map((each) => shuffled(each, order)).join('\t, ')} ]`;
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)} \r`;
  const entries = Object.entries(value);
  const turned = [...entries.slice(order % entries.length), ...entries.slice(0, order % entries.length)];
  const members = turned.map(([key, each]) => `${JSON.stringify(key)} :${shuffled(each, order)}`);
  return `{${(order % 2 === 0 ? members : members.reverse()).join(' ,')} }`;
};

/** What is put in the place of a scalar: near misses of everything that a field may hold. */
const STRANGE = [
  ...['null', 'true', 'false', '0', '-0', '-1', '3', '9999', '10000', '1.0', '1e3', '1E1', '01', '0.5', '1.'],
  ...['""', '"a"', '"self"', '"child"', '"wage"', '"medical"', '"living"', '"employed"', '"m0"', '"m1"'],
  ...['"0"', '"00"', '"01"', '"1."', '".5"', '"1.005"', '"1.05"', '"1.5"', '"-1"', '"+1"', '"1e3"', '"１"'],
  ...[
    '"123456789012345"',
    '"1234567890123456"',
    '"123456789012345.67"',
    '"9007199254740993"',
    '"9999999999999"',
  ],
  ...['"2019-02-29"', '"2020-02-29"', '"2018-12-17"', '"2018-12-18"', '"2019-13"', '"2019-00"', '"2019-01"'],
  ...['"340100"', '"34010"', '"3401000"', '"\\u0061"', '"\\"', '"a\u2028b"', '"\u{1f600}"', '"\ud800"'],
  ...['[]', '{}', '[null]', '[""]', '["d1"]', '["d1",]', '{"kind":"wage"}', 'nul', 'truex', ''],
] as const;

const SCALAR = /"(?:[^"\\])*"(?=\s*[,\]}])|true|false|null|\d+(?=[,\]}])/g;

describe('the quick reader', () => {
  test('accepts every declaration that fits, in any order of keys, with blanks, and reads the same', () => {
    fc.assert(
      fc.property(scenario, fc.nat({ max: 30 }), ({ declaration: document }, order) => {
        expect(agree(JSON.stringify(document))).toBe(true);
        expect(agree(shuffled(document, order))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('never accepts more than the schema where a value is replaced', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        scenario,
        fc.nat(),
        fc.constantFrom(...STRANGE),
        ({ declaration: document }, at, strange) => {
          const text = JSON.stringify(document);
          const found = [...text.matchAll(SCALAR)];
          const { index, 0: old } = found[at % found.length] ?? { index: 0, 0: '' };
          if (agree(text.slice(0, index) + strange + text.slice(index + old.length))) accepted += 1;
        },
      ),
      { numRuns: 2000 },
    );
    // The values put in fit often enough for this to mean something.
    expect(accepted).toBeGreaterThan(100);
  });

  test('never accepts more than the schema where a piece of the text is cut out, doubled or replaced', () => {
    const piece = fc.record({
      at: fc.nat(),
      length: fc.nat({ max: 40 }),
      with: fc.constantFrom(
        '',
        '"',
        ',',
        '{',
        '}',
        '[',
        ']',
        ':',
        ' ',
        '\\',
        '0',
        '\u0000',
        '\ufeff',
        'twice',
      ),
    });
    fc.assert(
      fc.property(scenario, piece, ({ declaration: document }, { at, length, with: other }) => {
        const text = JSON.stringify(document);
        const start = at % text.length;
        const old = text.slice(start, start + length);
        agree(text.slice(0, start) + (other === 'twice' ? old + old : other) + text.slice(start + length));
      }),
      { numRuns: 2000 },
    );
  });

  test('leaves a key that comes twice, at every place, also with the same value', () => {
    const document = JSON.stringify(
      declaration({
        members: [{ ...worker, incomes: [{ kind: 'wage', amount: '1', incomeTax: '0' }] }],
        assets: { ...twoHomes, vehicles: car('1').vehicles },
        expenditures: [{ kind: 'medical', amount: null, reimbursed: null }],
        otherExclusion: { reason: 'r', approvedBy: 'a' },
      }),
    );
    expect(agree(document)).toBe(true);
    for (const { index, 0: pair } of document.matchAll(/"\w+":("[^"]*"|true|false|null|\d+)/g)) {
      expect(quick(`${document.slice(0, index)}${pair},${document.slice(index)}`), pair).toBeUndefined();
    }
  });

  test.each<[string, Document]>([
    ['a period of another year', { incomePeriod: { from: '2017-01', to: '2017-12' } }],
    ['a period of eleven months', { incomePeriod: { from: '2018-02', to: '2018-12' } }],
    ['an application before all clauses hold', { applicationDate: '2018-12-17' }],
    ['two workers', { members: [worker, { ...worker, id: 'x' }] }],
    ['no worker', { members: [{ ...worker, relation: 'spouse' }] }],
    ['an id twice', { members: [worker, { ...worker, relation: 'spouse' }] }],
    ['an expenditure of nobody', { expenditures: [{ kind: 'other', amount: '1', memberId: 'x' }] }],
    [
      'an accident that is reimbursed',
      { expenditures: [{ kind: 'accident', amount: '1', reimbursed: null }] },
    ],
    ['an accident as illness', { expenditures: [{ kind: 'accident', amount: '1', majorIllness: false }] }],
    [
      'an extraordinary schooling',
      { expenditures: [{ kind: 'schooling', amount: '1', extraordinary: false }] },
    ],
    [
      'an extraordinary illness that is not major',
      { expenditures: [{ kind: 'medical', amount: '1', majorIllness: false, extraordinary: true }] },
    ],
    ['an unknown key', { constructor: null }],
    ['an own __proto__', JSON.parse('{"__proto__":null}')],
    [
      'a tax on a pension',
      { members: [{ ...worker, incomes: [{ kind: 'transfer', amount: '9', incomeTax: '0' }] }] },
    ],
    [
      'more taken off than earned',
      {
        members: [
          { ...worker, incomes: [{ kind: 'wage', amount: '9', incomeTax: '9.01', socialInsurance: null }] },
        ],
      },
    ],
  ])('leaves %s', (_, changes) => {
    const text = JSON.stringify(declaration(changes));
    expect(full(text)).toBeUndefined();
    expect(quick(text)).toBeUndefined();
  });

  test('reads one line of many, and no further than its line feed', () => {
    const [one, other] = [declaration(), declaration({ region: '340102' })].map((each) =>
      JSON.stringify(each),
    );
    const block = Buffer.from(`${one}\n${other}\n\n${one?.slice(0, -1)}\n}\n`);
    const read: unknown[] = [];
    for (let start = 0; start < block.length; ) {
      const end = block.indexOf('\n', start);
      read.push(readDeclaration(block, start, end)?.region);
      start = end + 1;
    }
    expect(read).toEqual(['340100', '340102', undefined, undefined, undefined]);
  });
});
