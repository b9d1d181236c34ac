/** The repository of tasks: what a person has to do in a case, and the workflow's token that waits for it. */
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import { type TaskKind, taskKindSchema } from '#domain/filing/task-kinds.ts';
import { TASKS } from '#domain/filing/tasks.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import type { Item, ItemOperation, ItemStore } from './ports.ts';

const TASK_SCHEMA = 1;

const claimSchema = z.strictObject({
  subject: z.string(),
  name: z.string(),
  at: z.string(),
  /** Beijing date of the last day on which it binds (本单位规定). */
  lapsesOn: z.string(),
});
/** Whose of several colleagues a task is for the time being. */
export type Claim = z.infer<typeof claimSchema>;

export const taskSchema = z.strictObject({
  taskId: z.string(),
  caseId: z.string(),
  kind: taskKindSchema,
  submission: z.number().int(),
  visit: z.number().int(),
  /** The union whose task it is. */
  organisation: z.string(),
  /** The union is of a higher level than the task, and does it by its own people. */
  standsIn: z.boolean().default(false),
  /** The level above, once the task is overdue: it may decide too. */
  escalatedTo: z.string().nullable(),
  /** The unions of the case from the top of the tree down to the grassroots one. */
  organisationPath: z.array(z.string()).default([]),
  claim: claimSchema.nullable().default(null),
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
  sha256(`${caseId}/${submission}/${visit}/${kind}`).slice(0, 32);

/** By due day; what has none, as no calendar reaches it, comes last. */
const placeOf = ({ dueOn, taskId }: Task): string => `${dueOn ?? '9999-12-31'}#${taskId}`;

const taskItem = (task: Task, version: number): Item => {
  const place = { sk: placeOf(task) };
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
            gsi3: { pk: keys.openTasks(TASKS[task.kind].level), sk: `${task.openedAt}#${task.taskId}` },
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

/** From the top of the tree down to the task's own union: those in whose territory it lies. */
export const pathTo = ({ organisation, organisationPath }: Task): readonly string[] =>
  organisationPath.slice(0, organisationPath.indexOf(organisation) + 1);

/**
 * What those who watch see of an open task without reading it. It stands once with every union of the path, and says
 * nothing that changes while the task is open.
 */
const watchedSchema = z.strictObject({
  taskId: z.string(),
  kind: taskKindSchema,
  organisation: z.string(),
  organisationPath: z.array(z.string()),
  openedAt: z.string(),
  dueOn: z.string().nullable(),
});
export type WatchedTask = z.infer<typeof watchedSchema>;

export const parseWatched = (item: Item): WatchedTask => watchedSchema.parse(item.data);

/** The writes of a new task, for its own inbox and for all who watch. */
export const beginTask = (task: Task): readonly ItemOperation[] => [putTask(task, 0), ...watchTask(task)];

const watchTask = (task: Task): readonly ItemOperation[] => {
  const { taskId, kind, organisation, organisationPath, openedAt, dueOn } = task;
  // A synthetic case is in nobody's territory.
  if (task.synthetic) return [];
  return pathTo(task).map((watcher) => ({
    type: 'put',
    item: {
      ...keys.watched(watcher, placeOf(task)),
      version: 1,
      schema: 1,
      data: { taskId, kind, organisation, organisationPath, openedAt, dueOn },
    },
  }));
};

/** The writes of an open task that comes to another union, or under others: who watched before watches no more. */
export const moveTask = (before: Task, after: Task, version: number): readonly ItemOperation[] => {
  const watching = pathTo(after);
  return [
    putTask(after, version),
    ...watchTask(after),
    ...pathTo(before)
      .filter((watcher) => !watching.includes(watcher))
      .map((watcher): ItemOperation => ({ type: 'delete', key: keys.watched(watcher, placeOf(before)) })),
  ];
};

/** The writes of a task that is decided or closed: it is out of every inbox. */
export const endTask = (task: Task, version: number): readonly ItemOperation[] => [
  putTask(task, version),
  ...pathTo(task).map(
    (watcher): ItemOperation => ({ type: 'delete', key: keys.watched(watcher, placeOf(task)) }),
  ),
];

export const taskNotFound = (): AppError =>
  new AppError('task-not-found', 404, '没有找到该任务，可能已随申请结束。');
