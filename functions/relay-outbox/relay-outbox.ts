/**
 * Tells the workflow and the people what the outbox holds, moves cases whose union is gone, tells running cases of bars, and goes on until done. A
 * row is removed only after it was delivered, so everything is delivered at least once: starts are idempotent by name, an
 * answer to a task that is closed already is settled, messages carry their id. A row that can't be delivered stays, is
 * counted, and is tried again by the next sweep; it holds up nobody else's. A message to people is tried again at
 * growing intervals, and put aside for the administrator in the end: people see it after signing in all the same.
 */

import { tellRunning } from '#functions/shared/bars.ts';
import { reseat } from '#functions/shared/custody.ts';
import { ConditionFailed } from '#functions/shared/errors.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { putDead } from '#functions/shared/message-store.ts';
import { type OutboxRow, outboxRowSchema } from '#functions/shared/outbox.ts';
import { pagesOf } from '#functions/shared/pages.ts';
import type { Item, Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items' | 'workflow' | 'notifier' | 'clock' | 'ids' | 'metrics' | 'organisations'>;

/** `deferred`: what is to become of the row is settled, and it needs nobody's attention before that. */
export type RelayFailure = { readonly row: Item; readonly error: unknown; readonly deferred: boolean };

/** One minute, two, four …: the tenth attempt comes eight and a half hours after the first. */
const MESSAGE_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 60_000;

type Notify = Extract<OutboxRow, { kind: 'notify' }>;

/** Keeps a message for later, or puts it aside after its last attempt. */
const defer = async (
  ports: Needs,
  row: Item,
  { message, attempts }: Notify,
  error: unknown,
): Promise<void> => {
  const tried = attempts + 1;
  const now = ports.clock.wall();
  const condition = { version: row.version };
  try {
    if (tried < MESSAGE_ATTEMPTS) {
      const set = { attempts: tried, notBefore: now + FIRST_PAUSE_MS * 2 ** attempts };
      await ports.items.transact([{ type: 'update', key: { pk: row.pk, sk: row.sk }, set, condition }]);
      return;
    }
    const name = error instanceof Error ? error.name : typeof error;
    await ports.items.transact([
      { type: 'delete', key: { pk: row.pk, sk: row.sk }, condition },
      putDead({ message, attempts: tried, error: name, since: new Date(now).toISOString() }),
    ]);
  } catch (failure) {
    // Another relay has tried it at the same time, and has settled it.
    if (!(failure instanceof ConditionFailed)) throw failure;
  }
};

const deliver = async (ports: Needs, row: OutboxRow): Promise<void> => {
  switch (row.kind) {
    case 'start':
      await ports.workflow.start(row.execution, row.input);
      return;
    case 'stop':
      await ports.workflow.stop(row.execution, row.error, row.cause);
      return;
    case 'answer':
      await ports.workflow.complete(row.taskToken, row.output);
      return;
    case 'heartbeat':
      await ports.workflow.heartbeat(row.taskToken);
      return;
    case 'notify':
      await ports.notifier.send(row.message);
      return;
    case 'reseat':
      await reseat(ports, row.organisations);
      return;
    case 'sanction':
      await tellRunning(ports, row.sanctionId);
  }
};

/**
 * Delivers rows, in their order, and removes those that were delivered; the failures come back with their rows. At most
 * 100 rows. A row that another relay has removed meanwhile is done all the same.
 */
export const relayRows = async (ports: Needs, rows: readonly Item[]): Promise<readonly RelayFailure[]> => {
  const failures: RelayFailure[] = [];
  const delivered: Item[] = [];
  for (const row of rows) {
    const parsed = outboxRowSchema.safeParse(row.data);
    if (!parsed.success) {
      failures.push({ row, error: parsed.error, deferred: false });
      continue;
    }
    const { data } = parsed;
    if (data.kind === 'notify' && data.notBefore > ports.clock.wall()) continue;
    try {
      await deliver(ports, data);
      delivered.push(row);
    } catch (error) {
      const deferred = data.kind === 'notify';
      if (deferred) await defer(ports, row, data, error);
      failures.push({ row, error, deferred });
    }
  }
  if (delivered.length > 0) {
    await ports.items.transact(delivered.map(({ pk, sk }) => ({ type: 'delete', key: { pk, sk } })));
  }
  return failures;
};

/** Goes through the whole outbox, oldest first; the failures come back with their rows. */
export const sweepOutbox = async (ports: Needs): Promise<readonly RelayFailure[]> => {
  const failures: RelayFailure[] = [];
  for (const pk of outboxPartitions) {
    for await (const rows of pagesOf(ports.items, { pk, limit: 100 })) {
      failures.push(...(await relayRows(ports, rows)));
    }
  }
  return failures;
};
