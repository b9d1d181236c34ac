/** The table of a case: what was declared, what the registers answered, what visits found (`domain/filing/matters.ts`). */
import type { Case } from '#domain/filing/case.ts';
import { latestAnswers } from '#domain/filing/cross-check.ts';
import { type Matter, mattersOf, visitFactsOf } from '#domain/filing/matters.ts';
import { type Check, findCheck, readResults } from './check-store.ts';
import type { ItemStore } from './ports.ts';

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
