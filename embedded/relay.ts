/**
 * The relay of the embedded edition: what a table's stream and a schedule are in the cloud. Rows of the outbox are
 * told as soon as they are durable, one partition after the other in order; a sweep from time to time, and at the start,
 * takes what a crash or a fault has left.
 */
import { relayRows, sweepOutbox } from '#functions/relay-outbox/relay-outbox.ts';
import { OUTBOX_PREFIX } from '#functions/shared/keys.ts';
import type { Item, ItemOperation, ItemStore, Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items' | 'workflow' | 'channels' | 'clock' | 'ids' | 'metrics' | 'organisations'>;

export type RelayOptions = {
  readonly ports: Needs;
  /** Told of each row that could not be delivered; it stays and is tried again. */
  readonly onFailure: (row: Item, error: unknown) => void;
  readonly sweepEveryMs: number;
};

/** An item store whose outbox rows are handed on once they are durable. */
export const withOutboxStream = (items: ItemStore, written: (rows: readonly Item[]) => void): ItemStore => ({
  get: (key) => items.get(key),
  query: (query) => items.query(query),
  transact: async (operations: readonly ItemOperation[]) => {
    await items.transact(operations);
    const rows = operations.flatMap((one) =>
      one.type === 'put' && one.item.pk.startsWith(OUTBOX_PREFIX) ? [one.item] : [],
    );
    if (rows.length > 0) written(rows);
  },
});

export class Relay {
  readonly #options: RelayOptions;
  /** The end of the queue of each partition. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), options.sweepEveryMs);
    this.#timer.unref();
  }

  /** Tells rows that were just written. Never rejects: what fails is reported and left to the sweep. */
  take(rows: readonly Item[]): void {
    for (const [partition, ofPartition] of Map.groupBy(rows, ({ pk }) => pk)) {
      this.#enqueue(partition, () => relayRows(this.#options.ports, ofPartition));
    }
  }

  /** Tells everything that stands in the outbox. */
  sweep(): Promise<void> {
    return this.#enqueue('sweep', () => sweepOutbox(this.#options.ports));
  }

  /** Resolves when nothing is being told; says whether something was. */
  async idle(): Promise<boolean> {
    const busy = this.#tails.size > 0;
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
    return busy;
  }

  /** Ends the sweeps and waits for what is under way; rows that are left are for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.idle();
  }

  #enqueue(queue: string, relay: () => ReturnType<typeof relayRows>): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const tail = (this.#tails.get(queue) ?? Promise.resolve()).then(async () => {
      try {
        for (const { row, error } of await relay()) this.#options.onFailure(row, error);
      } catch (error) {
        // The outbox itself could not be read: the next sweep tries again.
        this.#options.onFailure({ pk: queue, sk: '', version: 0, schema: 1, data: {} }, error);
      }
    });
    this.#tails.set(queue, tail);
    void tail.finally(() => {
      if (this.#tails.get(queue) === tail) this.#tails.delete(queue);
    });
    return tail;
  }
}
