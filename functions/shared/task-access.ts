/**
 * Who a task belongs to, and who may do something about it: the policy's scopes, read over tasks. No one decides at
 * two levels of one case, nor on the own household (B-4); what a colleague has claimed is the colleague's.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Case } from '#domain/filing/case.ts';
import { TASKS, type TaskLevel } from '#domain/filing/tasks.ts';
import {
  allows,
  type Caller,
  type Involvement,
  mayDecide,
  type Resource,
  type Role,
} from './access/policy.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import type { ItemStore } from './ports.ts';
import { type Claim, pathTo, type Task } from './task-store.ts';

const ROLE_OF_LEVEL: Readonly<Record<TaskLevel, Role>> = {
  grassroots: 'grassrootsOfficer',
  superior: 'superiorOfficer',
  centre: 'centreReviewer',
};

/** Whether the task is one of the caller's: by role and union, or as the worker whose supplement it is. */
export const isTaskOf = (caller: Caller, task: Task): boolean => {
  if (task.kind === 'supplement' && caller.roles.includes('applicant') && caller.subject === task.applicant) {
    return true;
  }
  const role: Role = task.kind === 'meeting' ? 'meetingSecretary' : ROLE_OF_LEVEL[TASKS[task.kind].level];
  const above: readonly Role[] =
    task.kind === 'meeting' ? ['meetingSecretary'] : ['superiorOfficer', 'centreReviewer'];
  const holdsAbove = above.some((held) => caller.roles.includes(held));
  if (caller.organisation === undefined) return false;
  if (caller.organisation === task.organisation) {
    return caller.roles.includes(role) || (task.standsIn && holdsAbove);
  }
  return caller.organisation === task.escalatedTo && holdsAbove;
};

/**
 * What access to a task hangs on: it lies in the territory of its union and of those above. Of all tasks of a case the
 * supplement alone is the worker's too; in the others stands what objectors and colleagues say.
 */
export const resourceOfTask = (task: Task): Resource => ({
  ...(task.kind === 'supplement' ? { ownerSubject: task.applicant } : {}),
  organisation: task.organisation,
  organisationPath: pathTo(task),
});

/** 409: who decided, when, and what. */
export const alreadyDecided = (task: Task): AppError => {
  const { state } = task;
  return state.status === 'DECIDED'
    ? new AppError('task-already-decided', 409, `该任务已由${state.by}于${state.at}办理。`, {
        by: state.by,
        at: state.at,
      })
    : new AppError('task-closed', 409, '该任务已随申请结束。');
};

export const notYours = (): AppError =>
  new AppError('not-allowed', 403, '您没有办理此任务的权限，或者它不属于您所在的工会。');

/** A supplement is the household's: there is nothing in it to be kept from others. */
export const requireClaimable = (task: Task): void => {
  if (task.kind === 'supplement') {
    throw new AppError('not-claimable', 409, '补正由申请人办理，工会各经办人都可以协助，不需要认领。');
  }
};

/** Whose the task is may hand it on, and a union above: `above` says whether it is that. Throws 403 for anyone else. */
export const requireAssigner = (caller: Caller, task: Task): { readonly above: boolean } => {
  const above =
    caller.organisation !== task.organisation && allows(caller, 'task.assign', resourceOfTask(task));
  if (!isTaskOf(caller, task) && !above) throw notYours();
  return { above };
};

/** The claim that binds today; a claim lapses with its last day, so that nothing waits unseen behind it. */
export const bindingClaim = (task: Task, now: number): Claim | null =>
  task.claim !== null && beijingDate(now) <= task.claim.lapsesOn ? task.claim : null;

/** Throws 409 `claimed-by-other` where a colleague has claimed the task. */
export const requireUnclaimed = (caller: Caller, task: Task, now: number): void => {
  const claim = bindingClaim(task, now);
  if (claim === null || claim.subject === caller.subject) return;
  throw new AppError(
    'claimed-by-other',
    409,
    `该任务已由${claim.name}认领，至${claim.lapsesOn}有效；请由认领人办理，或待其释放、转交后办理。`,
    { by: claim.name, lapsesOn: claim.lapsesOn },
  );
};

/**
 * The accounts of the people of a case, legal supporters among them. An account stands at the blind index of its
 * person's ID number (`ACCOUNT#<blind index>`, `data.subject`), written where accounts are made.
 */
const householdSubjects = async (
  items: ItemStore,
  { persons, supporters }: Case,
): Promise<readonly string[]> => {
  const found = await Promise.all(
    [...persons, ...supporters].map(({ idIndex }) => items.get(keys.accountGuard(idIndex))),
  );
  return found.flatMap((item) => (typeof item?.data.subject === 'string' ? [item.data.subject] : []));
};

/** Throws 403 `own-household`: nobody visits the own household for the union, so that its facts come from others. */
export const requireNoKin = async (items: ItemStore, caller: Caller, record: Case): Promise<void> => {
  const involvement = {
    deciders: [],
    ownerSubject: record.applicant,
    householdSubjects: await householdSubjects(items, record),
  };
  if (mayDecide(caller, involvement)) return;
  throw new AppError('own-household', 403, '不能走访、办理本人家庭的申请，请由其他同志办理。', {
    clause: 'B-4',
  });
};

/** Who has to do with the case already, so as not to decide this task. */
export const involvementIn = async (items: ItemStore, record: Case, task: Task): Promise<Involvement> => {
  const elsewhere = record.opinions.filter(
    ({ task: kind }) => kind !== 'supplement' && TASKS[kind].level !== TASKS[task.kind].level,
  );
  return {
    deciders: elsewhere.map(({ by }) => by.subject),
    ownerSubject: record.applicant,
    householdSubjects: await householdSubjects(items, record),
  };
};

/** Throws 403 `decided-before`: handing in a supplement is no decision, all else is. */
export const requireIndependent = async (
  items: ItemStore,
  caller: Caller,
  record: Case,
  task: Task,
): Promise<void> => {
  if (task.kind === 'supplement') return;
  if (!mayDecide(caller, await involvementIn(items, record, task))) {
    throw new AppError(
      'decided-before',
      403,
      '同一申请不能由同一人在两级工会办理，也不能办理本人家庭的申请。',
      { clause: 'B-4' },
    );
  }
};
