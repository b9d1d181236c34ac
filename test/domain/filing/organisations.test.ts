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
