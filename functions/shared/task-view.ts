/** A task as the API shows it: its token never leaves the back end. */
import * as z from 'zod';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import { TASKS } from '#domain/filing/tasks.ts';
import type { JsonObject } from './ports.ts';
import type { Task } from './task-store.ts';

export const taskViewSchema = z
  .strictObject({
    taskId: z.string(),
    caseId: z.string(),
    kind: taskKindSchema,
    name: z.string(),
    organisation: z.string(),
    escalatedTo: z.string().nullable(),
    openedAt: z.string(),
    dueOn: z.string().nullable(),
    status: z.enum(['OPEN', 'DECIDED', 'CLOSED']),
    decidedBy: z.string().optional(),
    decidedAt: z.string().optional(),
  })
  .meta({ id: 'Task' });

export const taskView = (task: Task): JsonObject => ({
  taskId: task.taskId,
  caseId: task.caseId,
  kind: task.kind,
  name: TASKS[task.kind].name,
  organisation: task.organisation,
  escalatedTo: task.escalatedTo,
  openedAt: task.openedAt,
  dueOn: task.dueOn,
  status: task.state.status,
  ...(task.state.status === 'DECIDED' ? { decidedBy: task.state.by, decidedAt: task.state.at } : {}),
});
