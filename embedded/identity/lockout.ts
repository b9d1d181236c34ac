/**
 * Guessing made slow. By account: after five failures each further one doubles the time for which nobody gets in, right
 * password or not; that survives a restart, and a name that nobody has is treated the same. By address: so many failures in
 * ten minutes, then none is heard. An address that guesses at many accounts meets the second, many addresses that
 * guess at one account the first.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import * as z from 'zod';
import type { ExpiringStore } from './expiring-store.ts';

const KIND = 'failures';
const FREE_FAILURES = 5;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** A day without a failure and all is forgotten. */
const MEMORY_MS = 86_400_000;

const ADDRESS_FAILURES = 30;
const ADDRESS_SECONDS = 600;

const countSchema = z.object({ failures: z.int().min(0), lockedUntil: z.number() });

const failed = (failures: number, now: number): z.output<typeof countSchema> => {
  const over = failures - FREE_FAILURES;
  return { failures, lockedUntil: over < 0 ? 0 : now + Math.min(FIRST_LOCK_MS * 2 ** over, LONGEST_LOCK_MS) };
};

export class Lockout {
  readonly #store: ExpiringStore;
  readonly #wall: () => number;
  readonly #addresses = new RateLimiterMemory({ points: ADDRESS_FAILURES, duration: ADDRESS_SECONDS });

  constructor(store: ExpiringStore, wall: () => number) {
    this.#store = store;
    this.#wall = wall;
  }

  /**
   * Begins an attempt at the account whose blind index that is. Milliseconds until one is heard; 0: go on. It counts as
   * failed until `succeeded` takes it back, so that many at once can't slip through. Resolves once that is on disk.
   */
  async attempt(account: string, address: string): Promise<number> {
    try {
      await this.#addresses.consume(address);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return error.msBeforeNext;
    }
    const now = this.#wall();
    let wait = 0;
    await this.#store.change(KIND, account, (data) => {
      const { failures, lockedUntil } = countSchema.parse(data ?? { failures: 0, lockedUntil: 0 });
      wait = Math.max(0, lockedUntil - now);
      const next = wait > 0 ? { failures, lockedUntil } : failed(failures + 1, now);
      return { data: next, expires: now + MEMORY_MS };
    });
    return wait;
  }

  async succeeded(account: string, address: string): Promise<void> {
    await this.#store.remove(KIND, account);
    await this.#addresses.reward(address);
  }
}
