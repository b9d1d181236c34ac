/**
 * Starts a case again at the stage where it stands: its execution was lost, failed for good, or is past redrive. The
 * case is the truth, the execution only drives it; the former one is stopped, whatever became of it.
 */
import { type Case, executionName } from '#domain/filing/case.ts';
import { STAGES } from '#domain/filing/stages.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, changeCase } from '#functions/shared/case-store.ts';
import { executionInput } from '#functions/shared/execution-input.ts';
import type { Ports } from '#functions/shared/ports.ts';

export const resumeCase = (
  ports: CasePorts & Pick<Ports, 'settings'>,
  caller: Caller,
  caseId: string,
  reason: string,
): Promise<Case> =>
  changeCase(ports, caseId, (current) => {
    requireCaseAccess(caller, 'case.resume', current);
    const { resumeAt } = STAGES[current.stage];
    if (resumeAt === null || current.attempt === 0) throw wrongStage(current.stage, '恢复办理');
    // Refused, but not recorded yet: the refusal stands and goes on.
    const state = current.refusal === null ? resumeAt : 'RecordRejection';
    const next: Case = { ...current, attempt: current.attempt + 1, fault: null };
    return {
      next,
      event: { type: 'resumed', actor: actorOf(caller), data: { state, attempt: next.attempt, reason } },
      outbox: [
        {
          kind: 'stop',
          execution: executionName(current),
          error: 'Case.Resumed',
          cause: 'started again at its stage',
        },
        {
          kind: 'start',
          execution: executionName(next),
          input: executionInput(next, state, ports.settings.waitingTimes),
        },
      ],
    };
  });
