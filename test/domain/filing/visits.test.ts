import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SettledFact, unvisitedClaims, withVisitedFacts } from '#domain/filing/visits.ts';
import type { JsonObject } from '#domain/json.ts';

const settledOf = (fact: SettledFact['fact'], memberId: string | null): { settled: SettledFact[] } => ({
  settled: [{ fact, memberId, name: null, clause: fact === 'onSiteVisit' ? 'C-2' : 'R-11' }],
});

const visits = fc.array(
  fc.oneof(
    fc.constant(settledOf('onSiteVisit', null)),
    fc.constantFrom('a', 'b', 'c').map((id) => settledOf('memberConfirmed', id)),
    fc.constantFrom('b', 'c').map((id) => settledOf('memberStruck', id)),
  ),
  { maxLength: 4 },
);
const declarations = fc
  .record({
    onSite: fc.constantFrom(undefined, true, false),
    confirmed: fc.array(fc.constantFrom(undefined, true, false), { minLength: 3, maxLength: 3 }),
    spender: fc.constantFrom(undefined, 'a', 'b', 'c'),
  })
  .map(
    ({ onSite, confirmed, spender }): JsonObject => ({
      region: '340100',
      ...(onSite === undefined ? {} : { onSiteVisit: onSite }),
      members: ['a', 'b', 'c'].map((id, index) => {
        const said = confirmed[index];
        return { id, onRegister: id === 'a', ...(said === undefined ? {} : { visitConfirmed: said }) };
      }),
      expenditures: [
        { kind: 'medical', amount: '1', ...(spender === undefined ? {} : { memberId: spender }) },
      ],
    }),
  );

test('走访确认过的事实总在申报内容里；再补一次不改变什么；没有走访过的不添', () => {
  fc.assert(
    fc.property(declarations, visits, (declaration, made) => {
      const once = withVisitedFacts(declaration, made);
      expect(withVisitedFacts(once, made)).toEqual(once);
      const claims = unvisitedClaims(declaration, made);
      if (made.length === 0) expect(once).toEqual(declaration);
      // Where nothing was claimed without a visit before, nothing is afterwards.
      if (claims.length === 0) expect(unvisitedClaims(once, made)).toEqual([]);
    }),
  );
});

test('删去的成员，连同记在其名下的支出一起删去；没有写明是谁的支出留下', () => {
  const declaration = {
    members: [{ id: 'a' }, { id: 'b' }],
    expenditures: [{ memberId: 'b', amount: '1' }, { memberId: 'a', amount: '2' }, { amount: '3' }],
  };
  expect(withVisitedFacts(declaration, [settledOf('memberStruck', 'b')])).toEqual({
    members: [{ id: 'a' }],
    expenditures: [{ memberId: 'a', amount: '2' }, { amount: '3' }],
  });
});

test('没有走访而自称走访过的，逐处指出', () => {
  const declaration = {
    onSiteVisit: true,
    members: [{ id: 'a', visitConfirmed: true }, { id: 'b' }, { id: 'c', visitConfirmed: true }],
  };
  expect(unvisitedClaims(declaration, [])).toEqual([
    '/members/0/visitConfirmed',
    '/members/2/visitConfirmed',
    '/onSiteVisit',
  ]);
  expect(
    unvisitedClaims(declaration, [settledOf('memberConfirmed', 'c'), settledOf('onSiteVisit', null)]),
  ).toEqual(['/members/0/visitConfirmed']);
});
