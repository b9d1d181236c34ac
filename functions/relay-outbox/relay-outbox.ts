/**
 * Tells the workflow and the people what the outbox holds, moves cases whose union is gone, and goes on until done. A row is removed only after it
 * was delivered, so everything is delivered at least once: starts are idempotent by name, an answer to a task that is
 * closed already is settled, messages carry their id. A row that can't be delivered stays, is counted, and is tried
 * again by the next sweep; it holds up nobody else's.
 */

import { reseat } from '#functions/shared/custody.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { type OutboxRow, outboxRowSchema } from '#functions/shared/outbox.ts';
import type { Item, Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items' | 'workflow' | 'notifier' | 'clock' | 'ids' | 'metrics' | 'organisations'>;

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
  }
};

/**
 * Delivers rows, in their order, and removes those that were delivered; the failures come back with their rows. At most
 * 100 rows. A row that another relay has removed meanwhile is done all the same.
 */
export const relayRows = async (
  ports: Needs,
  rows: readonly Item[],
): Promise<readonly { readonly row: Item; readonly error: unknown }[]> => {
  const failures: { row: Item; error: unknown }[] = [];
  const delivered: Item[] = [];
  for (const row of rows) {
    try {
      await deliver(ports, outboxRowSchema.parse(row.data));
      delivered.push(row);
    } catch (error) {
      failures.push({ row, error });
    }
  }
  if (delivered.length > 0) {
    await ports.items.transact(delivered.map(({ pk, sk }) => ({ type: 'delete', key: { pk, sk } })));
  }
  return failures;
};

/** Goes through the whole outbox, oldest first; the failures come back with their rows. */
export const sweepOutbox = async (
  ports: Needs,
): Promise<readonly { readonly row: Item; readonly error: unknown }[]> => {
  const failures: { row: Item; error: unknown }[] = [];
  for (const pk of outboxPartitions) {
    let cursor: string | undefined;
    do {
      const page = await ports.items.query({ pk, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
      failures.push(...(await relayRows(ports, page.items)));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return failures;
};
