/** Case time that can be moved ahead of the machine's. */
import { Alarms } from '#adapters/shared/alarms.ts';
import type { Clock } from '#functions/shared/ports.ts';

export type MovableClockOptions = {
  /** Milliseconds that case time is ahead of wall time at the start. */
  readonly offset: number;
  /** Keeps the offset; the clock moves once this has resolved. */
  readonly persist: (offset: number) => Promise<void>;
};

/** Case time is wall time and an offset that only ever grows. */
export class MovableClock implements Clock {
  readonly #alarms = new Alarms(() => this.now());
  readonly #persist: (offset: number) => Promise<void>;
  #offset: number;
  #moving: Promise<unknown> = Promise.resolve();

  constructor(options: MovableClockOptions) {
    this.#offset = options.offset;
    this.#persist = options.persist;
  }

  now(): number {
    return Date.now() + this.#offset;
  }

  wall(): number {
    return Date.now();
  }

  at(instant: number, fire: () => void): () => void {
    return this.#alarms.set(instant, fire);
  }

  /**
   * Moves case time to the instant and calls back, in order, what is due by then. `RangeError` for an instant
   * that has passed: what happened after it would not have happened.
   */
  async advanceTo(instant: number): Promise<void> {
    const move = this.#moving.then(async () => {
      const offset = Math.ceil(instant - Date.now());
      if (!(offset >= this.#offset)) throw new RangeError('case time never goes back');
      await this.#persist(offset);
      this.#offset = offset;
      this.#alarms.wake();
    });
    this.#moving = Promise.allSettled([move]);
    await move;
  }
}
