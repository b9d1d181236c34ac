/** What every workflow function is called with, and the question whether the case is still this execution's. */
import * as z from 'zod';
import type { Case } from '#domain/filing/case.ts';
import { hasEnded } from '#domain/filing/stages.ts';
import { CaseClosed } from './case-store.ts';

/** The payload's version: a case that has waited for months is still answered. */
export const workflowPayloadSchema = z.strictObject({
  version: z.literal(1),
  caseId: z.string().min(1),
  submission: z.number().int().min(1),
  /** The round through the reviews. */
  visit: z.number().int().min(1),
});
export type WorkflowPayload = z.infer<typeof workflowPayloadSchema>;

/**
 * Throws `CaseClosed` where the case has been withdrawn or submitted anew, or has gone on to a later round: an
 * execution that lags behind must not touch it.
 */
export const requireCurrent = (record: Case, payload: WorkflowPayload): void => {
  const stale = record.submission !== payload.submission || record.visit > payload.visit;
  if (stale || hasEnded(record.stage)) {
    throw new CaseClosed(`case ${record.caseId} is ${record.stage}, round ${record.visit}`);
  }
};
