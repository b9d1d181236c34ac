import { describe, expect, test } from 'vitest';
import { organisationSheet, readOrganisationSheet, sheetFault } from '#domain/filing/organisation-sheet.ts';
import { type Organisation, OrganisationTree } from '#domain/filing/organisations.ts';

const kept: Organisation = {
  id: 'a',
  name: '甲工会',
  kind: 'community',
  parent: 'k',
  region: '340104',
  supervisionPhone: '0551-62345678',
  code: '81340100MC01234509',
  contact: { name: '王合成', phone: '13800000000' },
  address: '某路1号',
  activeFrom: '2018-01-01',
  dissolution: null,
};
const above = (id: string, kind: Organisation['kind'], parent: string | null): Organisation => ({
  ...kept,
  id,
  name: `${id}工会`,
  kind,
  parent,
  code: null,
  contact: null,
  address: null,
  activeFrom: null,
});
const tree = new OrganisationTree([
  kept,
  above('k', 'county', 'c'),
  above('c', 'city', 'p'),
  above('p', 'centre', null),
  { ...above('z', 'grassroots', 'k'), dissolution: { on: '2019-01-01', successor: 'a' } },
]);

const HEAD = ['单位编码', '上级编码', '名称', '类型', '地区', '监督电话'];
const ROW = ['n', 'k', '新工会', '街道', '340104', '0551-62345678'];
const read = (...rows: readonly (readonly string[])[]) => readOrganisationSheet(tree, rows);

test('写出的表，上级在前，读回来什么也不变', () => {
  const sheet = organisationSheet(tree);
  expect(sheet.map(([id]) => id)).toEqual(['单位编码', 'p', 'c', 'k', 'a', 'z']);
  const { wanted, faults } = readOrganisationSheet(tree, sheet);
  expect(faults).toEqual([]);
  expect(wanted.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual(
    tree.all.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  );
});

test('列名可以用别的说法，可以带星号、空格、冒号，次序随意；序号和备注不看', () => {
  const { wanted, faults } = read(
    ['', ''],
    ['备注', '监督电话：', '工会名称*', '上级单位编码', '行政区划代码', ' 单位类型 ', '序号', '单位代码'],
    ['x', '0551-62345678', '新工会', 'K', '340104', '街道（社区）工会', '1', 'N-1'],
  );
  expect(faults).toEqual([]);
  expect(wanted).toMatchObject([
    { id: 'n-1', parent: 'k', name: '新工会', kind: 'community', contact: null },
  ]);
});

test('表里没有的列保持原样；有而空着的清空', () => {
  const same = ['a', 'k', '甲工会', '社区', '340104', '0551-62345678'];
  expect(read(HEAD, same).wanted).toEqual([kept]);
  expect(read([...HEAD, '地址', '联系人', '联系电话'], [...same, '', '', '']).wanted).toEqual([
    { ...kept, address: null, contact: null },
  ]);
});

test.each([
  ['2019-1-7', '2019-01-07'],
  ['2019/01/07', '2019-01-07'],
  ['2019.1.7', '2019-01-07'],
  ['2019年1月7日', '2019-01-07'],
])('日期 %s', (typed, wanted) => {
  expect(read([...HEAD, '设立日期'], [...ROW, typed]).wanted).toMatchObject([{ activeFrom: wanted }]);
});

describe('错误', () => {
  const codes = (...rows: readonly (readonly string[])[]) =>
    read(...rows).faults.map(({ row, column, code }) => [row, column, code]);

  test('空表', () => expect(codes(['', ' '], [])).toEqual([[null, null, 'empty-sheet']]));

  test('缺列、不认识的列、重复的列，一次报全；没有列名就不看内容', () => {
    expect(codes(['单位编码', '名称', '工会名称', '上级编码', '类型', '地区', '手机号'], ['', ''])).toEqual([
      [1, '工会名称', 'repeated-column'],
      [1, '手机号', 'unknown-column'],
      [1, '监督电话', 'missing-column'],
    ]);
  });

  test('每一行的每一格', () => {
    const head = [...HEAD, '联系人', '联系电话', '撤销日期', '承接单位编码', '设立日期'];
    expect(
      codes(
        head,
        ['', 'k', '', '村', '34', '', '王合成', '', '', 'a', '某日'],
        ['下划_线', 'k', '甲', '街道', '340104', '1', '', '13800000000', '2019-02-30', '', ''],
      ),
    ).toEqual([
      [2, '名称', 'missing'],
      [2, '地区', 'not-valid'],
      [2, '监督电话', 'missing'],
      [2, '联系电话', 'missing'],
      [2, '设立日期', 'not-valid'],
      [2, '单位编码', 'missing'],
      [2, '类型', 'unknown-kind'],
      [2, '撤销日期', 'missing'],
      [3, '联系人', 'missing'],
      [3, '单位编码', 'not-valid'],
      [3, '撤销日期', 'not-valid'],
      [3, '承接单位编码', 'missing'],
    ]);
    for (const { message } of read(head, ['', '', '', '', '', '', '', '', '', '', '']).faults) {
      expect(message).toMatch(/\p{Script=Han}/u);
    }
  });

  test('编码重复，说是与哪一行', () => {
    expect(read(HEAD, ROW, ROW, ['N', ...ROW.slice(1)]).faults).toMatchObject([
      { row: 3, code: 'repeated', message: '单位编码与第2行重复。' },
      { row: 4, message: '单位编码与第2行重复。' },
    ]);
  });

  test('组织上的错误指到行和列；不在表里的单位写明名称', () => {
    const { rows } = read(HEAD, ROW);
    const show = sheetFault(tree, rows);
    const message = '上级单位已撤销。';
    const fault = { id: 'n', field: 'parent', code: 'parent-dissolved', message } as const;
    expect(show(fault)).toEqual({ row: 2, column: '上级编码', code: 'parent-dissolved', message });
    expect(show({ ...fault, id: 'a' })).toMatchObject({ row: null, message: `甲工会：${message}` });
  });
});
