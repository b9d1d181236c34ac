/** The repository of tasks: what a person has to do in a case, and the workflow's token that waits for it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type TaskKind, taskKindSchema } from '#domain/filing/task-kinds.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import type { Item, ItemOperation, ItemStore } from './ports.ts';

const TASK_SCHEMA = 1;

export const taskSchema = z.strictObject({
  taskId: z.string(),
  caseId: z.string(),
  kind: taskKindSchema,
  submission: z.number().int(),
  visit: z.number().int(),
  /** The union whose task it is. */
  organisation: z.string(),
  /** The level above, once the task is overdue: it may decide too. */
  escalatedTo: z.string().nullable(),
  /** The worker of the case: a supplement is the worker's own task. */
  applicant: z.string(),
  /** Of a synthetic case: in nobody's inbox. */
  synthetic: z.literal(true).exactOptional(),
  openedAt: z.string(),
  /** Beijing date; null where the calendar of that year is not published yet. */
  dueOn: z.string().nullable(),
  /** Never leaves the back end. */
  taskToken: z.string(),
  state: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('OPEN') }),
    z.strictObject({
      status: z.literal('DECIDED'),
      /** What the workflow is told. */
      output: jsonObjectSchema,
      by: z.string(),
      at: z.string(),
    }),
    /** The case ended first. */
    z.strictObject({ status: z.literal('CLOSED') }),
  ]),
});
export type Task = z.infer<typeof taskSchema>;

/**
 * The id of a task: the same for the same kind in the same round of the same submission, however often the
 * workflow enters its state, so that a repeated entry finds the task that is there.
 */
export const taskIdOf = (caseId: string, submission: number, visit: number, kind: TaskKind): string =>
  createHash('sha256').update(`${caseId}/${submission}/${visit}/${kind}`).digest('hex').slice(0, 32);

const taskItem = (task: Task, version: number): Item => {
  const place = { sk: `${task.dueOn ?? '9999-12-31'}#${task.taskId}` };
  const listed = task.state.status === 'OPEN' && !task.synthetic;
  return {
    ...keys.task(task.taskId),
    version,
    schema: TASK_SCHEMA,
    data: task,
    // Only what is open stands in an inbox, and only where there is something to decide.
    ...(listed
      ? {
          index: {
            gsi1: { pk: keys.inbox(task.organisation), ...place },
            ...(task.escalatedTo === null ? {} : { gsi2: { pk: keys.inbox(task.escalatedTo), ...place } }),
          },
        }
      : {}),
  };
};

export const parseTask = (item: Item): Task => {
  if (item.schema !== TASK_SCHEMA)
    throw new Error(`task of schema ${item.schema}; this version reads ${TASK_SCHEMA}`);
  return taskSchema.parse(item.data);
};

export const findTask = async (
  items: ItemStore,
  taskId: string,
): Promise<{ task: Task; version: number } | undefined> => {
  const item = await items.get(keys.task(taskId));
  return item === undefined ? undefined : { task: parseTask(item), version: item.version };
};

/** The write of a task over the version that was read; 0 for a new one. */
export const putTask = (task: Task, version: number): ItemOperation => ({
  type: 'put',
  item: taskItem(task, version + 1),
  condition: version === 0 ? 'absent' : { version },
});

export const taskNotFound = (): AppError =>
  new AppError('task-not-found', 404, '没有找到该任务，可能已随申请结束。');
