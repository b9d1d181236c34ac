/**
 * Withdraws an application, at any stage before the file is established. The open task closes, a running notice ends,
 * and the execution is stopped with the error `Case.Withdrawn`, which alarms leave out. Withdrawing again changes
 * nothing.
 */
import * as z from 'zod';
import { type Case, executionName, moved, workerOf } from '#domain/filing/case.ts';
import { withdrawnLetter } from '#domain/filing/letters.ts';
import { mayWithdraw } from '#domain/filing/stages.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, changeCase, untilSettled } from '#functions/shared/case-store.ts';
import { getNotice, putNotice } from '#functions/shared/notice-store.ts';
import { releaseApplicant } from '#functions/shared/outbox.ts';
import type { ItemOperation } from '#functions/shared/ports.ts';
import { endTask, findTask } from '#functions/shared/task-store.ts';

export const withdrawalSchema = z.strictObject({ reason: z.string().trim().min(1).max(1000) });

/** What ends with the case: its open task, and its notice while that runs. */
const endings = async (ports: CasePorts, record: Case): Promise<readonly ItemOperation[]> => {
  const operations: ItemOperation[] = [];
  if (record.openTask !== null) {
    const found = await findTask(ports.items, record.openTask.taskId);
    if (found?.task.state.status === 'OPEN') {
      operations.push(...endTask({ ...found.task, state: { status: 'CLOSED' } }, found.version));
    }
  }
  if (record.notice !== null) {
    const { notice, version } = await getNotice(ports.items, record.notice.noticeId);
    if (notice.status === 'running') operations.push(putNotice({ ...notice, status: 'withdrawn' }, version));
  }
  return operations;
};

const withdraw = (ports: CasePorts, caller: Caller, caseId: string, reason: string): Promise<Case> =>
  changeCase(ports, caseId, async (current) => {
    requireCaseAccess(caller, 'case.withdraw', current);
    if (current.stage === 'withdrawn') return null;
    if (!mayWithdraw(current.stage)) throw wrongStage(current.stage, '撤回申请');
    const submitted = current.submission > 0;
    return {
      next: {
        ...moved(current, 'withdrawn'),
        openTask: null,
        endedAt: new Date(ports.clock.now()).toISOString(),
      },
      event: { type: 'withdrawn', actor: actorOf(caller), data: { from: current.stage, reason } },
      operations: [
        ...(submitted ? [releaseApplicant(workerOf(current).idIndex)] : []),
        ...(await endings(ports, current)),
      ],
      outbox:
        current.attempt === 0
          ? []
          : [
              {
                kind: 'stop',
                execution: executionName(current),
                error: 'Case.Withdrawn',
                cause: 'the applicant withdrew',
              },
            ],
      letters: [{ to: 'household', ...withdrawnLetter(current) }],
    };
  });

/** Its task may be decided, or its notice change, in between. */
export const withdrawCase = (
  ports: CasePorts,
  caller: Caller,
  caseId: string,
  reason: string,
): Promise<Case> => untilSettled(() => withdraw(ports, caller, caseId, reason));
