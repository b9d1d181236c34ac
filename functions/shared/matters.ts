/** The table of a case: what was declared, what the registers answered, what visits found (`domain/filing/matters.ts`). */
import type { Case } from '#domain/filing/case.ts';
import { type CategoryResult, latestAnswers } from '#domain/filing/cross-check.ts';
import { type Matter, mattersOf, visitFactsOf } from '#domain/filing/matters.ts';
import { type Check, findCheck, readResults } from './check-store.ts';
import type { Fault } from './errors.ts';
import type { ItemStore } from './ports.ts';

/**
 * Everyone whom the authorisation names, in the order in which they are asked about: members, then legal
 * supporters. Kept with the request: a visit may strike a member while the centre is still looking.
 */
export const personsToAsk = (record: Pick<Case, 'persons' | 'supporters'>): Check['persons'] =>
  [
    ...record.persons.map(({ memberId }) => ({ memberId, supporter: false })),
    ...record.supporters.map(({ memberId }) => ({ memberId, supporter: true })),
  ].map((one, index) => ({ personId: `p${index + 1}`, ...one }));

type Table = { readonly matters: readonly Matter[]; readonly persons: Check['persons'] };

/** The matters of a case as it stands; without a cross-check, those of the declaration and the visits alone. */
export const readTable = async (items: ItemStore, record: Case): Promise<Table> => {
  const requestId = record.crossCheck?.requestId ?? '';
  const asked = requestId === '' ? undefined : await findCheck(items, requestId);
  const results = asked === undefined ? [] : await readResults(items, requestId);
  const persons = asked?.check.persons ?? [];
  const present = new Set(record.persons.map(({ memberId }) => memberId));
  const matters = mattersOf({
    declaration: record.declaration,
    answers: latestAnswers(results),
    members: new Map(
      persons.flatMap(({ personId, memberId, supporter }) =>
        supporter || !present.has(memberId) ? [] : [[personId, memberId]],
      ),
    ),
    names: new Map(record.persons.map(({ memberId, name }) => [memberId, name])),
    visited: visitFactsOf(record.visits),
  });
  return { matters, persons };
};

export const readMatters = async (items: ItemStore, record: Case): Promise<readonly Matter[]> =>
  (await readTable(items, record)).matters;

/** The faults of results that name anyone who wasn't asked about: nothing of other people is stored. */
export const personFaults = (
  persons: Check['persons'],
  categories: readonly CategoryResult[],
  pointer = '/categories',
): readonly Fault[] => {
  const asked = new Set(persons.map(({ personId }) => personId));
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
