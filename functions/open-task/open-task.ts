/**
 * Opens a person's task for the state machine, which then waits for its token. The task is written, token and all,
 * before anyone is told. A state that is entered again (a retry, a reminder, a resumed execution) finds its task by
 * id: an open one takes the new token, a decided one is answered at once with the recorded decision.
 */
import * as z from 'zod';
import { addWorkingDays, CalendarUnknown } from '#domain/calendar/calendar.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Case, moved } from '#domain/filing/case.ts';
import { progressLetter, supplementLetter, taskLetter } from '#domain/filing/letters.ts';
import { type TaskKind, taskKindSchema } from '#domain/filing/task-kinds.ts';
import { standsIn, TASKS } from '#domain/filing/tasks.ts';
import {
  CaseClosed,
  type CasePorts,
  changeCase,
  systemActor,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { outboxOperation } from '#functions/shared/outbox.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { beginTask, findTask, putTask, type Task, taskIdOf } from '#functions/shared/task-store.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

const payloadSchema = workflowPayloadSchema.extend({ kind: taskKindSchema, taskToken: z.string().min(1) });

type Needs = CasePorts & Pick<Ports, 'settings' | 'organisations'>;

/** The due day by the unit's own waiting time; null where the calendar doesn't reach: it is never guessed. */
const dueDay = (ports: Needs, kind: TaskKind): string | null => {
  try {
    const days = ports.settings.waitingTimes.tasks[TASKS[kind].deadline];
    return addWorkingDays(beijingDate(ports.clock.now()), days);
  } catch (error) {
    if (error instanceof CalendarUnknown) return null;
    throw error;
  }
};

/** Gives the task that is there the token of this attempt, and the recorded answer to a decided one. */
const reenter = async (ports: Needs, task: Task, version: number, taskToken: string): Promise<void> => {
  if (task.state.status === 'CLOSED') throw new CaseClosed(`task ${task.taskId} is closed`);
  const answer =
    task.state.status === 'DECIDED'
      ? [outboxOperation(ports.ids, task.caseId, { kind: 'answer', taskToken, output: task.state.output })]
      : [];
  await ports.items.transact([putTask({ ...task, taskToken }, version), ...answer]);
};

const open = (ports: Needs, payload: z.output<typeof payloadSchema>, taskId: string): Promise<Case> =>
  changeCase(ports, payload.caseId, async (current) => {
    requireCurrent(current, payload);
    const { kind, submission, visit, taskToken } = payload;
    const { level } = TASKS[kind];
    // The case may be about to be moved (B-12): nobody is given work who isn't there.
    const union = (await ports.organisations.tree()).heir(current.unions[level]);
    const organisation = union.id;
    const dueOn = dueDay(ports, kind);
    const progress = progressLetter(current, kind, dueOn);
    const task: Task = {
      taskId,
      caseId: current.caseId,
      kind,
      submission,
      visit,
      organisation,
      standsIn: standsIn(current.unions, level),
      escalatedTo: null,
      organisationPath: [...current.organisationPath],
      claim: null,
      applicant: current.applicant,
      ...(current.synthetic ? { synthetic: true } : {}),
      openedAt: new Date(ports.clock.now()).toISOString(),
      dueOn,
      taskToken,
      state: { status: 'OPEN' },
    };
    return {
      next: { ...moved(current, TASKS[kind].stage), visit, openTask: { taskId, kind }, reminders: 0 },
      event: {
        type: 'taskOpened',
        actor: systemActor('open-task'),
        data: { kind, taskId, organisation, dueOn },
      },
      operations: beginTask(task),
      letters:
        kind === 'supplement'
          ? [{ to: 'household', ...supplementLetter(current, dueOn, union) }]
          : [
              ...(progress === undefined ? [] : [{ to: 'household', ...progress } as const]),
              { to: { organisation }, ...taskLetter(current, kind, dueOn) },
            ],
    };
  });

export const openTask = async (ports: Needs, input: unknown): Promise<JsonObject> => {
  const payload = payloadSchema.parse(input);
  const taskId = taskIdOf(payload.caseId, payload.submission, payload.visit, payload.kind);
  // Another attempt of the same state may write the task first, or a decision change it.
  await untilSettled(async () => {
    const found = await findTask(ports.items, taskId);
    if (found === undefined) await open(ports, payload, taskId);
    else await reenter(ports, found.task, found.version, payload.taskToken);
  });
  return { taskId };
};
