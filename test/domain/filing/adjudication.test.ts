import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type SettlementForm,
  settle,
  settledFacts,
  settlementFormSchema,
  unsettled,
} from '#domain/filing/adjudication.ts';
import {
  type CategoryResult,
  type CrossCheckCategory,
  type CrossCheckResult,
  categoryResultSchema,
  latestAnswers,
} from '#domain/filing/cross-check.ts';
import { crossCheckFindings } from '#domain/filing/cross-check-findings.ts';
import type { Settlement } from '#domain/filing/matter-values.ts';
import { type Matter, mattersOf, type VisitFacts } from '#domain/filing/matters.ts';
import type { JsonObject } from '#domain/json.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';

const common = { source: '省民政信息中心', asOf: '2019-01-07' };
const answer = (category: CrossCheckCategory, ...items: readonly object[]): CategoryResult =>
  categoryResultSchema.parse({ ...common, category, status: items.length === 0 ? 'clean' : 'hit', items });
const home = (propertyId: string, area: string | null, personId = 'p1', kind = 'home') => ({
  personId,
  propertyId,
  kind,
  area,
  addressMasked: `样例路${propertyId}**号`,
});
const vehicle = (kind: string, purchasePrice: string | null, personId = 'p1') => ({
  personId,
  kind,
  registeredOn: '2016-05-01',
  purchasePrice,
});
const shop = (status: string, personId = 'p1', creditCode = '92340104MA2ABCDE1X') => ({
  personId,
  kind: 'individualBusiness',
  creditCode,
  name: '样例小吃店',
  role: 'operator',
  registeredOn: '2018-03-02',
  status,
});
const words = (detail: string, personId = 'p1') => ({ personId, kind: '登记', detail });

const declared = (
  given: { homes?: JsonObject[]; vehicles?: JsonObject[]; more?: JsonObject } = {},
): JsonObject => ({
  applicationDate: '2018-12-20',
  region: '340100',
  incomePeriod: { from: '2017-01', to: '2017-12' },
  worker: { kind: 'urban', standing: 'employed', labourRelationMonths: 60 },
  crossCheckAuthorised: true,
  members: [
    {
      id: 'worker',
      relation: 'self',
      onRegister: true,
      status: 'employed',
      incomes: [{ kind: 'wage', amount: '30000', socialInsurance: '3000', evidence: ['paper-1'] }],
    },
    { id: 'spouse', relation: 'spouse', onRegister: true, status: 'retired', incomes: [] },
  ],
  expenditures: [{ kind: 'medical', amount: '9000', memberId: 'spouse', majorIllness: true }],
  assets: { homes: given.homes ?? [], vehicles: given.vehicles ?? [], ...given.more },
});

const known = (
  declaration: JsonObject,
  results: readonly CategoryResult[],
  visited: VisitFacts | null = null,
) => {
  const result: CrossCheckResult = {
    requestId: 'r-1',
    resultId: 'result-1',
    sequence: 1,
    final: true,
    categories: [...results],
  };
  return {
    declaration,
    answers: latestAnswers(results.length === 0 ? [] : [result]),
    members: new Map([
      ['p1', 'worker'],
      ['p2', 'spouse'],
    ]),
    names: new Map([
      ['worker', '甲样例'],
      ['spouse', '乙样例'],
    ]),
    visited,
  };
};
const table = (...given: Parameters<typeof known>): readonly Matter[] => mattersOf(known(...given));

const seen = (given: Partial<VisitFacts>): VisitFacts => ({
  homes: null,
  vehicles: null,
  businessPremises: null,
  employsOthers: null,
  incomes: [],
  evidence: ['visit-1'],
  ...given,
});

const flags = (matters: readonly Matter[]): readonly string[] =>
  matters.flatMap(({ id, flag }) => (flag === null ? [] : [`${id} ${flag.clause}`]));

describe('三列对照：申报、比对、走访（A-10）', () => {
  test('申报一套、查得两套：面积相同的对上，多出的一套须认定（B-7.1），建议按登记认定', () => {
    const matters = table(declared({ homes: [{ area: '38' }] }), [
      answer('housing', home('a', '24.50'), home('b', '38.00')),
    ]);
    expect(
      matters.map(({ id, columns, suggested, flag }) => ({ id, columns, suggested, clause: flag?.clause })),
    ).toEqual([
      {
        id: 'home/b',
        columns: {
          declared: { value: { kind: 'home', area: '38' }, words: '38.00平方米' },
          registry: { value: { kind: 'home', area: '38.00' }, words: '38.00平方米' },
          visit: null,
        },
        suggested: 'registry',
        clause: undefined,
      },
      {
        id: 'home/a',
        columns: {
          declared: { value: { kind: 'none' }, words: '无' },
          registry: { value: { kind: 'home', area: '24.50' }, words: '24.50平方米' },
          visit: null,
        },
        suggested: 'registry',
        clause: 'B-7.1',
      },
      {
        id: 'income/worker/wage',
        columns: {
          declared: { value: { kind: 'amount', amount: '27000.00' }, words: '27000.00元' },
          registry: null,
          visit: null,
        },
        suggested: 'declared',
        clause: undefined,
      },
    ]);
  });

  test('没有查到的一类是空白，不是“无”', () => {
    const unavailable = categoryResultSchema.parse({
      ...common,
      category: 'housing',
      status: 'unavailable',
      items: [],
    });
    for (const results of [[], [unavailable]]) {
      expect(table(declared({ homes: [{ area: '38' }] }), results)[0]?.columns.registry).toBeNull();
    }
    expect(
      table(declared({ homes: [{ area: '38' }] }), [answer('housing')])[0]?.columns.registry?.words,
    ).toBe('无');
  });

  test.each<[string, JsonObject, CategoryResult[], VisitFacts | null, string[]]>([
    ['一套未申报的住房', declared(), [answer('housing', home('a', '60'))], null, ['home/a B-8.1']],
    [
      '夫妻共有的一套住房只算一套',
      declared({ homes: [{ area: '60' }] }),
      [answer('housing', home('a', '60'), home('a', '60', 'p2'))],
      null,
      [],
    ],
    [
      '只有一套的，面积不同不必认定',
      declared({ homes: [{ area: '60' }] }),
      [answer('housing', home('a', '65'))],
      null,
      [],
    ],
    [
      '两套的面积与申报不同',
      declared({ homes: [{ area: '30' }, { area: '20' }] }),
      [answer('housing', home('a', '30'), home('b', '25'))],
      null,
      ['home/b C-3'],
    ],
    ['车位不是住房', declared(), [answer('housing', home('a', '12', 'p1', 'other'))], null, []],
    [
      '未申报的经营用房',
      declared(),
      [answer('housing', home('a', '40', 'p1', 'businessPremises'))],
      null,
      ['premises/a B-7.2'],
    ],
    [
      '申报过的经营用房',
      declared({ more: { businessPremises: true } }),
      [answer('housing', home('a', '40', 'p1', 'businessPremises'))],
      null,
      [],
    ],
    [
      '未申报的车辆',
      declared(),
      [answer('vehicles', vehicle('motorVehicle', '86000'))],
      null,
      ['vehicle/motorVehicle-1 B-7.3'],
    ],
    [
      '车辆价格与申报不同',
      declared({ vehicles: [{ kind: 'motorVehicle', purchasePrice: '90000', usedAsEmployee: false }] }),
      [answer('vehicles', vehicle('motorVehicle', '120000'))],
      null,
      ['vehicle/motorVehicle-1 C-3'],
    ],
    [
      '存续的工商登记',
      declared(),
      [answer('businessRegistration', shop('active'))],
      null,
      ['business/92340104MA2ABCDE1X R-12'],
    ],
    ['注销的工商登记', declared(), [answer('businessRegistration', shop('deregistered'))], null, []],
    ['走访发现雇佣他人', declared(), [], seen({ employsOthers: true }), ['employees B-7.2']],
    ['走访发现经营用房', declared(), [], seen({ businessPremises: true }), ['premises/declared B-7.2']],
    [
      '走访发现另一套住房',
      declared({ homes: [{ area: '60' }] }),
      [],
      seen({ homes: [{ area: '60' }, { area: null }] }),
      ['home/visited-2 B-7.1'],
    ],
    [
      '走访了解的工资与申报不同（C-5）',
      declared(),
      [],
      seen({ incomes: [{ memberId: 'worker', kind: 'wage', amount: '36000' }] }),
      ['income/worker/wage C-5'],
    ],
    [
      '走访了解的工资与申报的实得数相同',
      declared(),
      [],
      seen({ incomes: [{ memberId: 'worker', kind: 'wage', amount: '27000' }] }),
      [],
    ],
    ['查得存款', declared(), [answer('deposits', words('余额20000元'))], null, ['savings B-5.4']],
    ['有工资的人参加社保', declared(), [answer('socialInsurance', words('在缴'))], null, []],
    [
      '没有申报工资的人参加社保',
      declared(),
      [answer('socialInsurance', words('在缴', 'p2'))],
      null,
      ['income/spouse/wage B-6'],
    ],
    ['查得死亡登记', declared(), [answer('death', words('已登记', 'p2'))], null, ['member/spouse A-7']],
    [
      '户外赡养人名下的不是家庭的',
      declared(),
      [
        answer('housing', home('a', '90', 'p3')),
        answer('vehicles', vehicle('motorVehicle', '1', 'p3')),
        answer('businessRegistration', shop('active', 'p3')),
      ],
      null,
      [],
    ],
  ])('%s', (_, declaration, results, visited, wanted) => {
    expect(flags(table(declaration, results, visited))).toEqual(wanted);
  });

  const area = fc.constantFrom('20', '38', '52.5', null);
  const price = fc.constantFrom('86000', '120000', null);
  const kind = fc.constantFrom('motorVehicle', 'ship');
  test('凡列为须核实的事项，对照表中都有须认定的一项', () => {
    fc.assert(
      fc.property(
        fc.array(area, { maxLength: 4 }),
        fc.array(area, { maxLength: 4 }),
        fc.array(fc.tuple(kind, price), { maxLength: 3 }),
        fc.array(fc.tuple(kind, price), { maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (stated, found, statedVehicles, foundVehicles, premises, business) => {
          const homes = stated.map((one) => ({ area: one }));
          const vehicles = statedVehicles.map(([one, purchasePrice]) => ({
            kind: one,
            purchasePrice,
            usedAsEmployee: false,
          }));
          const results = [
            answer(
              'housing',
              ...found.map((one, index) => home(`h${index}`, one)),
              ...(premises ? [home('shop', '30', 'p1', 'businessPremises')] : []),
            ),
            answer('vehicles', ...foundVehicles.map(([one, purchasePrice]) => vehicle(one, purchasePrice))),
            answer('businessRegistration', ...(business ? [shop('active')] : [])),
          ];
          const matters = table(declared({ homes, vehicles }), results);
          const findings = crossCheckFindings(results, {
            homes,
            vehicles,
            businessPremises: false,
            businessIncome: false,
          });
          const kinds = new Set(matters.flatMap((matter) => (matter.flag === null ? [] : [matter.kind])));
          const needed = new Set(
            findings.map(({ clause, detail }) => {
              if (clause === 'R-12') return 'business';
              if (clause === 'B-7.2') return 'premises';
              return clause === 'B-7.3' || detail.includes('机动车') ? 'vehicle' : 'home';
            }),
          );
          expect([...needed].filter((one) => !kinds.has(one))).toEqual([]);
        },
      ),
    );
  });
});

// ---------------------------------------------------------------- settling

const BY = { subject: 'reviewer', name: '复审人', organisation: 'ah' };
const AT = '2019-01-08T01:00:00.000Z';
const form = (matter: Matter, given: Partial<SettlementForm> = {}): SettlementForm => ({
  id: matter.id,
  basis: matter.basis,
  choice: 'registry',
  value: null,
  reason: '属实。',
  clause: 'B-7.1',
  ...given,
});
const judge = (
  matters: readonly Matter[],
  forms: readonly SettlementForm[],
  former: readonly Settlement[] = [],
) => settle(matters, former, forms, BY, AT, 'worker');
const settled = (...given: Parameters<typeof judge>): readonly Settlement[] => {
  const judged = judge(...given);
  if (!('settlements' in judged)) throw new Error(JSON.stringify(judged));
  return judged.settlements;
};
const faults = (...given: Parameters<typeof judge>): readonly string[] => {
  const judged = judge(...given);
  return 'faults' in judged ? judged.faults.map(({ pointer, code }) => `${pointer} ${code}`) : [];
};
const open = (matters: readonly Matter[]): readonly Matter[] => unsettled(matters, []);

describe('逐项认定（C-3、R-12）', () => {
  const matters = table(declared(), [
    answer('housing', home('a', '38'), home('b', '24.5')),
    answer('businessRegistration', shop('active')),
  ]);
  const [first, second, business] = open(matters);
  if (first === undefined || second === undefined || business === undefined)
    throw new Error('three are open');
  const nominal = { choice: 'declared', clause: 'R-12' } as const;

  test('一次认定全部，之后没有未认定的；各列内容一并留存', () => {
    const settlements = settled(matters, [form(first), form(second), form(business, nominal)]);
    expect(unsettled(matters, settlements)).toEqual([]);
    expect(settlements[0]).toEqual({
      id: 'home/a',
      basis: first.basis,
      title: first.title,
      columns: first.columns,
      choice: 'registry',
      value: { kind: 'home', area: '38' },
      words: '38.00平方米',
      reason: '属实。',
      clause: 'B-7.1',
      evidence: ['crossCheck/r-1/result-1'],
      by: BY,
      at: AT,
    });
  });

  test('漏一项不行，多一项、重一项、没有内容的来源、不合种类的内容都不行', () => {
    expect(faults(matters, [form(first), form(second)])).toEqual(['/items unsettled']);
    const whole = [form(first), form(second), form(business, nominal)];
    expect(faults(matters, [...whole, form({ ...first, id: 'home/z' })])).toEqual([
      '/items/3/id unknown-matter',
    ]);
    expect(faults(matters, [...whole, form(first)])).toEqual(['/items/3/id repeated']);
    expect(faults(matters, [form(first), form(second), form(business)])).toEqual([
      '/items/2/choice no-value',
    ]);
    expect(
      faults(matters, [form(first, { choice: 'visit' }), form(second), form(business, nominal)]),
    ).toEqual(['/items/0/choice no-value']);
    const other = form(first, { choice: 'other', value: { kind: 'premises' } });
    expect(faults(matters, [other, form(second), form(business, nominal)])).toEqual([
      '/items/0/value/kind other-kind',
    ]);
  });

  test('选“其他”须写明内容，选来源的不写；条款须是有的', () => {
    const accepts = (given: Partial<Record<keyof SettlementForm, unknown>>): boolean =>
      settlementFormSchema.safeParse({ ...form(first), ...given }).success;
    expect(accepts({})).toBe(true);
    expect(accepts({ choice: 'other' })).toBe(false);
    expect(accepts({ value: { kind: 'none' } })).toBe(false);
    expect(accepts({ choice: 'other', value: { kind: 'none' } })).toBe(true);
    expect(accepts({ clause: 'X-1' })).toBe(false);
    expect(accepts({ reason: ' ' })).toBe(false);
  });

  test('屏幕上的内容已经变了，不能照旧认定；结果更正之后，原来的认定不再有效', () => {
    const settlements = settled(matters, [form(first), form(second), form(business, nominal)]);
    const corrected = table(declared(), [
      answer('housing', home('a', '38'), home('b', '44.5')),
      answer('businessRegistration', shop('active')),
    ]);
    expect(unsettled(corrected, settlements).map(({ id }) => id)).toEqual(['home/b']);
    expect(judge(corrected, [form(second)], settlements)).toEqual({ stale: ['home/b'] });
  });

  test('职工本人不能从家庭成员中删去，别的成员可以', () => {
    for (const [personId, wanted] of [
      ['p1', ['/items/0/value worker']],
      ['p2', []],
    ] as const) {
      const dead = table(declared(), [answer('death', words('已登记', personId))]);
      const [one] = open(dead);
      if (one === undefined) throw new Error('it is open');
      expect(faults(dead, [form(one, { choice: 'other', value: { kind: 'none' }, clause: 'A-7' })])).toEqual(
        wanted,
      );
    }
  });
});

describe('按认定的事实测算', () => {
  const reckoned = (
    declaration: JsonObject,
    results: readonly CategoryResult[],
    choose: (matter: Matter) => Partial<SettlementForm>,
    visited: VisitFacts | null = null,
  ) => {
    const matters = table(declaration, results, visited);
    const settlements = settled(
      matters,
      open(matters).map((matter) => form(matter, choose(matter))),
    );
    const facts = settledFacts(declaration, matters, settlements);
    const parsed = parseDeclaration(facts.declaration);
    if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
    return facts;
  };

  test('没有差异的，申报原样', () => {
    const declaration = declared({ homes: [{ area: '38' }] });
    const { declaration: same, provenance } = reckoned(
      declaration,
      [answer('housing', home('a', '38'))],
      () => ({}),
    );
    expect(same).toBe(declaration);
    expect(provenance.map(({ id, source }) => [id, source])).toEqual([
      ['home/a', 'declared'],
      ['income/worker/wage', 'declared'],
    ]);
  });

  test('第二套住房按登记认定：并入住房，写明出自哪份比对结果；申报的那套留着自己的材料', () => {
    const declaration = declared({ homes: [{ area: '38', evidence: ['paper-2'] }] });
    const before = structuredClone(declaration);
    const { declaration: after } = reckoned(
      declaration,
      [answer('housing', home('b', '24.5'), home('a', '38'))],
      () => ({}),
    );
    expect(after.assets).toEqual({
      homes: [
        { area: '38', evidence: ['paper-2'] },
        { area: '24.5', evidence: ['crossCheck/r-1/result-1'] },
      ],
      vehicles: [],
      businessPremises: false,
      employsOthers: false,
    });
    expect(declaration).toEqual(before);
  });

  test('第二套住房认定为申报所述（已出售）：不并入', () => {
    const { declaration: after } = reckoned(
      declared({ homes: [{ area: '38' }] }),
      [answer('housing', home('a', '38'), home('b', '24.5'))],
      () => ({ choice: 'declared' }),
    );
    expect(after.assets).toMatchObject({ homes: [{ area: '38' }] });
  });

  test('工商登记按走访认定：无经营用房、不雇人的只计经营收入（R-12）', () => {
    const { declaration: after, provenance } = reckoned(
      declared(),
      [answer('businessRegistration', shop('active'))],
      () => ({ choice: 'visit', clause: 'R-12' }),
      seen({
        businessPremises: false,
        employsOthers: false,
        incomes: [{ memberId: 'worker', kind: 'business', amount: '6000' }],
      }),
    );
    expect(after).toMatchObject({
      members: [
        {
          id: 'worker',
          incomes: [
            { kind: 'wage', amount: '30000' },
            { kind: 'business', amount: '6000', evidence: ['visit-1'] },
          ],
        },
        { id: 'spouse', incomes: [] },
      ],
      assets: { businessPremises: false, employsOthers: false },
    });
    expect(provenance.find(({ source }) => source === 'visit')).toMatchObject({
      id: 'business/92340104MA2ABCDE1X',
      clause: 'R-12',
      evidence: ['visit-1'],
    });
  });

  test('工商登记认定为有经营用房、雇佣他人：成为B-7.2的情形', () => {
    const { declaration: after } = reckoned(
      declared(),
      [answer('businessRegistration', shop('active'))],
      () => ({
        choice: 'other',
        value: { kind: 'business', premises: true, employsOthers: true, income: null },
        clause: 'B-7.2',
      }),
    );
    expect(after).toMatchObject({
      members: [{ incomes: [{ kind: 'wage' }, { kind: 'business', amount: null }] }, {}],
      assets: { businessPremises: true, employsOthers: true },
    });
  });

  test('车辆按登记的价格认定，受雇使用的仍是受雇使用（B-7.3）', () => {
    const { declaration: after } = reckoned(
      declared({ vehicles: [{ kind: 'motorVehicle', purchasePrice: '90000', usedAsEmployee: true }] }),
      [answer('vehicles', vehicle('motorVehicle', '120000'))],
      () => ({}),
    );
    expect(after.assets).toMatchObject({
      vehicles: [{ kind: 'motorVehicle', purchasePrice: '120000', usedAsEmployee: true }],
    });
  });

  test('工资按走访认定：代替申报的各笔工资，其他收入不动', () => {
    const { declaration: after } = reckoned(
      declared(),
      [],
      () => ({ choice: 'visit', clause: 'C-5' }),
      seen({ incomes: [{ memberId: 'worker', kind: 'wage', amount: '36000' }] }),
    );
    expect(after).toMatchObject({
      members: [{ incomes: [{ kind: 'wage', amount: '36000', evidence: ['visit-1'] }] }, {}],
    });
  });

  test('存款按比对所述的数额认定', () => {
    const { declaration: after } = reckoned(declared(), [answer('deposits', words('余额20000元'))], () => ({
      choice: 'other',
      value: { kind: 'amount', amount: '20000' },
      clause: 'B-5.4',
    }));
    expect(after.assets).toMatchObject({ savings: '20000' });
  });

  test('已故成员不再计入，为其发生的支出一并除去（A-7）', () => {
    const { declaration: after } = reckoned(declared(), [answer('death', words('已登记', 'p2'))], () => ({
      choice: 'other',
      value: { kind: 'none' },
      clause: 'A-7',
    }));
    expect(after).toMatchObject({ members: [{ id: 'worker' }], expenditures: [] });
    expect(after.members).toHaveLength(1);
  });
});
