/**
 * A case as the API shows it: personal fields masked, nothing of the back end's own (blind indexes, tokens, sealed
 * bytes). The same view for everyone who may read the case.
 */

import * as z from 'zod';
import { type Case, caseSchema, custodyOf } from '#domain/filing/case.ts';
import { type Settlement, settlementSchema } from '#domain/filing/matter-values.ts';
import { STAGES, stageSchema } from '#domain/filing/stages.ts';
import { ROUTE_NAMES, routeSchema, tierSchema } from '#domain/filing/terms.ts';
import type { Reply } from './http/route.ts';
import type { JsonObject } from './ports.ts';

const personViewSchema = z.strictObject({
  memberId: z.string(),
  name: z.string(),
  relationToHouseholder: z.string(),
  idNumber: z.string().meta({ description: '已掩码' }),
});

export const caseSummarySchema = z
  .strictObject({
    caseId: z.string(),
    route: routeSchema,
    routeName: z.string(),
    stage: stageSchema,
    stageName: z.string(),
    openedAt: z.string(),
    unions: caseSchema.shape.unions,
    /** The union that keeps it now. */
    custodian: z.string(),
    /** Made to check the system; it can only be withdrawn. */
    synthetic: z.boolean(),
    fileNumber: z.string().nullable(),
    tier: tierSchema.nullable(),
  })
  .meta({ id: 'CaseSummary' });

const { shape } = caseSchema;

/** A settled matter; who settled it by name. */
export const settlementViewSchema = settlementSchema.omit({ by: true }).extend({ by: z.string() });

export const settlementView = ({ by, ...settlement }: Settlement): z.infer<typeof settlementViewSchema> => ({
  ...settlement,
  by: by.name,
});

export const caseViewSchema = z
  .strictObject({
    ...caseSummarySchema.shape,
    submission: shape.submission,
    visit: shape.visit,
    applicationDate: shape.applicationDate,
    workerId: shape.workerId,
    householderId: shape.householderId,
    persons: z.array(personViewSchema),
    supporters: z.array(personViewSchema),
    employer: shape.employer,
    phone: z.string().meta({ description: '已掩码' }),
    address: z.string().meta({ description: '已掩码' }),
    bankCard: z.strictObject({ number: z.string().meta({ description: '已掩码' }), bank: z.string() }),
    cause: shape.cause,
    wishes: shape.wishes,
    declaration: shape.declaration,
    openTask: shape.openTask,
    requested: shape.requested,
    opinions: shape.opinions,
    crossCheck: shape.crossCheck.unwrap().pick({ status: true, findings: true }).nullable(),
    settlements: z.array(settlementViewSchema),
    determination: shape.determination,
    notice: shape.notice,
    refusal: shape.refusal,
    file: shape.file,
    meeting: shape.meeting,
    archive: shape.archive,
    openedBy: shape.openedBy,
    consents: shape.consents,
    bars: shape.bars,
    clawBacks: shape.clawBacks,
    visits: shape.visits,
    fault: shape.fault,
  })
  .meta({ id: 'Case' });

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
  synthetic: record.synthetic ?? false,
  unions: record.unions,
  custodian: custodyOf(record).organisation,
  fileNumber: record.file?.number ?? null,
  tier: record.determination?.tier ?? null,
});

export const caseView = (record: Case): JsonObject => ({
  ...caseSummary(record),
  openedBy: record.openedBy,
  consents: record.consents,
  bars: record.bars,
  clawBacks: record.clawBacks,
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
  visits: record.visits,
  crossCheck:
    record.crossCheck === null
      ? null
      : { status: record.crossCheck.status, findings: record.crossCheck.findings },
  settlements: record.settlements.map(settlementView),
  determination: record.determination,
  notice: record.notice,
  refusal: record.refusal,
  file: record.file,
  meeting: record.meeting,
  archive: record.archive,
  fault: record.fault,
});

/**
 * The version of a case: it counts the changes, and everything that the view shows comes from the case alone. Each
 * change writes one event of the audit chain, so that its number is the item's version.
 */
export const caseVersion = (record: Case): string => String(record.audit.sequence);

/** The view of a case with its version. */
export const caseReply = (record: Case, more: JsonObject = {}): Reply => ({
  body: { ...caseView(record), ...more },
  etag: caseVersion(record),
});
