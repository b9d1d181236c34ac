/** Lambda for tests, from outside: invokes functions in the process that holds them (`lambda-child.ts`). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FunctionName } from '#functions/manifest.ts';
import { type FromChild, fromChildSchema, type ToChild } from './lambda-messages.ts';

/** What a function threw, as Lambda tells it. */
class FunctionError extends Error {
  override readonly name: string;
  constructor(errorType: string, errorMessage: string) {
    super(errorMessage);
    this.name = errorType;
  }
}

export type Invocation = {
  readonly function: FunctionName;
  readonly milliseconds: number;
  readonly failed: boolean;
};

export type Lambda = {
  /** The result, through JSON; rejects with `FunctionError`. */
  invoke(name: FunctionName, event: unknown): Promise<unknown>;
  /** Moves the functions' case time. */
  advanceTo(instant: number): Promise<void>;
  readonly invocations: readonly Invocation[];
  readonly underWay: number;
  /** The lines that the functions have written. */
  readonly log: readonly string[];
  stop(): Promise<void>;
};

type Answer = Exclude<FromChild, { kind: 'ready' }>;

export type LambdaOptions = {
  readonly environment: Readonly<Record<string, string>>;
  /** Case time, milliseconds since the epoch. */
  readonly start: number;
};

export async function startLambda({ environment, start }: LambdaOptions): Promise<Lambda> {
  const invocations: Invocation[] = [];
  const log: string[] = [];
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;

  const child = fork(join(import.meta.dirname, 'lambda-child.ts'), [String(start)], {
    env: { ...environment, TZ: ':UTC' },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => log.push(line));
  }
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the functions' process ended: ${log.slice(-20).join('\n')}`)));
    child.on('message', (message) => {
      const told = fromChildSchema.parse(message);
      if (told.kind === 'ready') return resolve();
      waiting.get(told.id)?.(told);
      waiting.delete(told.id);
    });
  });
  await ready;
  let ended = false;
  // As Lambda says it of an environment that is gone; here all functions live in one.
  const gone = (id: number): Answer => ({
    kind: 'threw',
    id,
    errorType: 'Runtime.ExitError',
    errorMessage: 'the process has ended',
    milliseconds: 0,
  });
  child.once('exit', () => {
    ended = true;
    for (const [id, resolve] of waiting) resolve(gone(id));
    waiting.clear();
  });

  const ask = (make: (id: number) => ToChild): Promise<Answer> =>
    new Promise((resolve) => {
      count += 1;
      if (ended) return resolve(gone(count));
      waiting.set(count, resolve);
      child.send(make(count));
    });

  return {
    invoke: async (name, event) => {
      const answer = await ask((id) => ({
        kind: 'invoke',
        id,
        function: name,
        event: JSON.stringify(event),
      }));
      if (answer.kind === 'advanced') throw new Error('an answer to another question');
      const failed = answer.kind === 'threw';
      invocations.push({ function: name, milliseconds: answer.milliseconds, failed });
      if (failed) throw new FunctionError(answer.errorType, answer.errorMessage);
      return JSON.parse(answer.result);
    },
    advanceTo: async (instant) => {
      await ask((id) => ({ kind: 'advance', id, instant }));
    },
    invocations,
    get underWay() {
      return waiting.size;
    },
    log,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
