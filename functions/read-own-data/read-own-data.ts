/**
 * Everything that is kept of a case, for the one whose case it is (B-16; Personal Information Protection Law, article
 * 45): the sealed fields in plain, beside what stands with the case. It is an opening like any other: the event is
 * written first, and without it nothing is opened. Notes between colleagues and who objected are no data of the worker's.
 */
import type { AuditEvent } from '#domain/filing/audit.ts';
import type { Case } from '#domain/filing/case.ts';
import { isInternal } from '#domain/filing/events.ts';
import { type JsonObject, jsonObjectSchema } from '#domain/json.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import {
  actorOf,
  CaseConflict,
  type CasePorts,
  changeCase,
  readEvents,
} from '#functions/shared/case-store.ts';
import { readResults } from '#functions/shared/check-store.ts';
import { type CaseDocument, readDocuments } from '#functions/shared/document-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { parseLetter, type StoredLetter } from '#functions/shared/message-store.ts';
import { readAll } from '#functions/shared/pages.ts';
import { fieldContext, idNumberContext } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';

export type Needs = CasePorts & Pick<Ports, 'vault'>;

/** The sealed fields in plain. */
type Opened = {
  readonly persons: readonly { readonly memberId: string; readonly idNumber: string }[];
  readonly supporters: readonly { readonly memberId: string; readonly idNumber: string }[];
  readonly phone: string;
  readonly address: string;
  readonly bankCard: string;
};

export type OwnData = {
  readonly record: Case;
  readonly opened: Opened;
  readonly documents: readonly CaseDocument[];
  readonly assessments: readonly JsonObject[];
  readonly crossCheck: readonly JsonObject[];
  readonly letters: readonly StoredLetter[];
  readonly events: readonly AuditEvent[];
};

const open = async ({ vault }: Needs, record: Case): Promise<Opened> => {
  const { caseId } = record;
  const numberOf = async ({ memberId, idNumber }: Case['persons'][number]) => ({
    memberId,
    idNumber: await vault.open(idNumber.sealed, idNumberContext(caseId, memberId)),
  });
  const [persons, supporters, phone, address, bankCard] = await Promise.all([
    Promise.all(record.persons.map(numberOf)),
    Promise.all(record.supporters.map(numberOf)),
    vault.open(record.phone.sealed, fieldContext(caseId, 'phone')),
    vault.open(record.address.sealed, fieldContext(caseId, 'address')),
    vault.open(record.bankCard.number.sealed, fieldContext(caseId, 'bankCard')),
  ]);
  return { persons, supporters, phone, address, bankCard };
};

/** Errors: 403, `case-not-found`, 409 `case-busy` while the archive is being made: its chain is closed. */
export const readOwnData = async (ports: Needs, caller: Caller, caseId: string): Promise<OwnData> => {
  const record = await changeCase(ports, caseId, (current) => {
    requireCaseAccess(caller, 'ownData.read', current);
    if (current.stage === 'archiving') throw new CaseConflict();
    return {
      next: current,
      event: {
        type: 'personalDataOpened',
        actor: actorOf(caller),
        data: {
          purpose: '本人查阅',
          fields: ['idNumber', 'phone', 'address', 'bankCard'],
          persons: current.persons.length + current.supporters.length,
          clause: 'B-16',
        },
      },
    };
  });
  const { pk } = keys.case(caseId);
  const [opened, documents, assessments, crossCheck, letters, events] = await Promise.all([
    open(ports, record),
    readDocuments(ports.items, caseId),
    readAll(ports.items, { pk, sk: { prefix: 'ASSESSMENT#' } }),
    record.crossCheck === null ? [] : readResults(ports.items, record.crossCheck.requestId),
    readAll(ports.items, { pk, sk: { prefix: 'LETTER#' } }),
    readEvents(ports.items, caseId),
  ]);
  return {
    record,
    opened,
    documents,
    assessments: assessments.map(({ data }) => data),
    crossCheck: crossCheck.map((result) => jsonObjectSchema.parse(result)),
    letters: letters.map(parseLetter).filter(({ to }) => 'subject' in to),
    events: events.filter(({ type }) => !isInternal(type)),
  };
};
