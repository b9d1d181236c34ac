/** An item store between the edition and its table that fails or holds up the writes that a test names. */
import * as z from 'zod';
import type { EventType } from '#domain/filing/events.ts';
import type { ItemOperation, ItemStore } from '#functions/shared/ports.ts';

/** A write by the audit event in it, and the kind of task that the event names. */
type Write = { readonly event: EventType; readonly kind?: string };

const eventSchema = z.looseObject({ type: z.string(), data: z.looseObject({ kind: z.string().optional() }) });

const carries = (operations: readonly ItemOperation[], { event, kind }: Write): boolean =>
  operations.some((operation) => {
    if (operation.type !== 'put' || !operation.item.sk.startsWith('EVENT#')) return false;
    const { type, data } = eventSchema.parse(operation.item.data);
    return type === event && (kind === undefined || data.kind === kind);
  });

/** Something that the store is broken by; no error of ours, so that nothing retries it. */
class Broken extends Error {
  override readonly name = 'DiskFailure';
}

export class Breaker {
  #failing: Write | undefined;
  #held: { readonly write: Write; readonly reached: () => void; readonly free: Promise<void> } | undefined;

  readonly wrap = (items: ItemStore): ItemStore => ({
    get: (key) => items.get(key),
    query: (query) => items.query(query),
    transact: async (operations) => {
      if (this.#failing !== undefined && carries(operations, this.#failing)) throw new Broken('on purpose');
      if (this.#held !== undefined && carries(operations, this.#held.write)) {
        const { reached, free } = this.#held;
        this.#held = undefined;
        reached();
        await free;
      }
      await items.transact(operations);
    },
  });

  /** From now on this write fails, until `mend`. */
  fail(write: Write): void {
    this.#failing = write;
  }

  mend(): void {
    this.#failing = undefined;
  }

  /** Holds up the next write of this kind: `reached` resolves when it stands there, `release` lets it go. */
  hold(write: Write): { readonly reached: Promise<void>; readonly release: () => void } {
    const reached = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    this.#held = { write, reached: reached.resolve, free: free.promise };
    return { reached: reached.promise, release: free.resolve };
  }
}
