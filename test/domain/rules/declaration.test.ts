import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { scenario } from './generator.ts';
import { type Document, declaration, example, worker } from './household.ts';

/** `pointer code` of each fault, sorted. */
const faultsOf = (document: unknown): string[] => {
  const parsed = parseDeclaration(document);
  return 'faults' in parsed ? parsed.faults.map(({ pointer, code }) => `${pointer} ${code}`).sort() : [];
};

const without = (key: string): Document =>
  Object.fromEntries(Object.entries(declaration()).filter(([each]) => each !== key));

const member = (changes: Document): Document => ({ members: [{ ...worker, ...changes }] });
const income = (changes: Document): Document =>
  member({ incomes: [{ kind: 'wage', amount: '1000', ...changes }] });
const expenditure = (changes: Document): Document => ({
  expenditures: [{ kind: 'medical', amount: '1000', ...changes }],
});
const assets = (changes: Document): Document => ({ assets: { homes: [], vehicles: [], ...changes } });
const relative = { id: 'r', relation: 'child', onRegister: true, status: 'student' };

describe('a declaration that fits', () => {
  test.each(['example-1', 'example-2'])('%s of the contract', (name) => {
    expect(faultsOf(example(name))).toEqual([]);
  });

  test('every key that may be left out is left out', () => {
    const parsed = parseDeclaration({
      applicationDate: '2018-12-18',
      region: '340100',
      incomePeriod: { from: '2017-12', to: '2018-11' },
      worker: { kind: 'migrant', standing: 'flexible', labourRelationMonths: 0 },
      crossCheckAuthorised: false,
      members: [{ id: 'w', relation: 'self', onRegister: false, status: 'retired' }],
    });
    expect('declaration' in parsed && parsed.declaration).toMatchObject({
      standardsDate: '2018-12-18',
      homeRegion: '340100',
      onSiteVisit: false,
      monthsBelowStandard: 0,
      expenditures: [],
      assets: { homes: [], vehicles: [], investments: 0n, savings: 0n },
      members: [{ incomes: [], jobRefusals: 0, visitConfirmed: false }],
    });
  });

  test.each([
    ['0', 0n],
    ['62320', 6232000n],
    ['958.5', 95850n],
    ['0.01', 1n],
    ['999999999999999.99', 99999999999999999n],
  ])('the amount %s is %s fen', (amount, fen) => {
    const parsed = parseDeclaration(declaration(income({ amount })));
    expect('declaration' in parsed && parsed.declaration.members[0]?.incomes[0]?.amount).toBe(fen);
  });

  test('an unknown amount stays unknown, one left out is zero', () => {
    const parsed = parseDeclaration(declaration(income({ amount: null, incomeTax: null })));
    expect('declaration' in parsed && parsed.declaration.members[0]?.incomes[0]).toMatchObject({
      amount: null,
      incomeTax: null,
      socialInsurance: 0n,
    });
  });

  test.each([
    ['2019-01-01', '2018-01', '2018-12'],
    ['2019-03-31', '2018-01', '2018-12'],
    ['2019-03-31', '2018-03', '2019-02'],
    ['2020-02-29', '2019-02', '2020-01'],
    ['2018-12-18', '2017-12', '2018-11'],
  ])('on %s the income period may be %s to %s', (applicationDate, from, to) => {
    expect(faultsOf(declaration({ applicationDate, incomePeriod: { from, to } }))).toEqual([]);
  });
});

describe('faults of shape', () => {
  test.each([
    [null, ' not-object'],
    [[], ' not-object'],
    ['text', ' not-object'],
    [1, ' not-object'],
  ])('%j is no declaration', (document, fault) => {
    expect(faultsOf(document)).toEqual([fault]);
  });

  test('an empty one is told all that it lacks', () => {
    expect(faultsOf({})).toEqual(
      ['applicationDate', 'crossCheckAuthorised', 'incomePeriod', 'members', 'region', 'worker'].map(
        (key) => `/${key} missing`,
      ),
    );
  });

  test.each(['applicationDate', 'region', 'incomePeriod', 'worker', 'crossCheckAuthorised', 'members'])(
    'without %s',
    (key) => {
      expect(faultsOf(without(key))).toEqual([`/${key} missing`]);
    },
  );

  test.each<[Document, string[]]>([
    [{ applicationDate: '2018-12-17' }, ['/applicationDate too-early', '/incomePeriod income-period']],
    [{ applicationDate: '2019-02-29' }, ['/applicationDate not-date']],
    [{ applicationDate: '2018-02-29' }, ['/applicationDate not-date']],
    [{ applicationDate: '2019-3-5' }, ['/applicationDate not-date']],
    [{ applicationDate: '2019-03-05\n' }, ['/applicationDate not-date']],
    [{ applicationDate: 20190305 }, ['/applicationDate not-date']],
    [{ standardsDate: '2019-13-01' }, ['/standardsDate not-date']],
    [{ standardsDate: null }, ['/standardsDate not-date']],
    [{ region: '34010' }, ['/region not-region']],
    [{ region: 340100 }, ['/region not-region']],
    [{ region: '３４０１００' }, ['/region not-region']],
    [{ homeRegion: '' }, ['/homeRegion not-region']],
    [{ incomePeriod: {} }, ['/incomePeriod/from missing', '/incomePeriod/to missing']],
    [{ incomePeriod: '2018' }, ['/incomePeriod not-object']],
    [
      { incomePeriod: { from: '2018-00', to: '2018-13' } },
      ['/incomePeriod/from not-month', '/incomePeriod/to not-month'],
    ],
    [
      { worker: {} },
      ['/worker/kind missing', '/worker/labourRelationMonths missing', '/worker/standing missing'],
    ],
    [
      { worker: { kind: 'rural', standing: 'idle', labourRelationMonths: -1, registeredRuralPoor: 1 } },
      [
        '/worker/kind not-option',
        '/worker/labourRelationMonths not-count',
        '/worker/registeredRuralPoor not-boolean',
        '/worker/standing not-option',
      ],
    ],
    [{ crossCheckAuthorised: 'true' }, ['/crossCheckAuthorised not-boolean']],
    [{ onSiteVisit: null }, ['/onSiteVisit not-boolean']],
    [{ monthsBelowStandard: 1.5 }, ['/monthsBelowStandard not-count']],
    [{ monthsBelowStandard: -1.5 }, ['/monthsBelowStandard not-count']],
    [{ monthsBelowStandard: 10000 }, ['/monthsBelowStandard not-count']],
    [{ monthsBelowStandard: 1e300 }, ['/monthsBelowStandard not-count']],
    [{ monthsBelowStandard: '6' }, ['/monthsBelowStandard not-count']],
    [{ members: [] }, ['/members no-members']],
    [{ members: {} }, ['/members not-list']],
    [{ members: [null] }, ['/members/0 not-object']],
    [member({ id: '' }), ['/members/0/id empty-text']],
    [member({ id: 7 }), ['/members/0/id not-text']],
    [member({ relation: 'wife' }), ['/members/0/relation not-option']],
    [member({ relation: undefined }), ['/members/0/relation missing']],
    [member({ status: 'idle' }), ['/members/0/status not-option']],
    [member({ onRegister: undefined }), ['/members/0/onRegister missing']],
    [member({ jobRefusals: null }), ['/members/0/jobRefusals not-count']],
    [member({ incomes: null }), ['/members/0/incomes not-list']],
    [income({ amount: undefined }), ['/members/0/incomes/0/amount missing']],
    [income({ kind: 'gift' }), ['/members/0/incomes/0/kind not-option']],
    [income({ evidence: ['a', ''] }), ['/members/0/incomes/0/evidence/1 empty-text']],
    [income({ evidence: 'a' }), ['/members/0/incomes/0/evidence not-list']],
    [expenditure({ amount: undefined }), ['/expenditures/0/amount missing']],
    [expenditure({ memberId: '' }), ['/expenditures/0/memberId empty-text']],
    [expenditure({ majorIllness: 'yes' }), ['/expenditures/0/majorIllness not-boolean']],
    [{ assets: {} }, ['/assets/homes missing', '/assets/vehicles missing']],
    [{ assets: null }, ['/assets not-object']],
    [assets({ homes: [{}] }), ['/assets/homes/0/area missing']],
    [assets({ homes: [{ area: 20 }] }), ['/assets/homes/0/area not-decimal']],
    [
      assets({ vehicles: [{}] }),
      [
        '/assets/vehicles/0/kind missing',
        '/assets/vehicles/0/purchasePrice missing',
        '/assets/vehicles/0/usedAsEmployee missing',
      ],
    ],
    [assets({ investments: 5 }), ['/assets/investments not-decimal']],
    [{ otherExclusion: {} }, ['/otherExclusion/approvedBy missing', '/otherExclusion/reason missing']],
    [
      { otherExclusion: { reason: '', approvedBy: '' } },
      ['/otherExclusion/approvedBy empty-text', '/otherExclusion/reason empty-text'],
    ],
    [{ otherExclusion: null }, ['/otherExclusion not-object']],
  ])('%j', (changes, faults) => {
    expect(faultsOf(declaration(changes))).toEqual(faults);
  });

  test.each([
    '',
    '-1',
    '+1',
    '01',
    '1.',
    '.5',
    '1.234',
    '1e3',
    ' 1',
    '1 ',
    '1\n',
    '1,000',
    '１',
    '1000000000000000',
    1,
    true,
    {},
  ])('the amount %j is refused', (amount) => {
    expect(faultsOf(declaration(income({ amount })))).toEqual(['/members/0/incomes/0/amount not-decimal']);
  });
});

describe('unknown keys', () => {
  test('are refused wherever they stand, at their own pointer', () => {
    expect(
      faultsOf(
        declaration({
          extra: 1,
          'a/b~c': 1,
          incomePeriod: { from: '2018-01', to: '2018-12', x: 1 },
          worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60, x: 1 },
          members: [{ ...worker, x: 1, incomes: [{ kind: 'wage', amount: '1', x: 1 }] }],
          expenditures: [{ kind: 'other', amount: '1', x: 1 }],
          assets: {
            homes: [{ area: '1', x: 1 }],
            vehicles: [{ kind: 'ship', purchasePrice: null, usedAsEmployee: true, x: 1 }],
            x: 1,
          },
          otherExclusion: { reason: 'a', approvedBy: 'b', x: 1 },
        }),
      ),
    ).toEqual(
      [
        '/a~1b~0c',
        '/assets/homes/0/x',
        '/assets/vehicles/0/x',
        '/assets/x',
        '/expenditures/0/x',
        '/extra',
        '/incomePeriod/x',
        '/members/0/incomes/0/x',
        '/members/0/x',
        '/otherExclusion/x',
        '/worker/x',
      ]
        .map((pointer) => `${pointer} unknown-key`)
        .sort(),
    );
  });

  test('the names of JavaScript are keys like others', () => {
    const document: unknown = JSON.parse(
      JSON.stringify(declaration()).replace(
        '{',
        '{"__proto__":{"onSiteVisit":true},"constructor":1,"toString":2,',
      ),
    );
    expect(faultsOf(document)).toEqual([
      '/__proto__ unknown-key',
      '/constructor unknown-key',
      '/toString unknown-key',
    ]);
  });

  test('a key under __proto__ does not count as given', () => {
    const document: unknown = JSON.parse(
      JSON.stringify(without('region')).replace('{', '{"__proto__":{"region":"340100"},'),
    );
    expect(faultsOf(document)).toEqual(['/__proto__ unknown-key', '/region missing']);
  });
});

describe('faults between fields', () => {
  test.each<[string, Document, string[]]>([
    ['no self', member({ relation: 'spouse' }), ['/members self-count']],
    ['two selves', { members: [worker, { ...worker, id: 'v' }] }, ['/members self-count']],
    [
      'no self, as far as can be judged',
      { members: [{ ...relative, relation: 'x' }] },
      ['/members/0/relation not-option'],
    ],
    [
      'two selves beside a faulty relation',
      { members: [worker, { ...worker, id: 'v' }, { ...relative, relation: 'x' }] },
      ['/members self-count', '/members/2/relation not-option'],
    ],
    [
      'an id that is taken, at each that repeats it',
      { members: [worker, { ...relative, id: 'w' }, relative, { ...relative, id: 'w' }] },
      ['/members/1/id duplicate-id', '/members/3/id duplicate-id'],
    ],
    ['an expenditure of nobody', expenditure({ memberId: 'x' }), ['/expenditures/0/memberId unknown-member']],
    [
      'an expenditure of someone whose id is faulty',
      { members: [worker, { ...relative, id: '' }], ...expenditure({ memberId: 'x' }) },
      ['/members/1/id empty-text'],
    ],
    [
      'tax and insurance beyond the wage',
      income({ incomeTax: '600', socialInsurance: '400.01' }),
      ['/members/0/incomes/0 deductions-exceed-wage'],
    ],
    [
      'tax alone beyond the wage, whatever the insurance will be',
      income({ incomeTax: '1000.01', socialInsurance: null }),
      ['/members/0/incomes/0 deductions-exceed-wage'],
    ],
    ['tax and insurance as much as the wage', income({ incomeTax: '600', socialInsurance: '400' }), []],
    ['tax on an unknown wage', income({ amount: null, incomeTax: '600' }), []],
    [
      'tax and insurance on another income, even unknown or zero',
      income({ kind: 'transfer', incomeTax: '0', socialInsurance: null }),
      ['/members/0/incomes/0/incomeTax wages-only', '/members/0/incomes/0/socialInsurance wages-only'],
    ],
    [
      'tax on an income of a faulty kind',
      income({ kind: 'gift', incomeTax: '0' }),
      ['/members/0/incomes/0/kind not-option'],
    ],
    [
      'reimbursed and majorIllness off medical, even as false',
      expenditure({ kind: 'accident', reimbursed: '0', majorIllness: false }),
      ['/expenditures/0/majorIllness medical-only', '/expenditures/0/reimbursed medical-only'],
    ],
    [
      'extraordinary on schooling',
      expenditure({ kind: 'schooling', extraordinary: true }),
      ['/expenditures/0/extraordinary sudden-only'],
    ],
    [
      'extraordinary on medical without majorIllness, even as false',
      expenditure({ extraordinary: false }),
      ['/expenditures/0/extraordinary sudden-only'],
    ],
    [
      'extraordinary on medical with majorIllness false',
      expenditure({ majorIllness: false, extraordinary: true }),
      ['/expenditures/0/extraordinary sudden-only'],
    ],
    [
      'extraordinary on medical with majorIllness',
      expenditure({ majorIllness: true, extraordinary: false }),
      [],
    ],
    ['extraordinary on an accident', expenditure({ kind: 'accident', extraordinary: true }), []],
    ['reimbursed beyond the amount', expenditure({ reimbursed: '5000' }), []],
  ])('%s', (_, changes, faults) => {
    expect(faultsOf(declaration(changes))).toEqual(faults);
  });

  test.each([
    ['2019-03-05', '2018-02', '2019-01'],
    ['2019-03-05', '2018-04', '2019-03'],
    ['2019-03-05', '2017-01', '2017-12'],
    ['2019-03-05', '2018-02', '2018-12'],
    ['2019-03-05', '2018-12', '2018-01'],
    ['2019-01-05', '2018-02', '2019-01'],
    // Whatever the application's day was meant to be: these are no 12 months.
    ['2019-02-30', '2018-01', '2018-11'],
  ])('on %s the income period cannot be %s to %s', (applicationDate, from, to) => {
    expect(faultsOf(declaration({ applicationDate, incomePeriod: { from, to } }))).toContain(
      '/incomePeriod income-period',
    );
  });

  test('are reported together with faults of shape', () => {
    expect(
      faultsOf(
        declaration({
          region: 1,
          incomePeriod: { from: '2016-01', to: '2016-12' },
          members: [
            { ...worker, status: 'x', incomes: [{ kind: 'wage', amount: '1', incomeTax: '2' }] },
            worker,
          ],
          expenditures: [{ kind: 'schooling', amount: 1, reimbursed: '1', memberId: 'x' }],
        }),
      ),
    ).toEqual([
      '/expenditures/0/amount not-decimal',
      '/expenditures/0/memberId unknown-member',
      '/expenditures/0/reimbursed medical-only',
      '/incomePeriod income-period',
      '/members self-count',
      '/members/0/incomes/0 deductions-exceed-wage',
      '/members/0/status not-option',
      '/members/1/id duplicate-id',
      '/region not-region',
    ]);
  });

  test('every fault has a Chinese sentence', () => {
    const parsed = parseDeclaration(declaration({ x: 1, region: 1, members: [{ ...worker, status: 'x' }] }));
    const messages = 'faults' in parsed ? parsed.faults.map(({ message }) => message) : [];
    expect(messages).toEqual([
      '行政区划代码应是6位数字。',
      '填写的内容不在可选范围之内。可选：employed、unemployed、student、preschool、retired、unableToWork。',
      '没有这一项，请删去。',
    ]);
  });
});

describe('large and hostile documents', () => {
  test('ten thousand faulty members are all told', () => {
    const members = [
      worker,
      ...Array.from({ length: 9999 }, (_, index) => ({ ...relative, id: `r${index}`, x: 1 })),
    ];
    const parsed = parseDeclaration(declaration({ members }));
    expect('faults' in parsed && parsed.faults.length).toBe(9999);
  });

  test('a million nested lists are one unknown key', () => {
    const nested = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
    const document: unknown = JSON.parse(JSON.stringify(declaration()).replace('{', `{"x":${nested},`));
    expect(faultsOf(document)).toEqual(['/x unknown-key']);
  });
});

/** Every place of a document as a path. */
const paths = (value: unknown, path: readonly string[] = []): (readonly string[])[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => paths(each, [...path, key]))
    : []),
];

/** The document with another value at a path. */
const replaced = (value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown => {
  if (key === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((each, index) => (String(index) === key ? replaced(each, rest, by) : each));
  }
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, each]) => [
      name,
      name === key ? replaced(each, rest, by) : each,
    ]),
  );
};

test('whatever stands in a document, the answer is a declaration or faults that point into it', () => {
  const foreign = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, '', '0', 'self', 'wage', [], {}),
  );
  fc.assert(
    fc.property(
      scenario,
      fc.array(fc.tuple(fc.nat(), foreign), { minLength: 1, maxLength: 3 }),
      ({ declaration: fitting }, changes) => {
        const document = changes.reduce<unknown>((current, [place, by]) => {
          const all = paths(current);
          return replaced(current, all[place % all.length] ?? [], by);
        }, fitting);
        const parsed = parseDeclaration(document);
        if ('declaration' in parsed) return;
        expect(parsed.faults.length).toBeGreaterThan(0);
        const places = new Set(
          paths(document).map((path) =>
            path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
          ),
        );
        for (const { pointer, code } of parsed.faults) {
          expect(places).toContain(code === 'missing' ? pointer.slice(0, pointer.lastIndexOf('/')) : pointer);
          expect(places.has(pointer)).toBe(code !== 'missing');
        }
      },
    ),
    { numRuns: 800, seed: 69 },
  );
});
