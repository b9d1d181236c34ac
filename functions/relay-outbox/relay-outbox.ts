/**
 * Tells the workflow and the people what the outbox holds, moves cases whose union is gone, tells running cases of bars, and goes on until done. A
 * row is removed only after it was delivered, so everything is delivered at least once: starts are idempotent by name, an
 * answer to a task that is closed already is settled, messages carry their id. A row that can't be delivered stays, is
 * counted, and is tried again by the next sweep; it holds up nobody else's. A message to people goes by every channel that is
 * configured. One that fails is tried again by itself at growing intervals, so that nothing goes twice by one that worked; in
 * the end, or at once where it never will be taken, it is put aside for the administrator: people see it after signing in
 * all the same.
 */

import { tellRunning } from '#functions/shared/bars.ts';
import { reseat } from '#functions/shared/custody.ts';
import { ConditionFailed, NotifierRefused } from '#functions/shared/errors.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { putDead } from '#functions/shared/message-store.ts';
import { type OutboxRow, outboxOperation, outboxRowSchema } from '#functions/shared/outbox.ts';
import { pagesOf } from '#functions/shared/pages.ts';
import {
  CHANNELS,
  type Channel,
  type Channels,
  type Item,
  type ItemOperation,
  type Ports,
} from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items' | 'workflow' | 'channels' | 'clock' | 'ids' | 'metrics' | 'organisations'>;

/** `deferred`: what is to become of the row is settled, and it needs nobody's attention before that. */
export type RelayFailure = { readonly row: Item; readonly error: unknown; readonly deferred: boolean };

/** One minute, two, four …: the tenth attempt comes eight and a half hours after the first. */
const MESSAGE_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 60_000;

type Notify = Extract<OutboxRow, { kind: 'notify' }>;

type Unsent = { readonly channel: Channel; readonly error: unknown };

/** Sends by every channel, or by the one that is left; what didn't go out comes back. */
const notify = async (channels: Channels, { message, channel: left }: Notify): Promise<readonly Unsent[]> => {
  const ways = left === null ? CHANNELS.filter((channel) => channels[channel] !== undefined) : [left];
  const outcomes = await Promise.allSettled(
    ways.map(async (channel) => {
      const notifier = channels[channel];
      if (notifier === undefined) throw new NotifierRefused('the channel is not configured any more');
      await notifier.send(message);
    }),
  );
  return outcomes.flatMap((outcome, index) => {
    const channel = ways[index];
    if (outcome.status === 'fulfilled' || channel === undefined) return [];
    return [{ channel, error: outcome.reason }];
  });
};

/** Keeps a message for later by the channels that failed, or puts it aside where there is no use or no attempt left. */
const defer = async (
  ports: Needs,
  row: Item,
  { message, attempts: before }: Notify,
  unsent: readonly Unsent[],
): Promise<void> => {
  const now = ports.clock.wall();
  const attempts = before + 1;
  const isDead = ({ error }: Unsent): boolean =>
    attempts >= MESSAGE_ATTEMPTS || error instanceof NotifierRefused;
  const dead = unsent.filter(isDead).map(({ channel, error }) =>
    putDead({
      message,
      channel,
      attempts,
      error: error instanceof Error ? error.name : typeof error,
      since: new Date(now).toISOString(),
    }),
  );
  // The first goes on in this row, each further one in a row of its own.
  const [first, ...further] = unsent
    .filter((one) => !isDead(one))
    .map(({ channel }) => ({ channel, attempts, notBefore: now + FIRST_PAUSE_MS * 2 ** before }));
  const key = { pk: row.pk, sk: row.sk };
  const condition = { version: row.version };
  const own: ItemOperation =
    first === undefined ? { type: 'delete', key, condition } : { type: 'update', key, set: first, condition };
  const others = further.map((rest) =>
    outboxOperation(ports.ids, message.caseId, { kind: 'notify', message, ...rest }),
  );
  try {
    await ports.items.transact([own, ...others, ...dead]);
  } catch (failure) {
    // Another relay has tried it at the same time, and has settled it.
    if (!(failure instanceof ConditionFailed)) throw failure;
  }
};

const deliver = async (ports: Needs, row: Exclude<OutboxRow, Notify>): Promise<void> => {
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
    if (data.kind === 'notify') {
      const unsent = await notify(ports.channels, data);
      if (unsent.length === 0) delivered.push(row);
      else await defer(ports, row, data, unsent);
      failures.push(...unsent.map(({ error }) => ({ row, error, deferred: true })));
      continue;
    }
    try {
      await deliver(ports, data);
      delivered.push(row);
    } catch (error) {
      failures.push({ row, error, deferred: false });
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
