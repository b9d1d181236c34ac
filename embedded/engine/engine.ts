/**
 * The workflow engine of the embedded edition: Step Functions' Standard workflows in one process, durable in
 * SQLite.
 *
 * Every step of an execution is one write: its history events and the row from which it goes on. Only when that
 * is on disk are its effects performed, so that after a crash nothing is lost, no state that is recorded as
 * completed runs again, and a task that was under way is performed again (at least once, as with Lambda). Timers
 * are absolute instants of case time; the engine holds one of them, the earliest, and finds the rest by index.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import canonicalize from 'canonicalize';
import type { Database } from '#adapters/embedded/database.ts';
import { checkExecutionName, checkPayload } from '#adapters/shared/execution-form.ts';
import { ExecutionExists, InvalidCursor } from '#functions/shared/errors.ts';
import type {
  Clock,
  ExecutionDescription,
  ExecutionStatus,
  HistoryEvent,
  Json,
  TaskAnswer,
  Workflow,
} from '#functions/shared/ports.ts';
import { loadDefinition, type Machine } from './definition.ts';
import { failureOfThrown } from './failure.ts';
import { advance, dueAt, type Execution, isPending, type Stimulus } from './interpreter.ts';
import { type ExecutionSummary, Store } from './store.ts';

/** One attempt of a task, to be performed. */
export type TaskCall = {
  readonly execution: string;
  readonly state: string;
  /** The evaluated Arguments of the state. */
  readonly arguments: Json;
  /** Set where the task waits for its token. What `perform` answers then is recorded and otherwise ignored. */
  readonly token?: string;
};

/**
 * Performs an attempt and answers the raw result of the integration. May be called again for an attempt whose
 * result was not yet on disk when the process ended. It bounds its own time: the engine gives up waiting when
 * the state times out, but can't take an invocation back.
 */
export type Perform = (call: TaskCall) => Promise<Json>;

/** Moments around which a crash could lose something; tests end the process there. */
type ProbePoint = 'before-write' | 'after-write' | 'before-effect' | 'after-effect';

export type EngineOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly stateMachineName: string;
  /** New executions run this; those that run already go on in the definition that they started with. */
  readonly machine: Machine;
  readonly perform: Perform;
  /** Told of faults that are nobody's answer: a write that failed. The execution stays as it was and is taken up again. */
  readonly onFault: (error: unknown) => void;
  /** Invocations under way at once, 64 by default; others wait in the order in which they came. */
  readonly concurrency?: number;
  readonly random?: () => number;
  readonly probe?: (point: ProbePoint) => void;
};

export type ExecutionPage = { readonly executions: readonly ExecutionSummary[]; readonly cursor?: string };

/** Rows read at once when many executions are due. */
const PAGE = 500;
/** After a fault, the engine looks again this much later. */
const FAULT_PAUSE_MS = 1000;

class EngineClosed extends Error {
  override readonly name = 'EngineClosed';
}

export class Engine implements Workflow {
  readonly #options: EngineOptions;
  readonly #store: Store;
  readonly #machines = new Map<string, Machine>();
  /** The last thing under way for each execution that is worked on: they are taken one after another. */
  readonly #tails = new Map<string, Promise<void>>();
  /** Attempts that wait for their turn, first come first: token to execution. */
  readonly #queue = new Map<string, string>();
  /** Tokens of the attempts that are being performed. */
  readonly #invoking = new Set<string>();
  #closed = false;
  #looking = false;
  #lookAgain = false;
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => {};
  #idle: (() => void)[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#store = new Store(options.database);
    this.#machines.set(options.machine.hash, options.machine);
  }

  // ---------------------------------------------------------------- life

  /** Takes up everything that was under way when the last process ended. Call it once, before anything else. */
  async resume(): Promise<void> {
    await this.#store.write(() => this.#store.saveMachine(this.#options.machine));
    await this.#lookAround();
  }

  /** Takes no new steps, waits for the invocations under way and records them; the rest is for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#disarm();
    this.#queue.clear();
    await this.idle();
  }

  /** Resolves when nothing is under way: every execution has ended or waits for a timer or an answer. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Whether steps are being taken (rather than only invocations awaited). */
  get stepping(): boolean {
    return this.#tails.size > 0 || this.#looking;
  }

  // ---------------------------------------------------------------- the port

  async start(name: string, input: Json): Promise<'started' | 'exists'> {
    this.#mustBeOpen();
    checkExecutionName(name);
    checkPayload(input, 'the input of an execution');
    const { machine } = this.#options;
    const outcome = await this.#write(() => {
      const known = this.#store.describe(name);
      if (known !== undefined) {
        if (isDeepStrictEqual(known.input, JSON.parse(JSON.stringify(input)))) return 'exists';
        throw new ExecutionExists(`execution ${name} has another input`);
      }
      const startedAt = this.#now();
      const execution: Execution = {
        name,
        input,
        startedAt,
        events: 1,
        variables: {},
        position: { phase: 'ready', state: machine.startAt, input },
      };
      const started = { id: 1, type: 'ExecutionStarted', timestamp: startedAt, details: { input } };
      this.#store.insert(machine, execution, [started]);
      return 'started';
    });
    if (outcome === 'started') this.#drive(name);
    return outcome;
  }

  async complete(taskToken: string, output: Json): Promise<TaskAnswer> {
    checkPayload(output, 'the output of a task');
    return this.#answer({ type: 'succeeded', token: taskToken, output });
  }

  fail(taskToken: string, error: string, cause?: string): Promise<TaskAnswer> {
    const failure = cause === undefined ? { error } : { error, cause };
    return this.#answer({ type: 'failed', token: taskToken, failure });
  }

  async heartbeat(taskToken: string): Promise<TaskAnswer> {
    this.#mustBeOpen();
    const known = this.#store.token(taskToken);
    if (known === undefined) return 'closed';
    const taken = await this.#exclusively(known.execution, () =>
      this.#take(known.execution, { type: 'heartbeat', token: taskToken }),
    );
    return taken ? 'delivered' : 'closed';
  }

  async stop(name: string, error?: string, cause?: string): Promise<void> {
    this.#mustBeOpen();
    await this.#exclusively(name, () => this.#take(name, { type: 'stop', error, cause }));
  }

  async describe(name: string): Promise<ExecutionDescription | undefined> {
    return this.#store.describe(name);
  }

  async history(name: string): Promise<readonly HistoryEvent[]> {
    return this.#store.history(name);
  }

  // ---------------------------------------------------------------- for the operator

  /** Executions of one status, or of any, the latest first; at most 1000 a page. */
  list(
    status: ExecutionStatus | 'any',
    options: { readonly limit?: number; readonly cursor?: string } = {},
  ): ExecutionPage {
    const limit = Math.min(options.limit ?? 100, 1000);
    const executions = this.#store.list(status, readCursor(options.cursor), limit);
    const last = executions.at(-1);
    if (last === undefined || executions.length < limit) return { executions };
    return { executions, cursor: `${last.startedAt}:${last.name}` };
  }

  counts(): Readonly<Record<ExecutionStatus, number>> {
    return this.#store.counts();
  }

  /** What has become of a task token: `given` where no answer was taken, be it that its time is up. */
  token(taskToken: string): 'unknown' | 'given' | 'answered' {
    const known = this.#store.token(taskToken);
    if (known === undefined) return 'unknown';
    return known.answer === undefined ? 'given' : 'answered';
  }

  // ---------------------------------------------------------------- steps

  async #answer(stimulus: Stimulus & { type: 'succeeded' | 'failed' }): Promise<TaskAnswer> {
    this.#mustBeOpen();
    const known = this.#store.token(stimulus.token);
    if (known === undefined) return 'closed';
    const answer = digest(stimulus);
    return this.#exclusively(known.execution, async () => {
      const earlier = this.#store.token(stimulus.token)?.answer;
      if (earlier !== undefined) return earlier === answer ? 'delivered' : 'closed';
      const taken = await this.#take(known.execution, stimulus, () =>
        this.#store.saveAnswer(stimulus.token, answer),
      );
      return taken ? 'delivered' : 'closed';
    });
  }

  /** Runs after everything else that is under way for the execution. */
  #exclusively<T>(name: string, run: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(name) ?? Promise.resolve()).then(run);
    const tail: Promise<void> = result
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (this.#tails.get(name) === tail) this.#tails.delete(name);
        this.#checkIdle();
      });
    this.#tails.set(name, tail);
    return result;
  }

  /** Takes one step and sees to what follows from it. False where the stimulus concerns nothing. */
  async #take(name: string, stimulus: Stimulus, alsoWrite: () => void = () => {}): Promise<boolean> {
    const { stateMachineName, random = Math.random } = this.#options;
    const running = this.#store.running(name);
    if (running === undefined) return false;
    const machine = this.#machine(running.machine);
    const now = this.#now();
    const step = await advance(machine, running.execution, stimulus, {
      now,
      stateMachineName,
      newToken: () => randomBytes(32).toString('base64url'),
      random,
    });
    if (step === undefined) {
      this.#follow(machine, running.execution);
      return false;
    }
    await this.#write(() => {
      this.#store.save(machine, running.execution, step, now);
      alsoWrite();
    });
    if (step.ending === null) this.#follow(machine, step.execution);
    return true;
  }

  async #write<T>(job: () => T): Promise<T> {
    const { probe } = this.#options;
    probe?.('before-write');
    const result = await this.#store.write(job);
    probe?.('after-write');
    return result;
  }

  /** What an execution needs next: a function called, another step, a timer. */
  #follow(machine: Machine, execution: Execution): void {
    if (this.#closed) return;
    const { position, name } = execution;
    if (position.phase === 'ready') this.#drive(name);
    else if (position.phase === 'task' && isPending(execution)) this.#enqueue(name, position.attempt.token);
    const due = dueAt(machine, execution);
    if (due !== null) this.#arm(due);
  }

  #drive(name: string): void {
    this.#go(name).catch((error: unknown) => this.#fault(error));
  }

  #go(name: string): Promise<boolean> {
    return this.#exclusively(name, async () => !this.#closed && (await this.#take(name, { type: 'go' })));
  }

  #machine(hash: string): Machine {
    let machine = this.#machines.get(hash);
    if (machine === undefined) {
      machine = loadDefinition(this.#store.definition(hash), { keepPlaceholders: true });
      this.#machines.set(hash, machine);
    }
    return machine;
  }

  // ---------------------------------------------------------------- invocations

  #enqueue(name: string, token: string): void {
    if (this.#invoking.has(token)) return;
    this.#queue.set(token, name);
    this.#invokeNext();
  }

  #invokeNext(): void {
    const { concurrency = 64 } = this.#options;
    for (const [token, name] of this.#queue) {
      if (this.#closed || this.#invoking.size >= concurrency) return;
      this.#queue.delete(token);
      this.#invoking.add(token);
      this.#invoke(name, token)
        .catch((error: unknown) => this.#fault(error))
        .finally(() => {
          this.#invoking.delete(token);
          this.#invokeNext();
          this.#checkIdle();
        });
    }
  }

  async #invoke(name: string, token: string): Promise<void> {
    const running = this.#store.running(name);
    const position = running?.execution.position;
    // It may have timed out or been stopped while it queued.
    if (running === undefined || position?.phase !== 'task' || position.attempt.token !== token) return;
    const state = this.#machine(running.machine).states.get(position.state);
    const waits = state?.type === 'Task' && state.token;
    const { perform, probe } = this.#options;
    probe?.('before-effect');
    let outcome: Stimulus;
    try {
      const output = await perform({
        execution: name,
        state: position.state,
        arguments: position.attempt.arguments,
        ...(waits ? { token } : {}),
      });
      outcome = { type: waits ? 'submitted' : 'succeeded', token, output };
    } catch (error) {
      outcome = { type: 'failed', token, failure: failureOfThrown(error) };
    }
    probe?.('after-effect');
    await this.#exclusively(name, () => this.#take(name, outcome));
  }

  // ---------------------------------------------------------------- timers

  #arm(instant: number): void {
    if (this.#closed || instant >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = instant;
    this.#disarm = this.#options.clock.at(instant, () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.#lookAround().catch((error: unknown) => this.#fault(error));
    });
  }

  /** Sees to all that is pending or due, and sets the timer for what comes next. */
  async #lookAround(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    let sound = true;
    try {
      while (this.#lookAgain && sound && !this.#closed) {
        this.#lookAgain = false;
        sound = await this.#lookOnce();
      }
    } finally {
      this.#looking = false;
      this.#checkIdle();
    }
    if (this.#closed) return;
    // After a fault, a timer that is due would only fire again at once.
    const due = sound ? this.#store.nextDue() : this.#now() + FAULT_PAUSE_MS;
    if (due !== undefined) this.#arm(due);
  }

  /** In pages, so that any number of executions can be due at once. False where there was a fault. */
  async #lookOnce(): Promise<boolean> {
    let sound = true;
    for (let after: string | undefined = ''; after !== undefined && !this.#closed; ) {
      const names = this.#store.pending(after, PAGE);
      sound = (await this.#goAll(names)) && sound;
      after = names.at(-1);
    }
    while (sound && !this.#closed) {
      const names = this.#store.due(this.#now(), PAGE);
      if (names.length === 0) break;
      sound = await this.#goAll(names);
    }
    return sound;
  }

  /** False where one of them met a fault; the others go on all the same. */
  async #goAll(names: readonly string[]): Promise<boolean> {
    const settled = await Promise.allSettled(names.map((name) => this.#go(name)));
    const faults = settled.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of faults) this.#fault(reason);
    return faults.length === 0;
  }

  #fault(error: unknown): void {
    this.#options.onFault(error);
    if (!this.#closed) this.#arm(this.#now() + FAULT_PAUSE_MS);
  }

  // ---------------------------------------------------------------- small parts

  /** Case time in whole milliseconds, also of a clock that runs at another speed. */
  #now(): number {
    return Math.floor(this.#options.clock.now());
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new EngineClosed('the engine is closed');
  }

  #isIdle(): boolean {
    return this.#tails.size === 0 && this.#invoking.size === 0 && !this.#looking;
  }

  #checkIdle(): void {
    if (!this.#isIdle()) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

/** The same answer gives the same digest, whatever the order of its keys. */
function digest(stimulus: Stimulus & { type: 'succeeded' | 'failed' }): string {
  const { token: _, ...answer } = stimulus;
  return createHash('sha256')
    .update(canonicalize(answer) ?? '')
    .digest('hex');
}

function readCursor(cursor: string | undefined): { startedAt: number; name: string } | undefined {
  if (cursor === undefined) return undefined;
  const [, startedAt, name] = /^(\d+):(.+)$/u.exec(cursor) ?? [];
  if (startedAt === undefined || name === undefined)
    throw new InvalidCursor('the cursor is not one that a page of executions gave');
  return { startedAt: Number(startedAt), name };
}
