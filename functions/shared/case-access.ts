/** Access to a case, and the common refusals around it. */
import { type Case, custodyOf } from '#domain/filing/case.ts';
import { STAGES, type Stage } from '#domain/filing/stages.ts';
import { type Caller, type GuardedOperation, type Resource, requireAccess } from './access/policy.ts';
import { AppError } from './errors.ts';

/** What access to a case hangs on: who keeps it now, not who once did (B-12). */
const resourceOf = (record: Case): Resource => {
  const { organisation, path } = custodyOf(record);
  return { ownerSubject: record.applicant, organisation, organisationPath: path };
};

export const requireCaseAccess = (caller: Caller, operation: GuardedOperation, record: Case): void =>
  requireAccess(caller, operation, resourceOf(record));

/** The case isn't at a stage where this can be done: 409, with the stage that it is at. */
export const wrongStage = (stage: Stage, what: string): AppError =>
  new AppError('wrong-stage', 409, `申请目前处于“${STAGES[stage].name}”环节，不能${what}。`, { stage });
