/**
 * What colleagues do about a task short of deciding it: claim it, let go of it, hand it to another, write a note. Each is
 * an event of the case's audit chain. A claim binds for as many working days as the unit says and then lapses by itself.
 */
import { addWorkingDays, CalendarUnknown } from '#domain/calendar/calendar.ts';
import { addDays, beijingDate } from '#domain/calendar/dates.ts';
import type { Case } from '#domain/filing/case.ts';
import type { EventType } from '#domain/filing/events.ts';
import { type Caller, requireAccess } from '#functions/shared/access/policy.ts';
import { assigneeCheck } from '#functions/shared/assignees.ts';
import {
  actorOf,
  type CasePorts,
  changeCase,
  type Letter,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { InvalidInput } from '#functions/shared/errors.ts';
import { findPerson } from '#functions/shared/people-store.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { secondsOf } from '#functions/shared/settings.ts';
import {
  alreadyDecided,
  bindingClaim,
  isTaskOf,
  notYours,
  requireAssigner,
  requireClaimable,
  requireIndependent,
  requireUnclaimed,
  resourceOfTask,
} from '#functions/shared/task-access.ts';
import { type Claim, findTask, putTask, type Task, taskNotFound } from '#functions/shared/task-store.ts';

type Needs = CasePorts & Pick<Ports, 'settings'>;
type Colleague = Pick<Claim, 'subject' | 'name'>;

const DAY_MS = 86_400_000;

/** The last day of a claim made now. Where no calendar reaches, by natural days: it is no day of the law. */
const lastDay = ({ settings, clock }: Needs): string => {
  const today = beijingDate(clock.now());
  const days = settings.waitingTimes.claim;
  try {
    return addWorkingDays(today, days);
  } catch (error) {
    if (error instanceof CalendarUnknown) return addDays(today, (secondsOf(days) * 1000) / DAY_MS);
    throw error;
  }
};

const claimOf = (ports: Needs, { subject, name }: Colleague): Claim => ({
  subject,
  name,
  at: new Date(ports.clock.now()).toISOString(),
  lapsesOn: lastDay(ports),
});

/** What becomes of the task, and what the chain says of it. */
type Handling = {
  readonly claim: Claim | null;
  readonly type: EventType;
  readonly data: JsonObject;
  readonly letters?: readonly Letter[];
};

/** Judges the task on the case that it is written with; `null`: nothing to do. */
type Judge = (task: Task, record: Case) => Handling | null | Promise<Handling | null>;

const handle = (ports: Needs, caller: Caller, taskId: string, judge: Judge): Promise<Task> =>
  untilSettled(async () => {
    const found = await findTask(ports.items, taskId);
    if (found === undefined) throw taskNotFound();
    const { task, version } = found;
    let handled = task;
    await changeCase(ports, task.caseId, async (current) => {
      const handling = await judge(task, current);
      if (handling === null) return null;
      if (task.state.status !== 'OPEN') throw alreadyDecided(task);
      handled = { ...task, claim: handling.claim };
      return {
        next: current,
        event: {
          type: handling.type,
          actor: actorOf(caller),
          data: { kind: task.kind, taskId, ...handling.data },
        },
        operations: [putTask(handled, version)],
        letters: handling.letters ?? [],
      };
    });
    return handled;
  });

/** Errors: 403, 409 `claimed-by-other`, `not-claimable`, `task-already-decided`. Claiming again renews the claim. */
export const claimTask = (ports: Needs, caller: Caller, taskId: string): Promise<Task> =>
  handle(ports, caller, taskId, async (task, record) => {
    if (!isTaskOf(caller, task)) throw notYours();
    if (task.state.status !== 'OPEN') throw alreadyDecided(task);
    requireClaimable(task);
    requireUnclaimed(caller, task, ports.clock.now());
    await requireIndependent(ports.items, caller, record, task);
    const claim = claimOf(ports, caller);
    return { claim, type: 'claimed', data: { lapsesOn: claim.lapsesOn } };
  });

/** The claimer lets go. Releasing what nobody has claimed changes nothing. */
export const releaseTask = (ports: Needs, caller: Caller, taskId: string): Promise<Task> =>
  handle(ports, caller, taskId, (task) => {
    if (!isTaskOf(caller, task)) throw notYours();
    requireUnclaimed(caller, task, ports.clock.now());
    return task.claim === null ? null : { claim: null, type: 'released', data: {} };
  });

/**
 * The colleague as the accounts have it. Where it isn't known here who holds which post, the word of the one who assigns has
 * to do. Errors: 422 with the reason, or 403 `decided-before`.
 */
const colleagueOf = async (
  ports: Needs,
  caller: Caller,
  record: Case,
  task: Task,
  to: Colleague,
): Promise<Colleague> => {
  if (ports.settings.rolesFrom === 'claims') {
    await requireIndependent(ports.items, { ...caller, ...to }, record, task);
    return to;
  }
  const person = await findPerson(ports.items, to.subject);
  const found = (await assigneeCheck(ports.items, record, task))(person);
  if (found !== undefined) throw new InvalidInput([found], found.message);
  return person === undefined ? to : { subject: person.subject, name: person.name };
};

/**
 * Hands the task to a named colleague of the union whose it is: by one whose task it is (and who has it, where it is
 * claimed), or by a union above. The colleague still needs role and union to decide it.
 */
export const assignTask = (
  ports: Needs,
  caller: Caller,
  taskId: string,
  { to, reason }: { readonly to: Colleague; readonly reason: string },
): Promise<Task> =>
  handle(ports, caller, taskId, async (task, record) => {
    const { above } = requireAssigner(caller, task);
    if (task.state.status !== 'OPEN') throw alreadyDecided(task);
    requireClaimable(task);
    if (!above) requireUnclaimed(caller, task, ports.clock.now());
    const colleague = await colleagueOf(ports, caller, record, task, to);
    const claim = claimOf(ports, colleague);
    const from = bindingClaim(task, ports.clock.now());
    return {
      claim,
      type: 'reassigned',
      data: { to: { ...colleague }, from: from?.name ?? null, reason, lapsesOn: claim.lapsesOn },
    };
  });

/** An internal note: on record, never shown to the household. */
export const commentTask = (ports: Needs, caller: Caller, taskId: string, text: string): Promise<Task> =>
  handle(ports, caller, taskId, (task) => {
    if (!isTaskOf(caller, task)) requireAccess(caller, 'task.comment', resourceOfTask(task));
    return { claim: task.claim, type: 'commented', data: { text } };
  });
