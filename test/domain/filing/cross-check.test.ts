import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CategoryResult,
  type CrossCheckCategory,
  type CrossCheckResult,
  contradicted,
  crossCheckRequestSchema,
  crossCheckResultSchema,
  crossCheckStatus,
  latestResults,
  MUST_CATEGORIES as MUSTS,
} from '#domain/filing/cross-check.ts';
import { crossCheckFindings, type DeclaredAssets } from '#domain/filing/cross-check-findings.ts';

const common = { source: '省民政信息中心', asOf: '2026-05-06' };

const home = (
  area: string | null,
  propertyId: string,
  kind: 'home' | 'businessPremises' | 'other' = 'home',
) => ({
  personId: 'p1',
  propertyId,
  kind,
  area,
  addressMasked: '合肥市蜀山区***',
});
const housing = (...items: ReturnType<typeof home>[]): CategoryResult =>
  items.length === 0
    ? { ...common, category: 'housing', status: 'clean', items: [] }
    : { ...common, category: 'housing', status: 'hit', items };

type VehicleKind = DeclaredAssets['vehicles'][number]['kind'];
const vehicles = (...found: [VehicleKind, string | null][]): CategoryResult => ({
  ...common,
  category: 'vehicles',
  status: 'hit',
  items: found.map(([kind, purchasePrice]) => ({
    personId: 'p1',
    kind,
    registeredOn: '2019-08-01',
    purchasePrice,
  })),
});

const registration = (
  status: 'active' | 'revoked' | 'deregistered',
  personId = 'p1',
  code = '92340104MA2ABCDE1X',
) => ({
  personId,
  kind: 'individualBusiness' as const,
  creditCode: code,
  name: '蜀山区样例小吃店',
  role: 'operator' as const,
  registeredOn: '2018-03-02',
  status,
});
const business = (...items: ReturnType<typeof registration>[]): CategoryResult => ({
  ...common,
  category: 'businessRegistration',
  status: 'hit',
  items,
});

const plain = (category: CrossCheckCategory, status: 'clean' | 'unavailable' = 'clean'): CategoryResult => ({
  ...common,
  category,
  status,
  items: [],
});

const result = (sequence: number, final: boolean, ...categories: CategoryResult[]): CrossCheckResult => ({
  requestId: 'r-1',
  resultId: `r-1-${sequence}`,
  sequence,
  final,
  categories,
});

const NOTHING: DeclaredAssets = { homes: [], businessPremises: false, vehicles: [], businessIncome: false };
const clausesOf = (found: CategoryResult, declared: Partial<DeclaredAssets> = {}): string[] =>
  crossCheckFindings([found], { ...NOTHING, ...declared }).map(({ clause }) => clause);

describe('三必查（75号第二条，C-2）', () => {
  test('房产、车辆、工商登记都有答复，才算比对完成', () => {
    expect(crossCheckStatus(MUSTS, [result(1, true, ...MUSTS.map((must) => plain(must)))])).toEqual({
      complete: true,
      missing: [],
      hits: [],
    });
    expect(crossCheckStatus(MUSTS, [result(1, true, plain('housing'), plain('vehicles'))])).toEqual({
      complete: false,
      missing: ['businessRegistration'],
      hits: [],
    });
    expect(crossCheckStatus(MUSTS, [])).toEqual({ complete: false, missing: [...MUSTS], hits: [] });
  });

  test('没有要求查询三必查的，比对永远不算完成', () => {
    const status = crossCheckStatus(['tax'], [result(1, true, plain('tax'))]);
    expect(status).toEqual({ complete: false, missing: [...MUSTS], hits: [] });
  });

  test('查不到（unavailable）不等于没有', () => {
    const results = [
      result(1, true, plain('housing', 'unavailable'), plain('vehicles'), plain('businessRegistration')),
    ];
    expect(crossCheckStatus(MUSTS, results)).toMatchObject({ complete: false, missing: ['housing'] });
  });

  test('分批答复以后一批补齐', () => {
    const first = result(1, false, plain('housing', 'unavailable'), plain('vehicles'));
    const second = result(2, false, housing(home('60', 'h1')), plain('businessRegistration'));
    expect(crossCheckStatus(MUSTS, [first])).toMatchObject({ complete: false });
    expect(crossCheckStatus(MUSTS, [second, first])).toEqual({
      complete: true,
      missing: [],
      hits: ['housing'],
    });
  });

  test('其他查询项未答复的，等到答复或最后一批', () => {
    const asked = [...MUSTS, 'deposits'] as const;
    const musts = result(1, false, ...MUSTS.map((must) => plain(must)));
    expect(crossCheckStatus(asked, [musts])).toMatchObject({ complete: false, missing: [] });
    expect(crossCheckStatus(asked, [{ ...musts, final: true }])).toMatchObject({ complete: true });
    expect(
      crossCheckStatus(asked, [musts, result(2, false, plain('deposits', 'unavailable'))]),
    ).toMatchObject({
      complete: true,
    });
  });
});

describe('先后矛盾的结果', () => {
  test('内容不同才是矛盾：次序不同不是，查不到不是', () => {
    const one = result(1, false, housing(home('60', 'h1'), home('70', 'h2')), plain('vehicles'));
    const same = result(
      2,
      false,
      housing(home('70', 'h2'), home('60', 'h1')),
      plain('vehicles', 'unavailable'),
    );
    const other = result(3, true, housing(home('60', 'h1')));
    expect(contradicted([one, same])).toEqual([]);
    expect(contradicted([one, same, other])).toEqual(['housing']);
    expect(contradicted([other, result(4, true, plain('housing'))])).toEqual(['housing']);
  });
});

describe('同一类结果以序号大的为准', () => {
  test('后一批的结果代替前一批的', () => {
    const older = result(1, false, housing(home('60', 'h1')));
    const newer = result(2, false, plain('housing'));
    expect(latestResults([newer, older])).toEqual([plain('housing')]);
  });

  test('以序号为准，不看结果的编号', () => {
    const older = { ...result(9, false, housing(home('60', 'h1'))), resultId: 'z' };
    const newer = { ...result(10, false, plain('housing')), resultId: 'a' };
    expect(latestResults([older, newer])).toEqual([plain('housing')]);
  });

  test('与到达的先后、重复到达无关', () => {
    const categories = fc.uniqueArray(
      fc.constantFrom<CrossCheckCategory>('housing', 'vehicles', 'businessRegistration', 'tax'),
      { minLength: 1 },
    );
    const results = fc.array(
      fc
        .record({
          sequence: fc.integer({ min: 1, max: 5 }),
          suffix: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
          categories,
          unavailable: fc.boolean(),
        })
        .map(({ sequence, suffix, categories, unavailable }) => ({
          ...result(
            sequence,
            false,
            ...categories.map((c) => plain(c, unavailable ? 'unavailable' : 'clean')),
          ),
          resultId: suffix,
        })),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        results
          // The same result is the same content.
          .map((list) => [...new Map(list.map((one) => [one.resultId, one])).values()])
          .chain((list) =>
            fc.tuple(
              fc.constant(list),
              fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }),
            ),
          ),
        ([list, shuffled]) => {
          expect(latestResults(shuffled)).toEqual(latestResults(list));
        },
      ),
    );
  });
});

describe('住房（第七条第一项，75号第三条）', () => {
  test('查得两套、申报一套：须核实，并按两套的面积核对例外', () => {
    const findings = crossCheckFindings([housing(home('68.5', 'h1'), home('52.25', 'h2'))], {
      ...NOTHING,
      homes: [{ area: '68.5' }],
    });
    expect(findings.map(({ clause }) => clause)).toEqual(['B-7.1', 'C-3']);
    expect(findings[0]?.detail).toContain('查得住房2套，申报1套');
    expect(findings[1]?.detail).toContain('120.75平方米');
  });

  test('面积合计相同而套数不同的，仍须核实', () => {
    const two = housing(home('68.5', 'h1'), home('52.25', 'h2'));
    expect(clausesOf(two, { homes: [{ area: '120.75' }] })).toEqual(['B-7.1', 'C-3']);
  });

  test('查得三套：没有例外可言', () => {
    expect(clausesOf(housing(home('30', 'h1'), home('30', 'h2'), home('30', 'h3')))).toEqual(['B-7.1']);
  });

  test('查得一套未申报：申报不一致', () => {
    expect(clausesOf(housing(home('60', 'h1')))).toEqual(['B-8.1']);
  });

  test('如实申报的，不再列出', () => {
    expect(clausesOf(housing(home('60.00', 'h1')), { homes: [{ area: '60' }] })).toEqual([]);
    const two = housing(home('68.5', 'h1'), home('52.25', 'h2'));
    expect(clausesOf(two, { homes: [{ area: '70.75' }, { area: '50' }] })).toEqual([]);
    expect(clausesOf(two, { homes: [{ area: '70' }, { area: '50' }] })).toEqual(['C-3']);
    expect(clausesOf(two, { homes: [{ area: null }, { area: '50' }] })).toEqual(['C-3']);
  });

  test('面积不详不当作零', () => {
    const [, exception] = crossCheckFindings([housing(home(null, 'h1'), home('52', 'h2'))], NOTHING);
    expect(exception?.detail).toContain('面积合计不详');
  });

  test('夫妻共有的一套房算一套', () => {
    const joint = housing(home('90', 'h1'), { ...home('90', 'h1'), personId: 'p2' });
    expect(clausesOf(joint, { homes: [{ area: '90' }] })).toEqual([]);
  });

  test('车位不算住房，经营用房按第七条第二项核实', () => {
    expect(clausesOf(housing(home('12', 'h1', 'other')))).toEqual([]);
    expect(clausesOf(housing(home('40', 'h1', 'businessPremises')))).toEqual(['B-7.2']);
    expect(clausesOf(housing(home('40', 'h1', 'businessPremises')), { businessPremises: true })).toEqual([]);
  });
});

describe('车辆（第七条第三项，75号第三条）', () => {
  test('查得一辆未申报的机动车：须核实，并核对购置价格', () => {
    const findings = crossCheckFindings([vehicles(['motorVehicle', '86000'])], NOTHING);
    expect(findings.map(({ clause }) => clause)).toEqual(['B-7.3', 'C-3']);
    expect(findings[1]?.detail).toContain('86000.00元');
  });

  test('两辆机动车，或一台农机：没有例外可言', () => {
    expect(clausesOf(vehicles(['motorVehicle', '1'], ['motorVehicle', '1']))).toEqual(['B-7.3']);
    expect(clausesOf(vehicles(['farmMachine', '1']))).toEqual(['B-7.3']);
  });

  test('一车一机，分别列出', () => {
    expect(clausesOf(vehicles(['motorVehicle', '1'], ['ship', null]))).toEqual(['B-7.3', 'B-7.3']);
  });

  test('如实申报的不再列出；价格不符的须核实；登记无价格的以申报为准', () => {
    const declared = { vehicles: [{ kind: 'motorVehicle' as const, purchasePrice: '86000' }] };
    expect(clausesOf(vehicles(['motorVehicle', '86000.00']), declared)).toEqual([]);
    expect(clausesOf(vehicles(['motorVehicle', '126000']), declared)).toEqual(['C-3']);
    expect(clausesOf(vehicles(['motorVehicle', null]), declared)).toEqual([]);
    const unknown = { vehicles: [{ kind: 'motorVehicle' as const, purchasePrice: null }] };
    expect(clausesOf(vehicles(['motorVehicle', '86000']), unknown)).toEqual(['C-3']);
  });
});

test('申报的另有车、船的，查得的一辆没有例外可言', () => {
  const ship = { kind: 'ship' as const, purchasePrice: '1' };
  const car = { kind: 'motorVehicle' as const, purchasePrice: '1' };
  expect(clausesOf(vehicles(['motorVehicle', '86000']), { vehicles: [ship] })).toEqual(['B-7.3']);
  expect(clausesOf(vehicles(['motorVehicle', '86000']), { vehicles: [car, car] })).toEqual([]);
  expect(clausesOf(vehicles(['motorVehicle', '86000']), { vehicles: [car, ship] })).toEqual([]);
});

describe('工商登记（R-12）', () => {
  test('存续或吊销的登记，由审核人核实', () => {
    expect(clausesOf(business(registration('active')))).toEqual(['R-12']);
    expect(clausesOf(business(registration('revoked')))).toEqual(['R-12']);
    const [finding] = crossCheckFindings([business(registration('active'))], {
      ...NOTHING,
      businessIncome: true,
    });
    expect(finding?.detail).toContain('已申报经营收入');
  });

  test('已注销的登记不再列出', () => {
    expect(clausesOf(business(registration('deregistered')))).toEqual([]);
  });

  test('一家两人同在一个企业，只列一次', () => {
    expect(clausesOf(business(registration('active'), registration('active', 'p2')))).toEqual(['R-12']);
    expect(
      clausesOf(business(registration('active'), registration('active', 'p1', '91340104MA2ABCDE1X'))),
    ).toEqual(['R-12', 'R-12']);
  });
});

test('没有查得任何登记的，没有任何须核实的事项', () => {
  const clean = [plain('housing'), plain('vehicles'), plain('businessRegistration')];
  expect(crossCheckFindings(clean, { ...NOTHING, homes: [{ area: '50' }] })).toEqual([]);
});

test('须核实的事项里没有姓名、地址、信用代码', () => {
  const found = [
    housing(home('60', 'h1')),
    vehicles(['motorVehicle', '1']),
    business(registration('active')),
  ];
  const text = JSON.stringify(crossCheckFindings(found, NOTHING));
  for (const secret of ['蜀山区', '92340104', '小吃店', 'p1']) expect(text).not.toContain(secret);
});

describe('the wire format', () => {
  const good = result(
    1,
    true,
    housing(home('60', 'h1')),
    vehicles(['ship', null]),
    business(registration('active')),
  );
  const request = {
    requestId: 'r-1',
    authorisationDigest: 'a'.repeat(64),
    caseDate: '2026-05-06',
    categories: ['housing', 'vehicles', 'businessRegistration'],
    persons: [{ personId: 'p1', name: '张三', idNumber: '11010519491231002X', relation: 'self' }],
    callback: 'https://union.example/v1/cross-checks/r-1/results',
    expiresAt: '2026-06-06T00:00:00+08:00',
  };

  test('takes what it describes', () => {
    expect(crossCheckResultSchema.parse(good)).toEqual(good);
    expect(crossCheckRequestSchema.parse(request)).toEqual(request);
    expect(crossCheckRequestSchema.safeParse({ ...request, authorisationDigest: null }).success).toBe(true);
  });

  test.each<[string, unknown]>([
    ['an unknown key', { ...good, note: '' }],
    ['a category twice', { ...good, categories: [plain('tax'), plain('tax')] }],
    ['no category', { ...good, categories: [] }],
    [
      'an unknown category',
      { ...good, categories: [{ ...common, category: 'pets', status: 'clean', items: [] }] },
    ],
    [
      'a hit without items',
      { ...good, categories: [{ ...common, category: 'tax', status: 'hit', items: [] }] },
    ],
    ['a clean one with items', { ...good, categories: [{ ...housing(home('1', 'h')), status: 'clean' }] }],
    [
      'an item of another category',
      { ...good, categories: [{ ...vehicles(['ship', '1']), category: 'housing' }] },
    ],
    [
      'an unmasked address',
      { ...good, categories: [housing({ ...home('1', 'h'), addressMasked: '合肥市蜀山区样例路1号' })] },
    ],
    [
      'a number for an area',
      { ...good, categories: [{ ...housing(), status: 'hit', items: [{ ...home('1', 'h'), area: 1 }] }] },
    ],
    ['a day that is none', { ...good, categories: [{ ...plain('tax'), asOf: '2026-02-30' }] }],
    ['a sequence of 0', { ...good, sequence: 0 }],
    ['an id that does not fit into a path', { ...good, requestId: '../r' }],
  ])('refuses a result with %s', (_, value) => {
    expect(crossCheckResultSchema.safeParse(value).success).toBe(false);
  });

  test.each<[string, unknown]>([
    ['an unknown key', { ...request, note: '' }],
    ['nobody', { ...request, persons: [] }],
    ['a person twice', { ...request, persons: [...request.persons, ...request.persons] }],
    ['a callback that is no HTTP address', { ...request, callback: 'file:///etc/passwd' }],
    ['a digest in capitals', { ...request, authorisationDigest: 'A'.repeat(64) }],
    ['a category twice', { ...request, categories: ['tax', 'tax'] }],
  ])('refuses a request with %s', (_, value) => {
    expect(crossCheckRequestSchema.safeParse(value).success).toBe(false);
  });
});
