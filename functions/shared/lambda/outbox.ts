/**
 * The entry of the function that empties the outbox. The table's stream tells which rows are new, by their keys; the
 * schedule has all that stand there taken, whatever became of the stream.
 */
import * as z from 'zod';
import { errorFields } from '../log.ts';
import type { Item, ItemKey } from '../ports.ts';
import { chain, type LambdaHandler } from './chain.ts';
import { logger } from './log.ts';

const text = z.object({ S: z.string() });
const Streamed = z.object({
  Records: z
    .array(
      z
        .object({
          eventSource: z.literal('aws:dynamodb'),
          dynamodb: z.object({ SequenceNumber: z.string(), Keys: z.object({ pk: text, sk: text }) }),
        })
        .transform(({ dynamodb: { SequenceNumber, Keys } }) => ({
          sequence: SequenceNumber,
          key: { pk: Keys.pk.S, sk: Keys.sk.S },
        })),
    )
    .min(1),
});
const Scheduled = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });

/** `deferred`: it will be tried again in its own time, and holds up nobody. */
type Failure = { readonly row: ItemKey; readonly error: unknown; readonly deferred?: boolean };

export type OutboxRelay = {
  /** A row of the outbox; none where it has been told already. */
  readonly find: (key: ItemKey) => Promise<Item | undefined>;
  /** Tells rows, in their order; the failures come back with their rows. */
  readonly relay: (rows: readonly Item[]) => Promise<readonly Failure[]>;
  /** Tells all rows that there are. */
  readonly sweep: () => Promise<readonly Failure[]>;
};

/** Lambda's partial answer for a batch of a stream: it goes on from the first of these. */
type BatchResult = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/** Some rows are still to be told. Each has been logged; the next schedule tries them again. */
class OutboxUndelivered extends Error {
  override readonly name = 'Outbox.Undelivered';
}

export const outboxHandler = ({ find, relay, sweep }: OutboxRelay): LambdaHandler<BatchResult> =>
  chain(z.union([Streamed, Scheduled]).parse, async (event) => {
    if (!('Records' in event)) {
      const failures = await sweep();
      report(failures);
      const stuck = failures.filter(({ deferred }) => deferred !== true);
      if (stuck.length > 0) throw new OutboxUndelivered(`${stuck.length} rows`);
      return { batchItemFailures: [] };
    }
    const rows = await Promise.all(event.Records.map(({ key }) => find(key)));
    const failures = await relay(rows.filter((row) => row !== undefined));
    report(failures);
    const failed = new Set(failures.flatMap(({ row, deferred }) => (deferred === true ? [] : [idOf(row)])));
    const undelivered = event.Records.filter(({ key }) => failed.has(idOf(key)));
    return { batchItemFailures: undelivered.map(({ sequence }) => ({ itemIdentifier: sequence })) };
  });

const idOf = ({ pk, sk }: ItemKey): string => JSON.stringify([pk, sk]);

const report = (failures: readonly Failure[]): void => {
  for (const { error } of failures) logger.error('an outbox row could not be told', errorFields(error));
};
