/** A clock that stands still until a test moves it. Case time and wall time move apart as the test wishes. */
import type { Clock } from '#functions/shared/ports.ts';

export class VirtualClock implements Clock {
  #case: number;
  #wall: number;
  #waiting: { readonly instant: number; readonly fire: () => void }[] = [];

  constructor(start: number | string) {
    this.#case = typeof start === 'number' ? start : Date.parse(start);
    this.#wall = this.#case;
  }

  now(): number {
    return this.#case;
  }

  wall(): number {
    return this.#wall;
  }

  /** One whose instant has come fires in a microtask, any other while the clock is moved. */
  at(instant: number, fire: () => void): () => void {
    const alarm = { instant, fire };
    this.#waiting.push(alarm);
    if (instant <= this.#case) queueMicrotask(() => this.#fire(alarm));
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== alarm);
    };
  }

  /** The instants that are waited for, ascending. */
  get waiting(): readonly number[] {
    return this.#waiting.map(({ instant }) => instant).sort((a, b) => a - b);
  }

  /**
   * Moves both times ahead, stopping at each instant on the way: `now()` is that instant while its callback
   * runs, and between callbacks everything gets its turn that needs no more than the event loop.
   */
  async advanceTo(instant: number): Promise<void> {
    if (!(instant >= this.#case)) throw new RangeError('a clock never goes back');
    for (;;) {
      await settled();
      const [next] = this.#waiting
        .filter((alarm) => alarm.instant <= instant)
        .sort((a, b) => a.instant - b.instant);
      if (next === undefined) break;
      this.#move(Math.max(next.instant, this.#case));
      this.#fire(next);
    }
    this.#move(instant);
  }

  async advanceBy(milliseconds: number): Promise<void> {
    await this.advanceTo(this.#case + milliseconds);
  }

  /** Moves wall time alone. */
  advanceWallBy(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  #move(instant: number): void {
    this.#wall += instant - this.#case;
    this.#case = instant;
  }

  #fire(alarm: { readonly fire: () => void }): void {
    if (!this.#waiting.some((other) => other === alarm)) return;
    this.#waiting = this.#waiting.filter((other) => other !== alarm);
    alarm.fire();
  }
}

/** A few turns of the event loop: microtasks, and the group commit of the database. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
