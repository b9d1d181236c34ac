/**
 * Who keeps a case, and who works on it, after the tree of unions has changed or its custody was handed over (B-10,
 * B-12). What a union did in a case stays on record with its name; access, the open task, a running notice and the work
 * to come go with the custody. An ended case keeps the unions that decided it.
 */

import type { Actor } from '#domain/filing/audit.ts';
import { type Case, custodyOf } from '#domain/filing/case.ts';
import { custodyLetter, taskLetter } from '#domain/filing/letters.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import { hasEnded } from '#domain/filing/stages.ts';
import { standsIn, TASKS } from '#domain/filing/tasks.ts';
import {
  type CaseChange,
  CaseConflict,
  type CasePorts,
  casesOf,
  changeCase,
  type Letter,
  systemActor,
  untilSettled,
} from './case-store.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import { getNotice, putNotice } from './notice-store.ts';
import { pagesOf } from './pages.ts';
import type { ItemOperation, JsonObject, Ports } from './ports.ts';
import { findTask, moveTask } from './task-store.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

/** Why the custody goes to another union, as the audit event and the letter say it. */
export type Reason = { readonly actor: Actor; readonly text: string; readonly data: JsonObject };

/** The open task goes to the union whose level it now is; whoever it had been escalated to is the level above that. */
const taskMove = async (
  ports: Needs,
  next: Case,
): Promise<{ readonly operations: readonly ItemOperation[]; readonly letters: readonly Letter[] }> => {
  const none = { operations: [], letters: [] };
  if (next.openTask === null) return none;
  const found = await findTask(ports.items, next.openTask.taskId);
  if (found === undefined || found.task.state.status !== 'OPEN') return none;
  const { task, version } = found;
  const { level } = TASKS[task.kind];
  const organisation = next.unions[level];
  const { path } = custodyOf(next);
  const stays = task.organisation === organisation;
  if (stays && task.organisationPath.join() === path.join()) return none;
  const escalatedTo = task.escalatedTo === null ? null : (path[path.indexOf(organisation) - 1] ?? null);
  const moved = {
    ...task,
    organisation,
    organisationPath: [...path],
    escalatedTo,
    // Whoever had claimed it worked for the other union.
    claim: stays ? task.claim : null,
    standsIn: standsIn(next.unions, level),
  };
  return {
    operations: moveTask(task, moved, version),
    letters:
      stays || task.kind === 'supplement'
        ? []
        : [{ to: { organisation }, ...taskLetter(next, task.kind, task.dueOn) }],
  };
};

/** People who look at the notice must reach a union that is there. */
const noticeMove = async (
  ports: Needs,
  tree: OrganisationTree,
  next: Case,
): Promise<readonly ItemOperation[]> => {
  if (next.notice === null) return [];
  const { notice, version } = await getNotice(ports.items, next.notice.noticeId);
  const heir = tree.heir(notice.organisation);
  if (notice.status !== 'running' || heir.id === notice.organisation) return [];
  return [putNotice({ ...notice, organisation: heir.id, supervisionPhone: heir.supervisionPhone }, version)];
};

/**
 * What it takes to have the case kept by `to`; null where it lies there already, in the tree as it is. Throws
 * `CaseConflict` while the archive is being made: it is closed with what it began with.
 */
export const custodyChange = async (
  ports: Needs,
  tree: OrganisationTree,
  current: Case,
  to: string,
  reason: Reason,
): Promise<CaseChange | null> => {
  const before = custodyOf(current);
  const path = tree.path(to);
  const unions = hasEnded(current.stage) ? current.unions : tree.seat(to);
  const same =
    before.organisation === to &&
    path.join() === before.path.join() &&
    unions.superior === current.unions.superior &&
    unions.centre === current.unions.centre;
  if (same) return null;
  if (current.stage === 'archiving') throw new CaseConflict();
  // Only the levels above have changed: it is in the same hands.
  const stays = before.organisation === to;
  const from = stays ? (current.custody?.from ?? to) : before.organisation;
  const transfer = stays ? (current.custody?.transfer ?? null) : null;
  const since = new Date(ports.clock.now()).toISOString();
  const next: Case = {
    ...current,
    unions,
    custody: { organisation: to, path: [...path], since, from, transfer },
  };
  const task = await taskMove(ports, next);
  const household: Letter = {
    to: 'household',
    ...custodyLetter(current, tree.get(before.organisation), tree.get(to), reason.text),
  };
  return {
    next,
    event: {
      type: 'custodyTransferred',
      actor: reason.actor,
      data: {
        ...reason.data,
        reason: reason.text,
        from: { organisation: before.organisation, path: before.path, unions: current.unions },
        to: { organisation: to, path, unions },
        clause: 'B-12',
      },
    },
    operations: [...task.operations, ...(await noticeMove(ports, tree, next))],
    letters: [...(stays ? [] : [household]), ...task.letters],
  };
};

/** Moves one case to where it lies in the present tree; nothing happens where it lies there. */
export const reseatCase = (ports: Needs, tree: OrganisationTree, caseId: string): Promise<Case> =>
  untilSettled(() =>
    changeCase(ports, caseId, (current) => {
      const from = custodyOf(current).organisation;
      const { name, dissolution } = tree.get(from);
      return custodyChange(ports, tree, current, tree.heir(from).id, {
        actor: systemActor('relay-outbox'),
        text: dissolution === null ? '工会隶属关系变更' : `${name}已于${dissolution.on}撤销`,
        data: {},
      });
    }),
  );

/**
 * Moves the cases that these unions keep to where they lie in the present tree: with their successor or custodian, and
 * along the present path (B-12). Doing it again changes nothing. A case whose archive is just being made is moved
 * the next time: `CaseConflict` at the end, all others being moved.
 */
export const reseat = async (ports: Needs, organisations: readonly string[]): Promise<void> => {
  const { tree } = await ports.organisations.snapshot();
  let busy = false;
  for (const id of organisations) {
    if (tree.find(id) === undefined) continue;
    for await (const page of pagesOf(ports.items, { index: 'gsi2', pk: keys.unionIndex(id) })) {
      for (const { caseId } of casesOf(page)) {
        try {
          await reseatCase(ports, tree, caseId);
        } catch (error) {
          // One that is being disposed of, or was meanwhile, moves no more.
          if (error instanceof AppError && error.code === 'case-not-found') continue;
          if (!(error instanceof CaseConflict)) throw error;
          busy = true;
        }
      }
    }
  }
  if (busy) throw new CaseConflict();
};
