/** What an opinion is given on: the digests that reading a task gives and that deciding it compares. */
import type { Case } from '#domain/filing/case.ts';
import { changedParts, digestOf, type Seen } from '#domain/filing/opinions.ts';
import { receivedDocuments } from './document-store.ts';
import { AppError } from './errors.ts';
import type { ItemStore } from './ports.ts';

/** The digests of the case as it stands. Who wants to rely on them writes the case at the version that was read. */
export const seenOf = async (items: ItemStore, record: Case): Promise<Seen> => {
  const documents = await receivedDocuments(items, record.caseId);
  const people = [...record.persons, ...record.supporters];
  const { declaration, cause, crossCheck } = record;
  return digestOf({
    household: { declaration, cause, people: people.map(({ memberId, idIndex }) => [memberId, idIndex]) },
    documents: documents.map(({ documentId, paper, sha256 }) => [documentId, paper, sha256]),
    visits: record.visits,
    crossCheck:
      crossCheck === null
        ? null
        : { requestId: crossCheck.requestId, status: crossCheck.status, findings: crossCheck.findings },
    assessment: record.determination,
  });
};

/** Throws 409 `case-changed`, naming what has changed since it was seen. */
export const requireUnchanged = (seen: Seen, present: Seen): void => {
  const changed = changedParts(seen, present);
  if (changed.length === 0) return;
  throw new AppError(
    'case-changed',
    409,
    `您查看之后，该申请的${changed.join('、')}有变化；请重新查看后再作出意见。`,
    { changed: [...changed] },
  );
};
