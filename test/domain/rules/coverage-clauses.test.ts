/** Clauses and readings that no table of their own proves: each by its id, on the household of these tests. */
import { describe, expect, test } from 'vitest';
import { noticeContent } from '#domain/filing/notice.ts';
import { missingPapers, requiredPapers } from '#domain/filing/papers.ts';
import {
  assessed,
  type Document,
  declaration,
  ids,
  migrant,
  outcomeOf,
  parameters,
  worker,
} from './household.ts';

const spouse = { id: 's', relation: 'spouse', onRegister: true, status: 'employed' };

describe('B-5.5、R-15 困难农民工按务工地标准', () => {
  const standards = (hefei: string, fuyang: string) => ({
    version: 'test',
    places: [
      ['340100', hefei],
      ['341200', fuyang],
    ].map(([code, value]) => ({
      code,
      name: `${code}`,
      values: [{ name: 'subsistenceAllowance', from: '2018-01-01', value, source: '样例数据' }],
    })),
  });
  const household = declaration({
    worker: migrant,
    region: '340100',
    homeRegion: '341200',
    subsistenceAllowance: true,
  });

  test.each([
    ['收入不高于务工地标准、高于家庭所在地标准：全总级', '600', '500', 'national'],
    ['收入高于务工地标准、不高于家庭所在地标准：不是全总级', '599.99', '700', 'provincial'],
  ])('%s', (_, hefei, fuyang, tier) => {
    expect(assessed(household, standards(hefei, fuyang)).tier).toBe(tier);
  });
});

describe('B-n3、R-4 意外致困的原因', () => {
  test.each<[string, Document, string | null]>([
    ['意外', { kind: 'accident', amount: '7800' }, 'accident'],
    ['重大疾病', { kind: 'medical', majorIllness: true, amount: '7800' }, 'accident'],
    ['普通疾病不是', { kind: 'medical', amount: '7800' }, 'other'],
    ['上学不是', { kind: 'schooling', amount: '7800' }, 'other'],
  ])('%s', (_, expenditure, category) => {
    const members = [{ ...worker, incomes: [{ kind: 'transfer', amount: '15000' }] }];
    expect(outcomeOf({ members, expenditures: [expenditure] }).category).toBe(category);
  });
});

describe('R-10、R-16 推定收入', () => {
  const family = (incomes: Document[]) => ({
    worker: migrant,
    members: [worker, { ...spouse, incomeUnverifiable: true, incomes }],
  });

  test.each<[string, Document[], Document, string]>([
    ['R-10：工资低于推定收入的，按推定收入', [{ kind: 'wage', amount: '17999.99' }], {}, '25200.00'],
    ['R-10：工资高于推定收入的，按工资', [{ kind: 'wage', amount: '18000.01' }], {}, '25200.01'],
    ['R-10：其他收入照申报数加入', [{ kind: 'property', amount: '5' }], {}, '25205.00'],
    ['R-16：市里设定了核定收入的，按核定收入', [], { unprovenIncome: '100' }, '8400.00'],
    ['R-16：没有设定的，按最低工资', [], {}, '25200.00'],
  ])('%s', (_, incomes, standards, annual) => {
    expect(outcomeOf(family(incomes), standards).annualIncome).toBe(annual);
  });
});

describe('R-17、R-18 不在职的职工', () => {
  test.each<[string, Document, string[]]>([
    ['R-17：在职而没有劳动关系，不予建档', { standing: 'employed', labourRelationMonths: 0 }, ['C-1']],
    ['R-17：灵活就业不以劳动关系为条件', { standing: 'flexible', labourRelationMonths: 0 }, []],
    ['R-17：领取失业金不以劳动关系为条件', { standing: 'unemployed', labourRelationMonths: 0 }, []],
    ['R-17：未实行社会化管理的退休人员同样', { standing: 'retiredUnderUnit', labourRelationMonths: 0 }, []],
  ])('%s', (_, standing, exclusions) => {
    expect(ids(outcomeOf({ worker: { kind: 'urban', ...standing } }).exclusions)).toEqual(exclusions);
  });

  test('R-18：领取失业金的本人不推定工资，家里其他未就业的人照推定', () => {
    const jobless = { ...worker, status: 'unemployed' };
    const { annualIncome } = assessed(
      declaration({
        worker: { kind: 'urban', standing: 'unemployed', labourRelationMonths: 0 },
        members: [jobless, { ...spouse, status: 'unemployed' }],
      }),
      parameters(),
    );
    expect(annualIncome).toBe('25200.00');
  });
});

describe('A-1、A-2、A-3、A-5、A-8、A-11、B-8.1 应交的材料', () => {
  const facts = {
    migrant: false,
    authorised: true,
    members: [
      { id: 'w', name: '甲', hasIncome: true },
      { id: 's', name: '乙', hasIncome: false },
    ],
    expenditures: ['medical', 'medical', 'schooling'] as const,
  };
  const asked = (over: Partial<Parameters<typeof requiredPapers>[0]> = {}) =>
    requiredPapers({ ...facts, ...over }).map(({ clause, memberId, expenditure }) =>
      [clause, memberId, expenditure].filter((each) => each !== null).join(' '),
    );

  test('一家两口，有医疗和上学支出', () => {
    expect(asked()).toEqual([
      'A-1',
      'A-2',
      'B-8.1',
      'A-3 w',
      'A-3 s',
      'A-5 w',
      'A-8 medical',
      'A-8 schooling',
      'A-11',
    ]);
  });

  test('A-2：不授权是明确的回答，不是缺材料；A-5：农民工另交劳动关系证明', () => {
    expect(asked({ authorised: false })).not.toContain('A-2');
    expect(asked({ migrant: true })).toContain('A-5');
  });

  test('A-3：每人一份，一人的不能代替另一人的', () => {
    const required = requiredPapers(facts);
    const missing = missingPapers(required, [{ paper: 'identity', memberId: 'w', expenditure: null }]);
    expect(missing.filter(({ clause }) => clause === 'A-3').map(({ memberId }) => memberId)).toEqual(['s']);
  });
});

describe('A-9、B-8.2 公示的内容', () => {
  test('有户主、与职工的关系、就业就读状况、收入构成和困难情况；没有成员的姓名', () => {
    const member = { relation: 'child', status: 'student', name: '丙', school: '某校', incomes: [] };
    const shown = noticeContent({
      householder: '甲',
      worker: '乙',
      unit: '某单位',
      cause: '患病',
      members: [
        { relation: 'self', status: 'employed', incomes: [{ kind: 'transfer' }, { kind: 'wage' }] },
        member,
      ],
    });
    expect(shown).toEqual({
      householder: '甲',
      worker: '乙',
      unit: '某单位',
      members: [
        { relation: '本人', status: '在职' },
        { relation: '子女', status: '在读' },
      ],
      incomeComposition: '工资性收入、转移净收入',
      hardship: '患病',
    });
  });
});
