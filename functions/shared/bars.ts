/**
 * Tells the running applications of whom a decision on a false declaration names (B-8.1): each carries the bar as a
 * finding, and its reviewers get a letter; where the decision is corrected, the finding goes again. Whether the file is
 * established is judged anew then, by the bars themselves.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Case } from '#domain/filing/case.ts';
import { barLetter } from '#domain/filing/letters.ts';
import { barOf, isInForce, type Sanction } from '#domain/filing/sanctions.ts';
import { mayWithdraw } from '#domain/filing/stages.ts';
import { TASKS } from '#domain/filing/tasks.ts';
import { type CaseChange, type CasePorts, changeCase, findCase, systemActor } from './case-store.ts';
import type { Ports } from './ports.ts';
import { casesOfPerson, getSanction } from './sanction-store.ts';

const ACTOR = systemActor('relay-outbox');

/** The unions that are at work on it: the one whose task is open, and the centre, which has the last word. */
const reviewersOf = ({ openTask, unions }: Case): readonly string[] => [
  ...new Set([...(openTask === null ? [] : [unions[TASKS[openTask.kind].level]]), unions.centre]),
];

const found = (current: Case, sanction: Sanction): CaseChange | null => {
  const barred = new Set(sanction.persons.map(({ idIndex }) => idIndex));
  const members = current.persons.filter(({ idIndex }) => barred.has(idIndex));
  const known = current.bars.some(({ sanctionId }) => sanctionId === sanction.sanctionId);
  if (known || members.length === 0) return null;
  const bar = barOf(sanction);
  const letter = barLetter(
    current,
    members.map(({ name }) => name),
    bar.number,
    bar.lastDay,
  );
  return {
    next: {
      ...current,
      bars: [...current.bars, ...members.map(({ memberId }) => ({ ...bar, memberId }))],
    },
    event: {
      type: 'barFound',
      actor: ACTOR,
      data: { ...bar, members: members.map(({ memberId }) => memberId), clause: 'B-8.1' },
    },
    letters: reviewersOf(current).map((organisation) => ({ to: { organisation }, ...letter })),
  };
};

const lifted = (current: Case, { sanctionId, number }: Sanction): CaseChange | null => {
  const bars = current.bars.filter((bar) => bar.sanctionId !== sanctionId);
  if (bars.length === current.bars.length) return null;
  return {
    next: { ...current, bars },
    event: { type: 'barLifted', actor: ACTOR, data: { sanctionId, number, clause: 'B-8.1' } },
  };
};

/** Telling again changes nothing. */
export const tellRunning = async (
  ports: CasePorts & Pick<Ports, 'items'>,
  sanctionId: string,
): Promise<void> => {
  const { sanction } = await getSanction(ports.items, sanctionId);
  const counts = isInForce(sanction) && beijingDate(ports.clock.now()) <= sanction.lastDay;
  const named = await Promise.all(sanction.persons.map(({ idIndex }) => casesOfPerson(ports.items, idIndex)));
  for (const caseId of new Set(named.flat())) {
    // What has ended is left alone; what was disposed of is gone.
    const stored = await findCase(ports.items, caseId);
    if (stored === undefined || !mayWithdraw(stored.record.stage)) continue;
    await changeCase(ports, caseId, (current) => {
      if (!mayWithdraw(current.stage)) return null;
      return counts ? found(current, sanction) : lifted(current, sanction);
    });
  }
};
