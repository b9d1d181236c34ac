/** Time of the machine. */
import type { Clock } from '#functions/shared/ports.ts';
import { Alarms } from './alarms.ts';

/** Case time is wall time. */
export class SystemClock implements Clock {
  readonly #alarms = new Alarms(() => this.now());

  now(): number {
    return Date.now();
  }

  wall(): number {
    return Date.now();
  }

  at(instant: number, fire: () => void): () => void {
    return this.#alarms.set(instant, fire);
  }
}
