/** Callbacks that wait for an instant of some clock, called in the order of their instants. */

/**
 * A minute: timers stand still while the machine sleeps and know nothing of a clock that is set, so the clock is
 * asked again that often. (Node's own timers end at 2^31 - 1 ms and fire at once beyond it.)
 */
const LONGEST_DELAY = 60_000;

type Alarm = { readonly instant: number; readonly fire: () => void };

export class Alarms {
  readonly #now: () => number;
  /** Ascending; of two with the same instant, the one set first comes first. */
  #waiting: Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls back once the clock has reached the instant, never before this call has returned. */
  set(instant: number, fire: () => void): () => void {
    if (Number.isNaN(instant)) throw new RangeError('an alarm needs an instant');
    const alarm: Alarm = { instant, fire };
    const behind = this.#waiting.findLastIndex((other) => other.instant <= instant);
    this.#waiting.splice(behind + 1, 0, alarm);
    this.#arm();
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== alarm);
      this.#arm();
    };
  }

  /** Fires what is due. To be called when the clock has jumped. */
  wake(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && next.instant <= this.#now();
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      try {
        next.fire();
      } catch (error) {
        // A callback's fault is not the next one's: it surfaces as an uncaught error, the others go on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    this.#arm();
  }

  /** One timer for the earliest; it doesn't keep the process alive. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [next] = this.#waiting;
    if (next === undefined) return;
    const delay = Math.min(Math.max(Math.ceil(next.instant - this.#now()), 0), LONGEST_DELAY);
    this.#timer = setTimeout(() => this.wake(), delay).unref();
  }
}
