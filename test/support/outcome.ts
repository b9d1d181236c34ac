/**
 * What a run came to, so that two editions can be held against each other: cases, their tasks and audit events, without
 * what must differ from run to run. Ids, hashes of chains, seals and blind indexes go; instants keep their Beijing date,
 * for the law counts in days; the last part of a file's number goes, since whoever is first takes the first. Papers that
 * arrive together arrive in any order.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Json, JsonObject } from '#domain/json.ts';
import { readCase, readEvents } from '#functions/shared/case-store.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import { findTask } from '#functions/shared/task-store.ts';

/** Keyed, random, or bound to times: they say nothing of the outcome. */
const WITHOUT: ReadonlySet<string> = new Set([
  'sealed',
  'idIndex',
  'personsDigest',
  'taskToken',
  'hash',
  // Digests over ids and blind indexes, of what an opinion was given on.
  'seen',
  'previous',
  'manifestSha256',
  // Of the centre's signed message, by a key that is made anew for each run.
  'digest',
  'keyId',
]);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ID = /\b[0-9a-hjkmnp-tv-z]{26}\b/g;
const TASK_ID = /\b[0-9a-f]{32}\b/g;
const FILE_NUMBER = /-\d{5}$/;

const text = (value: string, key: string): string => {
  if (INSTANT.test(value)) return `on ${beijingDate(Date.parse(value))}`;
  if (key === 'number' || key === 'fileNumber') return value.replace(FILE_NUMBER, '-‹number›');
  return value.replaceAll(ID, '‹id›').replaceAll(TASK_ID, '‹task›');
};

const stripped = (value: Json, key = ''): Json => {
  if (typeof value === 'string') return text(value, key);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one: Json) => stripped(one, key));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      WITHOUT.has(name) ? [] : [[name, stripped(part, name)]],
    ),
  );
};

const typeOf = (event: Json): Json | undefined =>
  event !== null && typeof event === 'object' && !Array.isArray(event) && 'type' in event
    ? event.type
    : undefined;

/** Runs of `documentReceived` in one order; where each stands in the chain goes with them. */
const settled = (events: readonly Json[]): readonly Json[] => {
  const ordered: Json[] = [];
  let together: Json[] = [];
  const close = (): void => {
    ordered.push(
      ...together.toSorted((a, b) => ((canonicalize(a) ?? '') < (canonicalize(b) ?? '') ? -1 : 1)),
    );
    together = [];
  };
  for (const event of events) {
    if (typeOf(event) === 'documentReceived') {
      together.push(event);
    } else {
      close();
      ordered.push(event);
    }
  }
  close();
  return ordered;
};

type CaseRun = {
  readonly record: Json;
  readonly tasks: readonly Json[];
  readonly events: readonly JsonObject[];
};

/** What is the same for every run that comes to the same. */
export const comparable = ({ record, tasks, events }: CaseRun): JsonObject => ({
  case: stripped(record),
  tasks: tasks.map((task) => stripped(task)),
  events: settled(events.map(({ sequence: _, ...event }) => stripped(event))),
});

const taskOpened = z.object({ taskId: z.string() });

/** One case by what it came to. */
const outcomeOfCase = async (items: ItemStore, caseId: string): Promise<JsonObject> => {
  const record = await readCase(items, caseId);
  const events = await readEvents(items, caseId);
  const taskIds = events.flatMap(({ type, data }) =>
    type === 'taskOpened' ? [taskOpened.parse(data).taskId] : [],
  );
  const tasks = await Promise.all(
    taskIds.map(async (taskId) => {
      const found = await findTask(items, taskId);
      if (found === undefined) throw new Error('a task that was opened is gone');
      return found.task;
    }),
  );
  return comparable({ record, tasks, events });
};

/** Cases by a name of the test's own. */
export const outcomeOf = async (
  items: ItemStore,
  cases: ReadonlyMap<string, string>,
): Promise<JsonObject> => {
  const named = [...cases].map(async ([name, caseId]) => [name, await outcomeOfCase(items, caseId)] as const);
  return Object.fromEntries(await Promise.all(named));
};

/** SHA-256 of the canonical JSON of an outcome. */
export const outcomeHash = (outcome: JsonObject): string =>
  createHash('sha256')
    .update(canonicalize(outcome) ?? '')
    .digest('hex');
