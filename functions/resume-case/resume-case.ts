/**
 * Starts a case again at the stage where it stands: its execution was lost, failed for good, or is past redrive. The
 * case is the truth, the execution only drives it; the former one is stopped, whatever became of it.
 */
import type { Actor } from '#domain/filing/audit.ts';
import { type Case, executionName } from '#domain/filing/case.ts';
import { STAGES } from '#domain/filing/stages.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CaseChange, type CasePorts, changeCase } from '#functions/shared/case-store.ts';
import { executionInput } from '#functions/shared/execution-input.ts';
import type { Ports } from '#functions/shared/ports.ts';
import type { WaitingTimes } from '#functions/shared/settings.ts';

/**
 * How the case is started again at its stage; undefined where no execution drives that stage. `actor` and `reason` go on
 * record.
 */
export const resumption = (
  current: Case,
  actor: Actor,
  reason: string,
  waiting: WaitingTimes,
): CaseChange | undefined => {
  const { resumeAt } = STAGES[current.stage];
  if (resumeAt === null || current.attempt === 0) return undefined;
  // Refused, but not recorded yet: the refusal stands and goes on.
  const state = current.refusal === null ? resumeAt : 'RecordRejection';
  const next: Case = { ...current, attempt: current.attempt + 1, fault: null };
  return {
    next,
    event: { type: 'resumed', actor, data: { state, attempt: next.attempt, reason } },
    outbox: [
      {
        kind: 'stop',
        execution: executionName(current),
        error: 'Case.Resumed',
        cause: 'started again at its stage',
      },
      { kind: 'start', execution: executionName(next), input: executionInput(next, state, waiting) },
    ],
  };
};

export const resumeCase = (
  ports: CasePorts & Pick<Ports, 'settings'>,
  caller: Caller,
  caseId: string,
  reason: string,
): Promise<Case> =>
  changeCase(ports, caseId, (current) => {
    requireCaseAccess(caller, 'case.resume', current);
    const change = resumption(current, actorOf(caller), reason, ports.settings.waitingTimes);
    if (change === undefined) throw wrongStage(current.stage, '恢复办理');
    return change;
  });
