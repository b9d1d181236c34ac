/**
 * The disposal of applications that came to no file: after a time of the unit's own rule, by a protocol that one person
 * proposes and another approves. An established file is none of it: it is kept for ten years from its withdrawal (B-14).
 */
import * as z from 'zod';
import { isDate, yearOf } from '#domain/calendar/dates.ts';
import type { Case } from './case.ts';
import { unionSignatureSchema } from './signatures.ts';
import { routeSchema } from './terms.ts';

/** What may be said of an application after its disposal: nothing of the people in it. */
export const remainsSchema = z.strictObject({
  caseId: z.string(),
  route: routeSchema,
  openedAt: z.string(),
  applicationDate: z.string().nullable(),
  endedAt: z.string(),
  outcome: z.enum(['rejected', 'withdrawn']),
  /** Of the refusal. */
  clauses: z.array(z.string()),
  /** The union that kept it. */
  custodian: z.string(),
});
export type Remains = z.infer<typeof remainsSchema>;

export const disposalSchema = z.strictObject({
  disposalId: z.string(),
  organisation: z.string(),
  reason: z.string(),
  cases: z.array(remainsSchema),
  proposed: unionSignatureSchema,
  approved: unionSignatureSchema.nullable(),
  /** SHA-256 of the protocol as it was approved (canonical JSON of all above); null before. */
  protocolSha256: z.string().nullable(),
  /** Everything that it lists is removed. */
  completed: z.boolean(),
});
export type Disposal = z.infer<typeof disposalSchema>;

/**
 * What stays. `chain` are the hashes of all audit events in their order, its last one the head: whoever holds an event
 * can prove by them that it happened, and in which place; what the others said is gone.
 */
export const tombstoneSchema = remainsSchema.extend({
  disposalId: z.string(),
  protocolSha256: z.string(),
  disposedAt: z.string(),
  head: z.strictObject({ sequence: z.int(), hash: z.string() }),
  chain: z.array(z.string()),
});
export type Tombstone = z.infer<typeof tombstoneSchema>;

/** The latest Beijing date on which something may have ended to be due today, after so many whole years. */
export const lastDueEnd = (today: string, years: number): string => {
  const day = `${yearOf(today) - years}${today.slice(4)}`;
  // 29 February has no counterpart in most years.
  return isDate(day) ? day : `${day.slice(0, 4)}-02-28`;
};

/** What stays of a case that ended without a file; undefined of any other. */
export const remainsOf = (record: Case, custodian: string): Remains | undefined => {
  const { caseId, route, stage, openedAt, applicationDate, endedAt, refusal, file } = record;
  if ((stage !== 'rejected' && stage !== 'withdrawn') || endedAt === null || file !== null) return undefined;
  return {
    caseId,
    route,
    openedAt,
    applicationDate,
    endedAt,
    outcome: stage,
    clauses: refusal?.clauses ?? [],
    custodian,
  };
};
