/** A task as the API shows it: its token never leaves the back end. */

import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { TASKS, taskLevelSchema } from '#domain/filing/tasks.ts';
import type { Caller } from './access/policy.ts';
import type { JsonObject } from './ports.ts';
import { bindingClaim } from './task-access.ts';
import type { Task } from './task-store.ts';

export const taskViewSchema = z
  .strictObject({
    taskId: z.string(),
    caseId: z.string(),
    kind: taskKindSchema,
    name: z.string(),
    level: taskLevelSchema,
    organisation: z.string(),
    escalatedTo: z.string().nullable(),
    openedAt: z.string(),
    dueOn: z.string().nullable(),
    dueBy: z.string(),
    overdue: z.boolean(),
    claim: z
      .strictObject({ name: z.string(), at: z.string(), lapsesOn: z.string(), mine: z.boolean() })
      .nullable(),
    status: z.enum(['OPEN', 'DECIDED', 'CLOSED']),
    decidedBy: z.string().optional(),
    decidedAt: z.string().optional(),
  })
  .meta({ id: 'Task' });

/** Past its due day. What has none is not overdue: no calendar reaches it, and a person sets the day. */
export const isOverdue = ({ dueOn }: Pick<Task, 'dueOn'>, now: number): boolean =>
  dueOn !== null && dueOn < beijingDate(now);

/** `now` is case time. */
export const taskView = (task: Task, caller: Caller, now: number): JsonObject => {
  const claim = bindingClaim(task, now);
  return {
    taskId: task.taskId,
    caseId: task.caseId,
    kind: task.kind,
    name: TASKS[task.kind].name,
    level: TASKS[task.kind].level,
    organisation: task.organisation,
    escalatedTo: task.escalatedTo,
    openedAt: task.openedAt,
    dueOn: task.dueOn,
    /** The law sets no time for these: the unit does. */
    dueBy: '本单位规定',
    overdue: task.state.status === 'OPEN' && isOverdue(task, now),
    claim:
      claim === null
        ? null
        : {
            name: claim.name,
            at: claim.at,
            lapsesOn: claim.lapsesOn,
            mine: claim.subject === caller.subject,
          },
    status: task.state.status,
    ...(task.state.status === 'DECIDED' ? { decidedBy: task.state.by, decidedAt: task.state.at } : {}),
  };
};
