/**
 * The inbox: open tasks of the caller's union, of what was escalated to it, of the territory below that it watches, or
 * the worker's own supplement; one task, its history; and what has waited longest. Nothing here shows a task of another
 * territory.
 */

import { beijingDate } from '#domain/calendar/dates.ts';
import type { AuditEvent } from '#domain/filing/audit.ts';
import { isInternal } from '#domain/filing/events.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import type { TaskKind } from '#domain/filing/task-kinds.ts';
import { TASKS, type TaskLevel, taskLevelSchema } from '#domain/filing/tasks.ts';
import type { Person } from '#domain/people/person.ts';
import { allows, type Caller, requireAccess, scopesOf } from '#functions/shared/access/policy.ts';
import { assigneesOf } from '#functions/shared/assignees.ts';
import { casesOf, readCase, readEvents } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { filteredPage } from '#functions/shared/filtered-page.ts';
import { keys } from '#functions/shared/keys.ts';
import { readObjections } from '#functions/shared/notice-store.ts';
import { readAll } from '#functions/shared/pages.ts';
import type { Item, ItemQuery, JsonObject, Ports } from '#functions/shared/ports.ts';
import { seenOf } from '#functions/shared/seen.ts';
import {
  alreadyDecided,
  bindingClaim,
  isTaskOf,
  requireAssigner,
  requireClaimable,
  resourceOfTask,
} from '#functions/shared/task-access.ts';
import { findTask, parseTask, parseWatched, type Task, taskNotFound } from '#functions/shared/task-store.ts';
import { isOverdue } from '#functions/shared/task-view.ts';

type Needs = Pick<Ports, 'items' | 'clock' | 'organisations' | 'settings'>;
type TaskPage = { readonly tasks: readonly Task[]; readonly cursor?: string };

export type TaskFilter = {
  readonly kind?: TaskKind | undefined;
  readonly level?: TaskLevel | undefined;
  readonly overdue?: boolean | undefined;
  readonly claimed?: 'me' | 'none' | 'others' | undefined;
  /** A union whose territory the case was filed in: a county, say. */
  readonly union?: string | undefined;
};

export type TaskListing = TaskFilter & {
  readonly inbox: 'own' | 'escalated' | 'below';
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

const fits = (task: Task, caller: Caller, filter: TaskFilter, now: number): boolean => {
  const claim = bindingClaim(task, now);
  const claimed = claim === null ? 'none' : claim.subject === caller.subject ? 'me' : 'others';
  return (
    (filter.kind === undefined || task.kind === filter.kind) &&
    (filter.level === undefined || TASKS[task.kind].level === filter.level) &&
    (filter.overdue === undefined || isOverdue(task, now) === filter.overdue) &&
    (filter.claimed === undefined || claimed === filter.claimed) &&
    (filter.union === undefined || task.organisationPath.includes(filter.union))
  );
};

const own = async (ports: Needs, caller: Caller, filter: TaskFilter): Promise<TaskPage> => {
  const page = await ports.items.query({ pk: keys.ownerIndex(caller.subject), index: 'gsi1', limit: 100 });
  const ids = casesOf(page.items).flatMap(({ openTask }) => (openTask === null ? [] : [openTask.taskId]));
  const found = await Promise.all(ids.map((id) => findTask(ports.items, id)));
  return {
    tasks: found.flatMap((one) =>
      one !== undefined && isTaskOf(caller, one.task) && fits(one.task, caller, filter, ports.clock.now())
        ? [one.task]
        : [],
    ),
  };
};

/** Where a listing reads: the keys, how an item becomes a task, and whether the caller may see it. */
type Source = {
  readonly query: Pick<ItemQuery, 'pk' | 'index'>;
  readonly read: (items: readonly Item[]) => Promise<readonly Task[]>;
  readonly sees: (task: Task) => boolean;
};

const notYourTerritory = (): AppError => new AppError('not-allowed', 403, '该工会不在您的管理范围内。');

/**
 * The union whose territory a caller watches: the own one, or the one asked for, which must lie below it. Throws 403
 * for any other, and for an id that is none: who may not see it learns nothing of it.
 */
const watchedUnion = (
  organisations: OrganisationTree,
  caller: Caller,
  wanted: string | undefined,
): string => {
  const [root] = caller.organisation === undefined ? organisations.roots() : [caller.organisation];
  const organisation = wanted ?? root;
  if (organisation === undefined || organisations.find(organisation) === undefined) throw notYourTerritory();
  const resource = { organisation, organisationPath: organisations.path(organisation) };
  if (!allows(caller, 'task.watch', resource)) throw notYourTerritory();
  return organisation;
};

/** Undefined for whoever acts for no union: a worker's tasks are found by the cases. */
const sourceOf = async (ports: Needs, caller: Caller, listing: TaskListing): Promise<Source | undefined> => {
  if (listing.inbox === 'below') {
    return {
      query: { pk: keys.watchedBy(watchedUnion(await ports.organisations.tree(), caller, listing.union)) },
      read: async (items) => {
        const found = await Promise.all(
          items.map((item) => findTask(ports.items, parseWatched(item).taskId)),
        );
        return found.flatMap((one) => (one === undefined ? [] : [one.task]));
      },
      sees: (task) => allows(caller, 'task.watch', resourceOfTask(task)),
    };
  }
  if (caller.organisation === undefined) return undefined;
  const all = scopesOf(caller, 'task.list').has('all');
  return {
    query: { pk: keys.inbox(caller.organisation), index: listing.inbox === 'escalated' ? 'gsi2' : 'gsi1' },
    read: async (items) => items.map(parseTask),
    sees: (task) => all || isTaskOf(caller, task),
  };
};

/**
 * Sorted by due day. `escalated`: what has come up from the level below; `below`: everything in the territory,
 * read-only. Index reads may lag, so what was decided a moment ago may still show as open and is refused when decided.
 */
export const listTasks = async (ports: Needs, caller: Caller, listing: TaskListing): Promise<TaskPage> => {
  const source = await sourceOf(ports, caller, listing);
  if (source === undefined) return own(ports, caller, listing);
  const { query, read, sees } = source;
  const now = ports.clock.now();
  const { found, cursor } = await filteredPage(
    ports.items,
    // By due day: what is overdue comes first, and ends before today's.
    { ...query, ...(listing.overdue === true ? { sk: { to: beijingDate(now) } } : {}) },
    listing,
    async (items) =>
      (await read(items)).filter(
        (task) => task.state.status === 'OPEN' && sees(task) && fits(task, caller, listing, now),
      ),
  );
  return { tasks: found, ...(cursor === undefined ? {} : { cursor }) };
};

export const readTask = async (
  ports: Pick<Ports, 'items'>,
  caller: Caller,
  taskId: string,
): Promise<Task> => {
  const found = await findTask(ports.items, taskId);
  if (found === undefined) throw taskNotFound();
  if (!isTaskOf(caller, found.task)) requireAccess(caller, 'task.read', resourceOfTask(found.task));
  return found.task;
};

/** What the one who decides has before them: with the task, the digests to send back (`seen`). */
export const contentOf = async (ports: Pick<Ports, 'items'>, task: Task): Promise<JsonObject> => {
  const record = await readCase(ports.items, task.caseId);
  return { objections: await objectionsOf(ports, task), seen: await seenOf(ports.items, record) };
};

/** What the one who investigates has to look into; empty for every other kind of task. */
const objectionsOf = async (ports: Pick<Ports, 'items'>, task: Task): Promise<JsonObject[]> => {
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

/** Everything that ever happened to a task, from the case's audit chain. Notes are for those who work on it. */
export const historyOf = async (
  ports: Pick<Ports, 'items'>,
  caller: Caller,
  task: Task,
): Promise<readonly AuditEvent[]> =>
  (await readEvents(ports.items, task.caseId)).filter(
    ({ type, data }) =>
      data.taskId === task.taskId && (caller.subject !== task.applicant || !isInternal(type)),
  );

const OLDEST = 20;

/**
 * What waits in a territory, so that nothing waits unseen: by level and by the unions right below, how much is open and
 * overdue and since when; and the ones that have waited longest.
 */
export const ageing = async (
  ports: Needs,
  caller: Caller,
  union: string | undefined,
): Promise<JsonObject> => {
  const tree = await ports.organisations.tree();
  const organisation = watchedUnion(tree, caller, union);
  const now = ports.clock.now();
  const tasks = (await readAll(ports.items, { pk: keys.watchedBy(organisation) })).map(parseWatched);
  const oldestFirst = tasks.toSorted((one, other) => (one.openedAt < other.openedAt ? -1 : 1));
  const summary = (some: typeof tasks): JsonObject => ({
    open: some.length,
    overdue: some.filter((task) => isOverdue(task, now)).length,
    withoutDueDay: some.filter(({ dueOn }) => dueOn === null).length,
    oldestSince: some[0]?.openedAt ?? null,
  });
  const below = Map.groupBy(oldestFirst, (task) => {
    const place = task.organisationPath.indexOf(organisation);
    return task.organisation === organisation
      ? organisation
      : (task.organisationPath[place + 1] ?? organisation);
  });
  return {
    organisation,
    levels: taskLevelSchema.options.map((level) => ({
      level,
      ...summary(oldestFirst.filter(({ kind }) => TASKS[kind].level === level)),
    })),
    unions: [...below].map(([id, some]) => ({
      organisation: id,
      name: tree.find(id)?.name ?? id,
      ...summary(some),
    })),
    oldest: oldestFirst.slice(0, OLDEST).map((task) => ({
      taskId: task.taskId,
      kind: task.kind,
      name: TASKS[task.kind].name,
      level: TASKS[task.kind].level,
      organisation: task.organisation,
      openedAt: task.openedAt,
      dueOn: task.dueOn,
      overdue: isOverdue(task, now),
    })),
  };
};

/** Who can take the task over; null where it isn't known here who holds which post. For those who may hand it on. */
export const listAssignees = async (
  ports: Needs,
  caller: Caller,
  taskId: string,
): Promise<readonly Person[] | null> => {
  const found = await findTask(ports.items, taskId);
  if (found === undefined) throw taskNotFound();
  const { task } = found;
  requireAssigner(caller, task);
  if (task.state.status !== 'OPEN') throw alreadyDecided(task);
  requireClaimable(task);
  if (ports.settings.rolesFrom === 'claims') return null;
  return assigneesOf(ports.items, await readCase(ports.items, task.caseId), task);
};
