/** A task as the API shows it: its token never leaves the back end. */
import { TASKS } from '#domain/filing/tasks.ts';
import type { JsonObject } from './ports.ts';
import type { Task } from './task-store.ts';

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
