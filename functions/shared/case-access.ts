/** Access to a case, and the common refusals around it. */
import type { Case } from '#domain/filing/case.ts';
import { STAGES, type Stage } from '#domain/filing/stages.ts';
import { type Caller, type GuardedOperation, type Resource, requireAccess } from './access/policy.ts';
import { AppError } from './errors.ts';

/** What access to a case hangs on. */
const resourceOf = (record: Case): Resource => ({
  ownerSubject: record.applicant,
  organisation: record.unions.grassroots,
  organisationPath: record.organisationPath,
});

export const requireCaseAccess = (caller: Caller, operation: GuardedOperation, record: Case): void =>
  requireAccess(caller, operation, resourceOf(record));

/** The case isn't at a stage where this can be done: 409, with the stage that it is at. */
export const wrongStage = (stage: Stage, what: string): AppError =>
  new AppError('wrong-stage', 409, `申请目前处于“${STAGES[stage].name}”环节，不能${what}。`, { stage });
