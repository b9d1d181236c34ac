/** The inbox: open tasks of the caller's union, of what was escalated to it, or the worker's own supplement. */

import { isTaskOf } from '#functions/decide-task/decide-task.ts';
import { type Caller, scopesOf } from '#functions/shared/access/policy.ts';
import { casesOf, readCase } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { readObjections } from '#functions/shared/notice-store.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { findTask, parseTask, type Task, taskNotFound } from '#functions/shared/task-store.ts';

type Needs = Pick<Ports, 'items'>;
type Page = { readonly limit?: number | undefined; readonly cursor?: string | undefined };
type TaskPage = { readonly tasks: readonly Task[]; readonly cursor?: string };

const own = async (ports: Needs, caller: Caller): Promise<TaskPage> => {
  const page = await ports.items.query({ pk: keys.ownerIndex(caller.subject), index: 'gsi1', limit: 100 });
  const ids = casesOf(page.items).flatMap(({ openTask }) => (openTask === null ? [] : [openTask.taskId]));
  const found = await Promise.all(ids.map((id) => findTask(ports.items, id)));
  return {
    tasks: found.flatMap((one) => (one !== undefined && isTaskOf(caller, one.task) ? [one.task] : [])),
  };
};

/** Sorted by due date. `escalated`: what has come up from the level below. */
export const listTasks = async (
  ports: Needs,
  caller: Caller,
  { limit, cursor, escalated }: Page & { readonly escalated: boolean },
): Promise<TaskPage> => {
  if (caller.organisation === undefined) return own(ports, caller);
  const page = await ports.items.query({
    pk: keys.inbox(caller.organisation),
    index: escalated ? 'gsi2' : 'gsi1',
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  const all = scopesOf(caller, 'task.list').has('all');
  return {
    tasks: page.items.map(parseTask).filter((task) => all || isTaskOf(caller, task)),
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  };
};

export const readTask = async (ports: Needs, caller: Caller, taskId: string): Promise<Task> => {
  const found = await findTask(ports.items, taskId);
  if (found === undefined) throw taskNotFound();
  if (!isTaskOf(caller, found.task) && !scopesOf(caller, 'task.read').has('all')) {
    throw new AppError('not-allowed', 403, '该任务不属于您或您所在的工会。');
  }
  return found.task;
};

/** What the one who investigates has to look into; empty for every other kind of task. */
export const objectionsOf = async (ports: Needs, task: Task): Promise<readonly JsonObject[]> => {
  if (task.kind !== 'objections') return [];
  const { notice } = await readCase(ports.items, task.caseId);
  const objections = notice === null ? [] : await readObjections(ports.items, notice.noticeId);
  return objections.map(({ objectionId, text, raisedAt, contact }) => ({
    objectionId,
    text,
    raisedAt,
    contact: contact?.masked ?? null,
  }));
};
