import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeFaults, changesBetween, unseated } from '#domain/filing/organisation-changes.ts';
import { type Organisation, type OrganisationKind, OrganisationTree } from '#domain/filing/organisations.ts';

const TODAY = '2019-01-07';

const union = (
  id: string,
  kind: OrganisationKind,
  parent: string | null,
  more: Partial<Organisation> = {},
): Organisation => ({
  id,
  name: `${id}工会`,
  kind,
  parent,
  region: '340104',
  supervisionPhone: '0551-62345678',
  code: null,
  contact: null,
  address: null,
  activeFrom: null,
  dissolution: null,
  ...more,
});

const gone = (successor: string, on = '2019-01-01') => ({ dissolution: { on, successor } });

const tree = new OrganisationTree([
  union('p', 'centre', null),
  union('direct', 'direct', 'p'),
  union('d1', 'grassroots', 'direct', { code: '81340100MC01234509' }),
  union('city', 'city', 'p'),
  union('k1', 'county', 'city'),
  union('k2', 'county', 'city'),
  union('a', 'grassroots', 'k1', { supervisionPhone: '旧的号码' }),
  union('b', 'community', 'k1'),
  union('c', 'grassroots', 'k2', { activeFrom: '2018-01-01' }),
  union('old', 'grassroots', 'k2', gone('c')),
]);

const faultsOf = (...wanted: readonly Organisation[]): readonly string[] =>
  changeFaults(tree, changesBetween(tree, wanted), TODAY).map(
    ({ id, field, code }) => `${id} ${field} ${code}`,
  );
const changed = (id: string, more: Partial<Organisation>): Organisation => ({ ...tree.get(id), ...more });

describe('可以的变更', () => {
  test.each<[string, readonly Organisation[]]>([
    ['设立街道工会', [union('new', 'community', 'k2')]],
    ['改名，原有的旧号码不再检查', [changed('a', { name: '改了名' })]],
    ['换上级', [changed('a', { parent: 'k2' })]],
    ['撤销，由同一层级承接', [changed('a', gone('b'))]],
    ['撤销，由上级代管', [changed('a', gone('k1'))]],
    ['撤销，由省中心代管', [changed('d1', gone('p'))]],
    [
      '县工会连同下级一起并入另一县',
      [changed('k1', gone('k2')), changed('a', { parent: 'k2' }), changed('b', { parent: 'k2' })],
    ],
    ['县工会和所有下级一起撤销', [changed('k2', gone('city')), changed('c', gone('a'))]],
    ['什么也不变', [tree.get('a'), tree.get('old')]],
  ])('%s', (_, wanted) => {
    expect(faultsOf(...wanted)).toEqual([]);
  });
});

describe('不可以的变更', () => {
  test.each<[string, readonly Organisation[], readonly string[]]>([
    ['上级不存在', [union('new', 'community', 'nobody')], ['new parent unknown-parent']],
    ['没有写上级', [union('new', 'city', null)], ['new parent parent-missing']],
    ['层级不对', [union('new', 'county', 'a')], ['new parent wrong-parent']],
    ['自己是自己的上级', [changed('k1', { parent: 'k1' })], ['k1 parent wrong-parent']],
    ['第二个省中心', [union('p2', 'centre', null)], ['p2 kind one-root', 'p kind one-root']],
    [
      '撤销唯一的省中心',
      [changed('p', gone('city'))],
      [
        'p kind one-root',
        'p successor wrong-successor',
        'city parent parent-dissolved',
        'direct parent parent-dissolved',
      ],
    ],
    ['改类型', [changed('a', { kind: 'community' })], ['a kind kind-fixed']],
    ['撤销了还要改', [changed('old', { name: '复活' })], ['old dissolution dissolved-already']],
    ['撤销了又恢复', [changed('old', { dissolution: null })], ['old dissolution dissolved-already']],
    ['明天撤销', [changed('a', gone('b', '2019-01-08'))], ['a dissolution in-future']],
    ['设立之前撤销', [changed('c', gone('a', '2017-12-31'))], ['c dissolution before-start']],
    ['承接单位不存在', [changed('a', gone('nobody'))], ['a successor unknown-successor']],
    [
      '由自己承接',
      [changed('a', gone('a'))],
      ['a successor circle', 'a successor successor-dissolved', 'a successor wrong-successor'],
    ],
    ['由已撤销的单位承接', [changed('a', gone('old'))], ['a successor successor-dissolved']],
    ['由不相干的县承接', [changed('a', gone('k2'))], ['a successor wrong-successor']],
    [
      '互相承接',
      [changed('a', gone('b')), changed('b', gone('a'))],
      [
        'a successor circle',
        'a successor successor-dissolved',
        'b successor circle',
        'b successor successor-dissolved',
      ],
    ],
    ['还有下级', [changed('k2', gone('k1'))], ['c parent parent-dissolved']],
    [
      '设在已撤销的单位之下',
      [changed('k2', gone('k1')), changed('c', gone('a')), union('new', 'community', 'k2')],
      ['new parent parent-dissolved'],
    ],
    ['监督电话不对', [changed('b', { supervisionPhone: '110' })], ['b supervisionPhone form']],
    ['联系电话不对', [changed('b', { contact: { name: '甲', phone: '1' } })], ['b contact form']],
    ['地区不对', [changed('b', { region: '340199' })], ['b region unknown-region']],
    ['已取消的地区', [changed('b', { region: '342401' })], ['b region unknown-region']],
    ['信用代码不对', [changed('b', { code: '91340100MA2MX3JY00' })], ['b code check-character']],
    ['同一上级之下重名', [changed('b', { name: 'a工会' })], ['b name name-taken']],
    ['信用代码重复', [changed('b', { code: '81340100MC01234509' })], ['b code code-taken']],
  ])('%s', (_, wanted, faults) => {
    expect(faultsOf(...wanted).toSorted()).toEqual(faults.toSorted());
  });

  test('所有错误一次列全', () => {
    const bad = union('new', 'community', 'nobody', { region: '000000', supervisionPhone: 'x', code: 'y' });
    expect(faultsOf(bad).toSorted()).toEqual([
      'new code form',
      'new parent unknown-parent',
      'new region unknown-region',
      'new supervisionPhone form',
    ]);
  });
});

test('要随之移动的：撤销的单位，换了上级的单位和它的所有下级', () => {
  const wanted = [changed('d1', gone('p')), changed('k1', { parent: 'p' }), changed('c', { name: '只改名' })];
  const changes = changesBetween(tree, wanted);
  expect(unseated(tree.with(wanted), changes).toSorted()).toEqual(['a', 'b', 'd1', 'k1']);
});

const KINDS: readonly OrganisationKind[] = [
  'centre',
  'city',
  'county',
  'industry',
  'direct',
  'grassroots',
  'community',
];

/** A change somebody may ask for, sensible or not. */
const asked = fc.record({
  id: fc.constantFrom('p', 'city', 'k1', 'k2', 'a', 'b', 'c', 'direct', 'd1', 'n1', 'n2', 'n3'),
  kind: fc.constantFrom(...KINDS),
  parent: fc.option(fc.constantFrom('p', 'city', 'k1', 'k2', 'a', 'b', 'direct', 'n1', 'n2'), { nil: null }),
  successor: fc.option(fc.constantFrom('p', 'city', 'k1', 'k2', 'a', 'b', 'c', 'direct', 'd1', 'n1'), {
    nil: null,
    freq: 3,
  }),
});

test('无论变更以什么顺序来，组织始终是一棵树，撤销的单位总有承接的单位', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(fc.array(asked, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), (rounds) => {
      let now = tree;
      for (const round of rounds) {
        const wanted = round.map(({ id, kind, parent, successor }, index): Organisation => {
          const before = now.find(id) ?? union(id, kind, parent, { name: `${id}-${index}` });
          const dissolution = successor === null ? null : { on: TODAY, successor };
          return { ...before, parent, dissolution: before.dissolution ?? dissolution };
        });
        if (new Set(wanted.map(({ id }) => id)).size !== wanted.length) continue;
        if (changeFaults(now, changesBetween(now, wanted), TODAY).length > 0) continue;
        taken += 1;
        const next = now.with(wanted);
        // Judged here by other means than the rules': by walking.
        const roots = next.all.filter(({ parent, dissolution }) => parent === null && dissolution === null);
        expect(roots.map(({ kind }) => kind)).toEqual(['centre']);
        for (const one of next.all) {
          let steps = 0;
          for (let at: Organisation | undefined = one; at !== undefined && at.parent !== null; steps += 1) {
            expect(steps).toBeLessThan(5);
            at = next.find(at.parent);
            expect(at).toBeDefined();
            if (one.dissolution === null) expect(at?.dissolution).toBeNull();
          }
          const heir = next.heir(one.id);
          expect(heir.dissolution).toBeNull();
          const seat = next.seat(heir.id);
          for (const id of Object.values(seat)) expect(next.get(id).dissolution).toBeNull();
        }
        for (const before of now.all) expect(next.find(before.id)?.kind).toBe(before.kind);
        now = next;
      }
    }),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(100);
});
