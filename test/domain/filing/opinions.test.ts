import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedParts, collectiveFault, digestOf, type Participant } from '#domain/filing/opinions.ts';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';

const content = {
  household: { declaration: { members: [] } },
  documents: [['d1', 'bankCard', 'aa']],
  visits: [],
  crossCheck: null,
  assessment: { net: '620.00' },
};

describe('所见内容的摘要', () => {
  test('同样的内容，摘要相同，与键的顺序无关', () => {
    const other = { ...content, assessment: { net: '620.00' } };
    expect(changedParts(digestOf(content), digestOf(other))).toEqual([]);
    const household = digestOf({ ...content, household: { a: 1, b: [2] } });
    expect(digestOf({ ...content, household: { b: [2], a: 1 } })).toEqual(household);
  });

  test.each([
    ['household', '家庭成员和申报内容', { declaration: { members: [{ id: 'a' }] } }],
    ['documents', '材料', []],
    ['visits', '走访记录', [{ visitId: 'v' }]],
    ['crossCheck', '信息比对', { status: 'complete' }],
    ['assessment', '测算结果', { net: '620.01' }],
  ] as const)('%s 变了，说得出是“%s”，只说这一项', (part, name, value) => {
    const changed = changedParts(digestOf(content), digestOf({ ...content, [part]: value }));
    expect(changed).toEqual([name]);
  });

  test('空的内容在不同的项里摘要不同：一项的摘要不能冒充另一项的', () => {
    const empty = digestOf({
      household: null,
      documents: null,
      visits: null,
      crossCheck: null,
      assessment: null,
    });
    expect(new Set(Object.values(empty)).size).toBe(5);
  });
});

describe('集体研究（B-8.2、B-8.4）', () => {
  const people = fc.array(
    fc.record({
      name: fc.constantFrom('甲', '乙', '丙'),
      duty: fc.constantFrom<Participant['duty']>('chair', 'viceChair', 'member'),
    }),
    { maxLength: 4 },
  );

  test('只有属地路径的基层和市级须集体研究：两名不同的人以上，市级其中有分管副主席', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('provinceDirect' as const, 'territorial' as const),
        fc.constantFrom(...taskKindSchema.options),
        fc.constantFrom('pass', 'reject', 'supplement'),
        people,
        (route, kind, decision, participants) => {
          const fault = collectiveFault(route, { kind, decision, participants });
          const names = new Set(participants.map(({ name }) => name)).size;
          const vice = participants.some(({ duty }) => duty === 'viceChair');
          const asked = route === 'territorial' && decision !== 'supplement';
          const enough =
            !asked ||
            (kind !== 'grassrootsReview' && kind !== 'centreReview') ||
            (names >= 2 && (kind === 'grassrootsReview' || vice));
          expect(fault === undefined).toBe(enough);
        },
      ),
    );
  });
});
