/**
 * A case as the API shows it: personal fields masked, nothing of the back end's own (blind indexes, tokens, sealed
 * bytes). The same view for everyone who may read the case.
 */
import type { Case } from '#domain/filing/case.ts';
import { STAGES } from '#domain/filing/stages.ts';
import { ROUTE_NAMES } from '#domain/filing/terms.ts';
import type { JsonObject } from './ports.ts';

const personView = ({
  memberId,
  name,
  relationToHouseholder,
  idNumber,
}: Case['persons'][number]): JsonObject => ({
  memberId,
  name,
  relationToHouseholder,
  idNumber: idNumber.masked,
});

/** The line of a list. */
export const caseSummary = (record: Case): JsonObject => ({
  caseId: record.caseId,
  route: record.route,
  routeName: ROUTE_NAMES[record.route],
  stage: record.stage,
  stageName: STAGES[record.stage].name,
  openedAt: record.openedAt,
  unions: record.unions,
  fileNumber: record.file?.number ?? null,
  tier: record.determination?.tier ?? null,
});

export const caseView = (record: Case): JsonObject => ({
  ...caseSummary(record),
  openedBy: record.openedBy,
  submission: record.submission,
  visit: record.visit,
  applicationDate: record.applicationDate,
  workerId: record.workerId,
  householderId: record.householderId,
  persons: record.persons.map(personView),
  supporters: record.supporters.map(personView),
  employer: record.employer,
  phone: record.phone.masked,
  address: record.address.masked,
  bankCard: { number: record.bankCard.number.masked, bank: record.bankCard.bank },
  cause: record.cause,
  wishes: record.wishes,
  declaration: record.declaration,
  openTask: record.openTask,
  requested: record.requested,
  opinions: record.opinions,
  crossCheck:
    record.crossCheck === null
      ? null
      : { status: record.crossCheck.status, findings: record.crossCheck.findings },
  determination: record.determination,
  notice: record.notice,
  refusal: record.refusal,
  file: record.file,
  meeting: record.meeting,
  archive: record.archive,
  fault: record.fault,
});
