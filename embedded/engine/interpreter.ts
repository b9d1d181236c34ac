/**
 * What a state machine does next. `advance` takes an execution as it stands and one thing that happened, and
 * answers with the history events, the execution as it stands afterwards and, where it is over, its end.
 * It performs nothing and keeps nothing: the engine stores the step first and acts on it then, so that a crash
 * between any two steps goes on from the last one.
 *
 * Names, order and wording of events, errors and causes follow AWS Step Functions.
 */
import { PAYLOAD_BYTES } from '#adapters/shared/execution-form.ts';
import type { HistoryEvent, Json, JsonObject } from '#functions/shared/ports.ts';
import {
  type Leaving,
  type Machine,
  type Next,
  type State,
  type TaskState,
  TIMESTAMP,
} from './definition.ts';
import { evaluate, type Scope, type Template, unexpected } from './expressions.ts';
import { ERRORS, type Failure, matches, StateFailure } from './failure.ts';
import { retryDelay } from './retry.ts';

// ---------------------------------------------------------------- an execution as it stands

/** The state that an execution is in. Instants are case time in milliseconds. */
type Entered = {
  readonly state: string;
  readonly input: Json;
  readonly enteredAt: number;
  /** Id of the event that recorded the entry. */
  readonly enteredEvent: number;
};

/** Attempts so far in this state: retries made, and how many of them each retrier has used. */
type Retries = { readonly retries: number; readonly used: readonly number[] };

type Attempt = {
  /** Unguessable; one for each attempt. It is the task token where the task waits for one. */
  readonly token: string;
  readonly arguments: Json;
  readonly timeoutAt: number | null;
  readonly heartbeatAt: number | null;
  readonly heartbeatSeconds: number | null;
  /** The function of a `.waitForTaskToken` task has been called: only the answer is awaited now. */
  readonly submitted: boolean;
};

export type Position =
  /** To be entered. */
  | { readonly phase: 'ready'; readonly state: string; readonly input: Json }
  | (Entered & { readonly phase: 'waiting'; readonly until: number })
  | (Entered & Retries & { readonly phase: 'task'; readonly attempt: Attempt })
  /** Between two attempts. */
  | (Entered & Retries & { readonly phase: 'backoff'; readonly until: number });

export type Execution = {
  readonly name: string;
  readonly input: Json;
  readonly startedAt: number;
  /** Id of the last history event. */
  readonly events: number;
  readonly variables: JsonObject;
  readonly position: Position;
};

export type Ending =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | { readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'; readonly error?: string; readonly cause?: string };

/** Something that happened to an execution. Those with a token concern the attempt that has it, or nothing. */
export type Stimulus =
  /** Go on: enter what is ready, and see to timers that are due. */
  | { readonly type: 'go' }
  | { readonly type: 'submitted'; readonly token: string; readonly output: Json }
  | { readonly type: 'succeeded'; readonly token: string; readonly output: Json }
  | { readonly type: 'failed'; readonly token: string; readonly failure: Failure }
  | { readonly type: 'heartbeat'; readonly token: string }
  | {
      readonly type: 'stop';
      readonly error?: string | undefined;
      readonly cause?: string | undefined;
    };

export type Surroundings = {
  readonly now: number;
  readonly stateMachineName: string;
  readonly newToken: () => string;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
};

export type Step = {
  readonly events: readonly HistoryEvent[];
  readonly execution: Execution;
  readonly ending: Ending | null;
};

// ---------------------------------------------------------------- limits

/** The service's quotas. */
const LIMITS = {
  payloadBytes: PAYLOAD_BYTES,
  variableBytes: 256 * 1024,
  variablesBytes: 10 * 1024 * 1024,
  historyEvents: 25_000,
} as const;

/** So many states are entered before the step is stored: a loop of Choice and Pass can't hold up the others. */
const STATES_A_STEP = 50;

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

/** The history is full; the execution fails with its last event. */
class HistoryFull extends Error {}

// ---------------------------------------------------------------- timers

/** When an execution must be looked at again though nothing happens to it; `null` for never. */
export function dueAt(machine: Machine, execution: Execution): number | null {
  const instants = [executionDeadline(machine, execution), positionDue(execution.position)];
  return earliest(instants);
}

const earliest = (instants: readonly (number | null)[]): number | null =>
  instants.reduce<number | null>(
    (first, instant) => (instant !== null && (first === null || instant < first) ? instant : first),
    null,
  );

const executionDeadline = (machine: Machine, execution: Execution): number | null =>
  machine.timeoutSeconds === undefined ? null : execution.startedAt + machine.timeoutSeconds * 1000;

function positionDue(position: Position): number | null {
  switch (position.phase) {
    case 'ready':
      return null;
    case 'task':
      return earliest([position.attempt.timeoutAt, position.attempt.heartbeatAt]);
    default:
      return position.until;
  }
}

/** Whether there is something to do at once: a state to enter, or a function to call. */
export const isPending = ({ position }: Execution): boolean =>
  position.phase === 'ready' || (position.phase === 'task' && !position.attempt.submitted);

// ---------------------------------------------------------------- going on

/** Answers `undefined` where the stimulus concerns nothing: a late answer, a timer that moved. */
export async function advance(
  machine: Machine,
  execution: Execution,
  stimulus: Stimulus,
  surroundings: Surroundings,
): Promise<Step | undefined> {
  const run = new Run(machine, execution, surroundings);
  return (await run.take(stimulus)) ? run.step() : undefined;
}

/** What a task came to: the part of `$states` that only it has. */
type Outcome =
  | { readonly result?: never; readonly errorOutput?: never }
  | { readonly result: Json; readonly errorOutput?: never }
  | { readonly result?: never; readonly errorOutput: Json };

/** The working copy of one step. */
class Run {
  readonly #machine: Machine;
  readonly #before: Execution;
  readonly #around: Surroundings;
  readonly #events: HistoryEvent[] = [];
  #variables: JsonObject;
  #position: Position;
  #ending: Ending | null = null;

  constructor(machine: Machine, execution: Execution, surroundings: Surroundings) {
    this.#machine = machine;
    this.#before = execution;
    this.#around = surroundings;
    this.#variables = execution.variables;
    this.#position = execution.position;
  }

  step(): Step {
    return {
      events: this.#events,
      execution: {
        ...this.#before,
        events: this.#lastEvent,
        variables: this.#variables,
        position: this.#position,
      },
      ending: this.#ending,
    };
  }

  /** True where something changed. */
  async take(stimulus: Stimulus): Promise<boolean> {
    try {
      if (!(await this.#apply(stimulus))) return false;
      await this.#enterWhatIsReady();
    } catch (error) {
      if (!(error instanceof HistoryFull)) throw error;
      this.#end({
        status: 'FAILED',
        error: ERRORS.runtime,
        cause: `The execution reached the maximum number of history events (${LIMITS.historyEvents}).`,
      });
    }
    return true;
  }

  async #apply(stimulus: Stimulus): Promise<boolean> {
    if (stimulus.type === 'stop') {
      this.#end({ status: 'ABORTED', ...present(stimulus) });
      return true;
    }
    if (stimulus.type === 'go') return (await this.#seeToTimers()) || this.#position.phase === 'ready';

    const position = this.#position;
    if (position.phase !== 'task' || position.attempt.token !== stimulus.token) return false;
    // Too late, though the timer has not come round yet: it decides.
    const due = dueAt(this.#machine, this.#before);
    if (due !== null && due <= this.#around.now) return false;
    const state = this.#task(position.state);
    switch (stimulus.type) {
      case 'heartbeat':
        this.#position = { ...position, attempt: beaten(position.attempt, this.#around.now) };
        break;
      case 'submitted':
        if (position.attempt.submitted) return false;
        this.#record('TaskSubmitted', position.state, { output: stimulus.output, ...resourceOf(state) });
        this.#position = { ...position, attempt: { ...position.attempt, submitted: true } };
        break;
      case 'succeeded':
        await this.#taskSucceeded(position, state, stimulus.output);
        break;
      case 'failed':
        await this.#attemptFailed(position, state, 'TaskFailed', stimulus.failure);
        break;
    }
    return true;
  }

  // ---- timers

  /** The earliest timer that is due; later ones are seen to when the engine comes again. */
  async #seeToTimers(): Promise<boolean> {
    const { now } = this.#around;
    const deadline = executionDeadline(this.#machine, this.#before);
    const due = positionDue(this.#position);
    if (deadline !== null && deadline <= now && (due === null || deadline <= due)) {
      this.#end({ status: 'TIMED_OUT', error: ERRORS.timeout });
      return true;
    }
    const position = this.#position;
    if (due === null || due > now || position.phase === 'ready') return false;
    switch (position.phase) {
      case 'waiting': {
        const state = this.#state(position.state);
        if (state.type === 'Wait') {
          await this.#guarded(position, () => this.#leave(position, state, state.next));
        }
        return true;
      }
      case 'backoff':
        await this.#schedule(position, this.#task(position.state), position);
        return true;
      case 'task': {
        const { timeoutAt } = position.attempt;
        const heartbeat = timeoutAt === null || timeoutAt > due;
        const failure: Failure = heartbeat ? { error: ERRORS.timeout, heartbeat } : { error: ERRORS.timeout };
        await this.#attemptFailed(position, this.#task(position.state), 'TaskTimedOut', failure);
        return true;
      }
    }
  }

  // ---- entering

  async #enterWhatIsReady(): Promise<void> {
    for (let entered = 0; entered < STATES_A_STEP && this.#ending === null; entered++) {
      const position = this.#position;
      if (position.phase === 'waiting' && position.until <= this.#around.now) await this.#seeToTimers();
      else if (position.phase === 'ready') await this.#enter(position.state, position.input);
      else return;
    }
  }

  async #enter(name: string, input: Json): Promise<void> {
    const state = this.#state(name);
    this.#record(`${state.type}StateEntered`, name, { name, input });
    const here: Entered = { state: name, input, enteredAt: this.#around.now, enteredEvent: this.#lastEvent };
    if (state.type === 'Task') {
      await this.#schedule(here, state, { retries: 0, used: state.retry.map(() => 0) });
      return;
    }
    await this.#guarded(here, async () => {
      switch (state.type) {
        case 'Choice':
          await this.#choose(here, state);
          break;
        case 'Wait':
          this.#position = { ...here, phase: 'waiting', until: await this.#waitUntil(here, state) };
          break;
        case 'Fail':
          await this.#fail(here, state);
          break;
        case 'Succeed':
          await this.#leave(here, state, null);
          break;
        case 'Pass':
          await this.#leave(here, state, state.next);
          break;
      }
    });
  }

  async #choose(here: Entered, state: State & { type: 'Choice' }): Promise<void> {
    for (const [index, rule] of state.choices.entries()) {
      const condition = await evaluate(rule.condition, this.#scope(here));
      if (typeof condition !== 'boolean') {
        throw unexpected(rule.condition, `Choices[${index}]/Condition`, 'boolean', condition);
      }
      if (condition) return this.#leave(here, { type: 'Choice', leaving: rule.leaving }, rule.next);
    }
    if (state.default === undefined) {
      throw new StateFailure({
        error: ERRORS.noChoiceMatched,
        cause: 'Failed to transition out of the state. The state does not point to a next state.',
      });
    }
    return this.#leave(here, { type: 'Choice', leaving: state.default.leaving }, state.default.next);
  }

  async #waitUntil(here: Entered, { until: { kind, template } }: State & { type: 'Wait' }): Promise<number> {
    const value = await evaluate(template, this.#scope(here));
    if (kind === 'Seconds') {
      return this.#around.now + secondsIn(template, kind, value, 0) * 1000;
    }
    const instant = typeof value === 'string' && TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(instant)) throw unexpected(template, kind, 'timestamp', value);
    // The service looks at whole seconds.
    return Math.floor(instant / 1000) * 1000;
  }

  async #fail(here: Entered, state: State & { type: 'Fail' }): Promise<void> {
    const text = async (template: Template | undefined, field: string): Promise<string | undefined> => {
      if (template === undefined) return undefined;
      const value = await evaluate(template, this.#scope(here));
      if (typeof value !== 'string') throw unexpected(template, field, 'string', value);
      return value;
    };
    const error = await text(state.error, 'Error');
    const cause = await text(state.cause, 'Cause');
    this.#end({ status: 'FAILED', ...present({ error, cause }) });
  }

  // ---- tasks

  async #schedule(here: Entered, state: TaskState, retries: Retries): Promise<void> {
    const entered: Entered & Retries = { ...enteredPart(here), retries: retries.retries, used: retries.used };
    const token = this.#around.newToken();
    const scope = this.#scope(here, { retries: retries.retries, ...(state.token ? { token } : {}) });
    try {
      const args = await evaluate(state.arguments, scope);
      this.#checkSize(here, args);
      const seconds = async (template: Template | undefined, field: string): Promise<number | null> =>
        template === undefined ? null : secondsIn(template, field, await evaluate(template, scope), 1);
      const timeoutSeconds = await seconds(state.timeoutSeconds, 'TimeoutSeconds');
      const heartbeatSeconds = await seconds(state.heartbeatSeconds, 'HeartbeatSeconds');
      const { now } = this.#around;
      const after = (time: number | null): number | null => (time === null ? null : now + time * 1000);
      this.#record('TaskScheduled', here.state, {
        ...resourceOf(state),
        parameters: args,
        ...(timeoutSeconds === null ? {} : { timeoutInSeconds: timeoutSeconds }),
        ...(heartbeatSeconds === null ? {} : { heartbeatInSeconds: heartbeatSeconds }),
      });
      this.#record('TaskStarted', here.state, resourceOf(state));
      this.#position = {
        ...entered,
        phase: 'task',
        attempt: {
          token,
          arguments: args,
          timeoutAt: after(timeoutSeconds),
          heartbeatAt: after(heartbeatSeconds),
          heartbeatSeconds,
          submitted: false,
        },
      };
    } catch (error) {
      await this.#handle(entered, state, this.#evaluationFailed(here, error));
    }
  }

  async #taskSucceeded(
    position: Position & { phase: 'task' },
    state: TaskState,
    output: Json,
  ): Promise<void> {
    if (bytesOf(output) > LIMITS.payloadBytes) {
      return this.#attemptFailed(position, state, 'TaskFailed', tooLarge(position.state));
    }
    try {
      this.#record('TaskSucceeded', position.state, { output, ...resourceOf(state) });
      await this.#leave(position, state, state.next, { result: output });
    } catch (error) {
      await this.#handle(position, state, this.#evaluationFailed(position, error));
    }
  }

  async #attemptFailed(
    position: Position & { phase: 'task' },
    state: TaskState,
    event: 'TaskFailed' | 'TaskTimedOut',
    failure: Failure,
  ): Promise<void> {
    const { error, cause } = failure;
    this.#record(event, position.state, { ...present({ error, cause }), ...resourceOf(state) });
    await this.#handle(position, state, failure);
  }

  /** Retriers first, in order, each with its own count; then catchers; then the execution fails. */
  async #handle(here: Entered & Retries, state: TaskState, failure: Failure): Promise<void> {
    const index = state.retry.findIndex(({ errorEquals }) => matches(errorEquals, failure));
    const retrier = state.retry[index];
    const used = here.used[index] ?? 0;
    if (retrier !== undefined && used < retrier.maxAttempts) {
      this.#position = {
        ...enteredPart(here),
        phase: 'backoff',
        until: this.#around.now + retryDelay(retrier, used, this.#around.random),
        retries: here.retries + 1,
        used: here.used.map((count, at) => (at === index ? count + 1 : count)),
      };
      return;
    }
    const catcher = state.catch.find(({ errorEquals }) => matches(errorEquals, failure));
    if (catcher === undefined) {
      this.#end({ status: 'FAILED', ...present(failure) });
      return;
    }
    const errorOutput = { Error: failure.error, Cause: failure.cause ?? '' };
    await this.#guarded(here, () =>
      this.#leave(here, { type: 'Task', leaving: catcher.leaving }, catcher.next, { errorOutput }),
    );
  }

  // ---- leaving

  /**
   * Output and Assign see the same variables; what is assigned is seen from the next state on. The output is
   * by default what the state got, or its result, or the error that was caught.
   */
  async #leave(
    here: Entered,
    { type, leaving }: { readonly type: State['type']; readonly leaving: Leaving },
    next: Next,
    outcome: Outcome = {},
  ): Promise<void> {
    const scope = this.#scope(here, outcome);
    const [byDefault = here.input] = Object.values(outcome);
    const output = leaving.output === undefined ? byDefault : await evaluate(leaving.output, scope);
    const assigned: [string, Json][] = [];
    for (const [name, template] of leaving.assign) assigned.push([name, await evaluate(template, scope)]);
    this.#checkSize(here, output);
    const variables = this.#assign(here, assigned);
    this.#record(`${type}StateExited`, here.state, {
      name: here.state,
      output,
      ...(assigned.length === 0 ? {} : { assignedVariables: Object.fromEntries(assigned) }),
    });
    this.#variables = variables;
    if (next === null) this.#end({ status: 'SUCCEEDED', output });
    else this.#position = { phase: 'ready', state: next, input: output };
  }

  #assign(here: Entered, assigned: readonly (readonly [string, Json])[]): JsonObject {
    if (assigned.length === 0) return this.#variables;
    const variables = { ...this.#variables, ...Object.fromEntries(assigned) };
    const exceeds =
      assigned.some(([, value]) => bytesOf(value) > LIMITS.variableBytes) ||
      bytesOf(variables) > LIMITS.variablesBytes;
    if (exceeds) throw new StateFailure(tooLarge(here.state));
    return variables;
  }

  #checkSize(here: Entered, value: Json): void {
    if (bytesOf(value) > LIMITS.payloadBytes) throw new StateFailure(tooLarge(here.state));
  }

  // ---- failing

  /** Runs what no catcher watches over: its failure is the execution's. */
  async #guarded(here: Entered, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#end({ status: 'FAILED', ...present(this.#evaluationFailed(here, error)) });
    }
  }

  /** A failure raised by the interpreter: its cause says in which state, and a failed expression is on record. */
  #evaluationFailed(here: Entered, thrown: unknown): Failure {
    if (!(thrown instanceof StateFailure)) throw thrown;
    const { failure } = thrown;
    const cause = `An error occurred while executing the state '${here.state}' (entered at the event id #${here.enteredEvent}). ${failure.cause ?? ''}`;
    if (failure.location !== undefined) {
      const { error, location } = failure;
      this.#record('EvaluationFailed', here.state, { error, cause, location, state: here.state });
    }
    return { ...failure, cause };
  }

  #end(ending: Ending): void {
    const type = {
      SUCCEEDED: 'ExecutionSucceeded',
      FAILED: 'ExecutionFailed',
      TIMED_OUT: 'ExecutionTimedOut',
      ABORTED: 'ExecutionAborted',
    }[ending.status];
    const details: JsonObject = ending.status === 'SUCCEEDED' ? { output: ending.output } : present(ending);
    this.#append(type, undefined, details);
    this.#ending = ending;
  }

  // ---- history, scope

  get #lastEvent(): number {
    return this.#before.events + this.#events.length;
  }

  /** Records an event that leaves room for the one that ends the execution. */
  #record(type: string, state: string, details: JsonObject): void {
    if (this.#lastEvent + 1 >= LIMITS.historyEvents) throw new HistoryFull();
    this.#append(type, state, details);
  }

  #append(type: string, state: string | undefined, details: JsonObject): void {
    const id = this.#lastEvent + 1;
    this.#events.push({
      id,
      type,
      timestamp: this.#around.now,
      ...(state === undefined ? {} : { state }),
      details,
    });
  }

  #scope(here: Entered, more: Outcome & { readonly retries?: number; readonly token?: string } = {}): Scope {
    const { name, input, startedAt } = this.#before;
    const position = this.#position;
    const retries = more.retries ?? ('retries' in position ? position.retries : 0);
    const machine = this.#around.stateMachineName;
    return {
      now: this.#around.now,
      variables: this.#variables,
      states: {
        input: here.input,
        context: {
          Execution: {
            Id: `arn:aws:states:local:000000000000:execution:${machine}:${name}`,
            Input: input,
            Name: name,
            StartTime: new Date(startedAt).toISOString(),
          },
          State: {
            Name: here.state,
            EnteredTime: new Date(here.enteredAt).toISOString(),
            RetryCount: retries,
          },
          StateMachine: { Id: `arn:aws:states:local:000000000000:stateMachine:${machine}`, Name: machine },
          ...(more.token === undefined ? {} : { Task: { Token: more.token } }),
        },
        ...(more.result === undefined ? {} : { result: more.result }),
        ...(more.errorOutput === undefined ? {} : { errorOutput: more.errorOutput }),
      },
    };
  }

  #state(name: string): State {
    const state = this.#machine.states.get(name);
    // The loader has checked every transition; only a foreign database could name another state.
    if (state === undefined) throw new Error(`the definition ${this.#machine.hash} has no state '${name}'`);
    return state;
  }

  #task(name: string): TaskState {
    const state = this.#state(name);
    if (state.type !== 'Task') throw new Error(`the state '${name}' is not a Task`);
    return state;
  }
}

// ---------------------------------------------------------------- small parts

const enteredPart = ({ state, input, enteredAt, enteredEvent }: Entered): Entered => ({
  state,
  input,
  enteredAt,
  enteredEvent,
});

const tooLarge = (state: string): Failure => ({
  error: ERRORS.dataLimitExceeded,
  cause: `The state/task '${state}' returned a result with a size exceeding the maximum number of bytes service limit.`,
});

const beaten = (attempt: Attempt, now: number): Attempt =>
  attempt.heartbeatSeconds === null
    ? attempt
    : { ...attempt, heartbeatAt: now + attempt.heartbeatSeconds * 1000 };

const resourceOf = ({ token }: TaskState): { resourceType: string; resource: string } => ({
  resourceType: 'lambda',
  resource: token ? 'invoke.waitForTaskToken' : 'invoke',
});

/** The longest time that a field of the language can name, in seconds. */
const LONGEST = 99_999_999;

function secondsIn(template: Template, field: string, value: Json, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= LONGEST)
    return value;
  throw unexpected(template, field, `integer from ${least} to ${LONGEST}`, value);
}

function present({
  error,
  cause,
}: {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}): {
  error?: string;
  cause?: string;
} {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
