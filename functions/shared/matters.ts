/** The table of a case: what was declared, what the registers answered, what a visit found (`domain/filing/matters.ts`). */
import type { Case } from '#domain/filing/case.ts';
import { type CategoryResult, latestAnswers } from '#domain/filing/cross-check.ts';
import { type Matter, mattersOf } from '#domain/filing/matters.ts';
import { readResults } from './check-store.ts';
import type { Fault } from './errors.ts';
import type { ItemStore } from './ports.ts';

type Person = Case['persons'][number];

/**
 * Everyone whom the authorisation names, in the order in which they are asked about: members, then legal
 * supporters. They travel under ids that say nothing.
 */
export const askedPersons = (
  record: Pick<Case, 'persons' | 'supporters'>,
): readonly { readonly personId: string; readonly person: Person; readonly supporter: boolean }[] =>
  [
    ...record.persons.map((person) => ({ person, supporter: false })),
    ...record.supporters.map((person) => ({ person, supporter: true })),
  ].map((one, index) => ({ ...one, personId: `p${index + 1}` }));

/** The matters of a case as it stands; without a cross-check, those of the declaration and the visit alone. */
export const readMatters = async (items: ItemStore, record: Case): Promise<readonly Matter[]> => {
  const requestId = record.crossCheck?.requestId ?? '';
  const results = requestId === '' ? [] : await readResults(items, requestId);
  return mattersOf({
    declaration: record.declaration,
    answers: latestAnswers(results),
    members: new Map(
      askedPersons(record).flatMap(({ personId, person, supporter }) =>
        supporter ? [] : [[personId, person.memberId]],
      ),
    ),
    names: new Map(record.persons.map(({ memberId, name }) => [memberId, name])),
    visited: record.visited,
  });
};

/** The faults of results that name anyone who wasn't asked about: nothing of other people is stored. */
export const personFaults = (
  record: Pick<Case, 'persons' | 'supporters'>,
  categories: readonly CategoryResult[],
  pointer = '/categories',
): readonly Fault[] => {
  const asked = new Set(askedPersons(record).map(({ personId }) => personId));
  return categories.flatMap(({ items }, index) =>
    items.flatMap(({ personId }, position) =>
      asked.has(personId)
        ? []
        : [
            {
              pointer: `${pointer}/${index}/items/${position}/personId`,
              code: 'person-not-asked',
              message: '结果中的人员不在查询名单内，不予接收。',
            },
          ],
    ),
  );
};
