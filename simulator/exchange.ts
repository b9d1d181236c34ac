/** One request and what becomes of it. */
import { randomUUID } from 'node:crypto';
import type { CrossCheckRequestBody } from '#domain/filing/cross-check.ts';
import type { Courier, Letter } from './courier.ts';
import type { Plan } from './scenarios.ts';

export class Exchange {
  /** SHA-256 of the request's bytes: the same request comes with the same one. */
  readonly digest: string;
  readonly #callback: string;
  readonly #plan: Plan;
  readonly #letters: readonly Letter[];
  readonly #courier: Courier;
  readonly #poke = Promise.withResolvers<void>();
  #waiting = false;
  #running: Promise<void> | undefined;

  constructor(request: CrossCheckRequestBody, digest: string, plan: Plan, courier: Courier) {
    this.digest = digest;
    this.#callback = request.callback;
    this.#plan = plan;
    this.#courier = courier;
    this.#letters = plan.results.map((result) => ({
      requestId: result.requestId,
      resultId: result.resultId,
      body: new TextEncoder().encode(JSON.stringify(result)),
      nonce: randomUUID(),
    }));
  }

  /** Answers, or answers again; where that is under way already it goes on alone. */
  start(): void {
    this.#running ??= this.#answer().finally(() => {
      this.#running = undefined;
    });
  }

  /** Lets an answer go that waits for it; tells whether one did. */
  release(): boolean {
    this.#poke.resolve();
    return this.#waiting;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #answer(): Promise<void> {
    const { waits, forgesFirst, copies } = this.#plan;
    if (waits) {
      this.#waiting = true;
      await this.#poke.promise;
      this.#waiting = false;
    }
    const [first] = this.#letters;
    if (forgesFirst && first !== undefined) await this.#courier.forge(this.#callback, first);
    for (const letter of this.#letters) {
      for (let copy = 0; copy < copies; copy += 1) {
        // Refused for good: what would follow would be refused as well.
        if (!(await this.#courier.deliver(this.#callback, letter))) return;
      }
    }
  }
}
