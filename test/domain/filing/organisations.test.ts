import { describe, expect, test } from 'vitest';
import { type Organisation, OrganisationTree, organisationTreeSchema } from '#domain/filing/organisations.ts';

const TODAY = '2019-01-07';

const union = (
  id: string,
  kind: Organisation['kind'],
  parent: string | null,
  more: Partial<Organisation> = {},
): Organisation => ({
  id,
  name: id,
  kind,
  parent,
  region: '340104',
  supervisionPhone: '0551-0',
  code: null,
  contact: null,
  address: null,
  activeFrom: null,
  dissolution: null,
  ...more,
});

const LIST = [
  union('p', 'centre', null),
  union('direct', 'direct', 'p'),
  union('d1', 'grassroots', 'direct'),
  union('industry', 'industry', 'p'),
  union('i1', 'grassroots', 'industry'),
  union('city', 'city', 'p'),
  union('county', 'county', 'city'),
  union('c1', 'grassroots', 'county'),
  union('x1', 'grassroots', 'city'),
  union('street', 'community', 'county'),
  union('new', 'grassroots', 'county', { activeFrom: '2019-01-08' }),
  union('gone', 'grassroots', 'county', { dissolution: { on: '2019-01-01', successor: 'c1' } }),
];
const tree = new OrganisationTree(LIST);

describe('一份申请的三级工会', () => {
  test.each([
    ['d1', 'provinceDirect', { grassroots: 'd1', superior: 'direct', centre: 'p' }],
    ['i1', 'provinceDirect', { grassroots: 'i1', superior: 'industry', centre: 'p' }],
    ['c1', 'territorial', { grassroots: 'c1', superior: 'county', centre: 'city' }],
    ['c1', 'provinceDirect', undefined],
    ['d1', 'territorial', undefined],
    ['x1', 'territorial', undefined],
    ['street', 'territorial', { grassroots: 'street', superior: 'county', centre: 'city' }],
    ['new', 'territorial', undefined],
    ['gone', 'territorial', undefined],
    ['county', 'territorial', undefined],
    ['direct', 'provinceDirect', undefined],
    ['p', 'provinceDirect', undefined],
    ['nobody', 'territorial', undefined],
  ] as const)('%s 按 %s', (id, route, wanted) => {
    expect(tree.unionsOf(id, route, TODAY)).toEqual(wanted);
  });

  test('从省到基层的整条路径', () => {
    expect(tree.path('c1')).toEqual(['p', 'city', 'county', 'c1']);
    expect(tree.path('p')).toEqual(['p']);
    expect(() => tree.path('nobody')).toThrow('nobody');
  });
});

describe('由哪个工会受理（B-10）', () => {
  const streetless = new OrganisationTree([
    union('p', 'centre', null),
    union('city', 'city', 'p'),
    union('county', 'county', 'city'),
    union('c1', 'grassroots', 'county'),
  ]);
  const usual = { grassroots: 'c1', superior: 'county', centre: 'city' };
  const street = { grassroots: 'street', superior: 'county', centre: 'city' };
  const stand = { grassroots: 'county', superior: 'county', centre: 'city' };

  test.each([
    ['在职职工向用人单位工会申请', tree, 'c1', 'employed', usual],
    ['灵活就业人员向街道工会申请', tree, 'street', 'flexible', street],
    ['失业人员向街道工会申请', tree, 'street', 'unemployed', street],
    ['有街道工会的，灵活就业人员不向单位工会申请', tree, 'c1', 'flexible', 'street-union'],
    ['有街道工会的，失业人员不向县工会申请', tree, 'county', 'unemployed', 'street-union'],
    ['没有街道工会的，由县工会负责', streetless, 'county', 'flexible', stand],
    ['没有街道工会的，也可以由县工会之下的工会负责', streetless, 'c1', 'unemployed', usual],
    ['在职职工不直接向县工会申请', streetless, 'county', 'employed', 'unknown-union'],
  ] as const)('%s', (_, of, id, standing, wanted) => {
    expect(of.filing(id, 'territorial', standing, TODAY)).toEqual(wanted);
  });
});

test('任何单位保管的案件都有三级工会；上级代管时由上级代替缺少的一级（B-12）', () => {
  expect(tree.seat('c1')).toEqual({ grassroots: 'c1', superior: 'county', centre: 'city' });
  expect(tree.seat('d1')).toEqual({ grassroots: 'd1', superior: 'direct', centre: 'p' });
  expect(tree.seat('x1')).toEqual({ grassroots: 'x1', superior: 'city', centre: 'city' });
  expect(tree.seat('county')).toEqual({ grassroots: 'county', superior: 'county', centre: 'city' });
  expect(tree.seat('city')).toEqual({ grassroots: 'city', superior: 'city', centre: 'city' });
  expect(tree.seat('p')).toEqual({ grassroots: 'p', superior: 'p', centre: 'p' });
});

test.each([
  ['两个根', [union('a', 'centre', null), union('b', 'centre', null)]],
  ['没有根', [union('a', 'city', 'b'), union('b', 'city', 'a')]],
  ['编号重复', [union('a', 'centre', null), union('a', 'city', 'a')]],
  ['上级不存在', [union('a', 'centre', null), union('b', 'city', 'c')]],
  ['成环', [union('a', 'centre', null), union('b', 'city', 'c'), union('c', 'city', 'b')]],
  ['空的', []],
])('组织文件%s：不接受', (_, list) => {
  expect(organisationTreeSchema.safeParse(list).success).toBe(false);
  expect(organisationTreeSchema.safeParse(LIST).success).toBe(true);
});
