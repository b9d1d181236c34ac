/**
 * Who can take a task over, where it is known here which posts people hold: an active account with a post at the task's
 * union that decides tasks of this kind, of somebody who has decided nothing at another level of the case and is none of
 * the household (B-4).
 */
import type { Case } from '#domain/filing/case.ts';
import { actingAs, type Person } from '#domain/people/person.ts';
import { mayDecide } from './access/policy.ts';
import { type Fault, fault } from './errors.ts';
import { keys } from './keys.ts';
import { readAll } from './pages.ts';
import { parsePerson } from './people-store.ts';
import type { ItemStore } from './ports.ts';
import { involvementIn, isTaskOf } from './task-access.ts';
import type { Task } from './task-store.ts';

const FIELD = '/to/subject';

/** Says of each person why not; undefined where nothing is against it. */
export const assigneeCheck = async (
  items: ItemStore,
  record: Case,
  task: Task,
): Promise<(person: Person | undefined) => Fault | undefined> => {
  const involvement = await involvementIn(items, record, task);
  return (person) => {
    if (person === undefined) {
      return fault(FIELD, 'unknown-person', '没有这个人的账号，请从同事名单中选择。');
    }
    if (person.state === 'suspended') {
      return fault(FIELD, 'suspended', '此人的账号已停用，请转交给其他同事。');
    }
    const caller = { subject: person.subject, name: person.name, ...actingAs(person) };
    if (caller.organisation !== task.organisation || !isTaskOf(caller, task)) {
      return fault(FIELD, 'wrong-post', '此人在该工会没有可以办理此任务的岗位，请从同事名单中选择。');
    }
    if (!mayDecide(caller, involvement)) {
      return fault(
        FIELD,
        'decided-before',
        '此人已在另一级工会办理过该申请，或者是该家庭的成员，请转交给其他同事。',
      );
    }
    return undefined;
  };
};

/** The people who can take the task over, by name. */
export const assigneesOf = async (items: ItemStore, record: Case, task: Task): Promise<readonly Person[]> => {
  const check = await assigneeCheck(items, record, task);
  const people = await readAll(items, { index: 'gsi1', pk: keys.peopleIndex(task.organisation) });
  return people.map(parsePerson).filter((person) => check(person) === undefined);
};
