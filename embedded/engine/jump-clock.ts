/** A clock that stands still until it is told to jump: for runs of a definition and for tests. */
import type { Clock } from '#functions/shared/ports.ts';

type Alarm = { readonly instant: number; readonly fire: () => void };

export class JumpClock implements Clock {
  #now: number;
  readonly #alarms = new Set<Alarm>();

  /** Milliseconds since the epoch. */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  at(instant: number, fire: () => void): () => void {
    if (instant <= this.#now) {
      fire();
      return () => {};
    }
    const alarm = { instant, fire };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** The earliest instant that somebody waits for. */
  next(): number | undefined {
    let first: number | undefined;
    for (const { instant } of this.#alarms) if (first === undefined || instant < first) first = instant;
    return first;
  }

  /** Moves to an instant and fires all that was set for then or before, in order of their instants. */
  jumpTo(instant: number): void {
    this.#now = instant;
    const due = [...this.#alarms]
      .filter((alarm) => alarm.instant <= instant)
      .sort((one, other) => one.instant - other.instant);
    for (const alarm of due) if (this.#alarms.delete(alarm)) alarm.fire();
  }
}
