/**
 * A waiting time has run out. The first time the one whose task it is is reminded; from the second on the level
 * above is told and may decide as well. A supplement that the household leaves alone lapses in the end (本单位规定),
 * which ends the application with a reason. Timers run by natural days: woken before the due day, it does nothing.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { custodyOf } from '#domain/filing/case.ts';
import { escalationLetter, reminderLetter } from '#domain/filing/letters.ts';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { TASKS } from '#domain/filing/tasks.ts';
import { type CasePorts, changeCase, systemActor, untilSettled } from '#functions/shared/case-store.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { endTask, findTask, putTask, taskIdOf } from '#functions/shared/task-store.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

const payloadSchema = workflowPayloadSchema.extend({ kind: taskKindSchema });

/** `wait`: back to the task; `lapsed`: the application ends; `closed`: the task has ended with its case. */
type Outcome = 'wait' | 'lapsed' | 'closed';

const escalate = async (
  ports: CasePorts & Pick<Ports, 'organisations'>,
  input: unknown,
): Promise<JsonObject> => {
  const payload = payloadSchema.parse(input);
  const { kind } = payload;
  const rule = TASKS[kind];
  const taskId = taskIdOf(payload.caseId, payload.submission, payload.visit, kind);
  let outcome: Outcome = 'wait';
  await changeCase(ports, payload.caseId, async (current) => {
    requireCurrent(current, payload);
    const found = await findTask(ports.items, taskId);
    if (found === undefined || found.task.state.status === 'CLOSED') {
      outcome = 'closed';
      return null;
    }
    const { task, version } = found;
    const { dueOn } = task;
    // Decided while the timer ran out: the state is entered again and answered at once.
    if (task.state.status === 'DECIDED') return null;
    if (dueOn !== null && beijingDate(ports.clock.now()) <= dueOn) return null;

    const reminders = current.reminders + 1;
    if (rule.lapsesAfterReminders !== null && reminders > rule.lapsesAfterReminders) {
      outcome = 'lapsed';
      const at = new Date(ports.clock.now()).toISOString();
      const refusal = {
        clauses: ['A-5'],
        reason: `经${rule.lapsesAfterReminders}次催办仍未补正材料，申请终止（本单位规定）。可以备齐材料后重新申请。`,
        by: null,
      };
      const lapsed = { status: 'DECIDED', output: { decision: 'lapsed' }, by: '系统', at } as const;
      return {
        next: { ...current, reminders, refusal, openTask: null },
        event: { type: 'lapsed', actor: systemActor('escalate-task'), data: { kind, taskId } },
        operations: endTask({ ...task, state: lapsed }, version),
      };
    }
    const { path } = custodyOf(current);
    const above = path[path.indexOf(task.organisation) - 1];
    const recipient = kind === 'supplement' ? 'household' : { organisation: task.organisation };
    const reminder = { to: recipient, ...reminderLetter(current, kind, reminders) } as const;
    if (reminders === 1 || above === undefined) {
      return {
        next: { ...current, reminders },
        event: { type: 'reminded', actor: systemActor('escalate-task'), data: { kind, taskId, reminders } },
        letters: [reminder],
      };
    }
    const late = (await ports.organisations.tree()).get(task.organisation);
    return {
      next: { ...current, reminders },
      event: {
        type: 'escalated',
        actor: systemActor('escalate-task'),
        data: { kind, taskId, reminders, to: above },
      },
      operations: [putTask({ ...task, escalatedTo: above }, version)],
      letters: [reminder, { to: { organisation: above }, ...escalationLetter(current, kind, late) }],
    };
  });
  return { outcome };
};

/** The task may be decided while it is judged. */
export const escalateTask = (
  ports: CasePorts & Pick<Ports, 'organisations'>,
  input: unknown,
): Promise<JsonObject> => untilSettled(() => escalate(ports, input));
