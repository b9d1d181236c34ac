/**
 * One run of a definition with mocked tasks, on a clock that jumps from timer to timer: what `npm run asl` prints.
 * It is the engine itself over a database in memory, so that a rehearsal can't differ from the real run.
 */
import * as z from 'zod';
import { zhCN } from 'zod/locales';
import { Database } from '#adapters/embedded/database.ts';
import type { Fault } from '#functions/shared/errors.ts';
import type { ExecutionStatus, HistoryEvent, Json, JsonObject } from '#functions/shared/ports.ts';
import { DefinitionRefused, loadDefinition, type Machine } from './definition.ts';
import { Engine, type TaskCall } from './engine.ts';
import { ERRORS, TaskFailure } from './failure.ts';
import { JumpClock } from './jump-clock.ts';

const seconds = z.number().min(0);
const timing = {
  /** Seconds after the attempt is scheduled at which its answer comes. */
  after: seconds.default(0),
  /** Seconds after the attempt is scheduled at which heartbeats come; `.waitForTaskToken` only. */
  heartbeats: z.array(seconds).default([]),
};

/** What becomes of one attempt. */
const mock = z.union([
  z.strictObject({ return: z.json(), ...timing }),
  z.strictObject({ throw: z.strictObject({ error: z.string(), cause: z.string().optional() }), ...timing }),
  /** No answer ever comes. */
  z.strictObject({ timeout: z.literal(true), heartbeats: timing.heartbeats }),
]);
type Mock = z.output<typeof mock>;

/** By state, one entry an attempt; the last one repeats. */
const mocksForm = z.record(z.string(), z.array(mock).min(1));
type Mocks = z.output<typeof mocksForm>;

/** `status` is RUNNING where the execution waits for something that no clock brings. */
export type SimulationResult = {
  readonly status: ExecutionStatus;
  readonly output: Json;
  readonly error: string | null;
  readonly cause: string | null;
  readonly history: readonly HistoryEvent[];
};

export type SimulationInput = {
  readonly definition: string;
  readonly input: unknown;
  readonly mocks: unknown;
  /** Milliseconds since the epoch at which the run begins. */
  readonly start: number;
};

const EXECUTION = 'run';

/** Runs it to its end. Errors: `DefinitionRefused` for a definition, an input or mocks that can't be used. */
export async function simulate({
  definition,
  input,
  mocks,
  start,
}: SimulationInput): Promise<SimulationResult> {
  const machine = loadDefinition(definition, { keepPlaceholders: true });
  const given = parse(z.json(), input, '/input');
  const answers = readMocks(machine, mocks);

  const clock = new JumpClock(start);
  const database = new Database(':memory:');
  const faults: unknown[] = [];
  const performer = new MockedTasks(machine, answers, clock);
  const engine = new Engine({
    database,
    clock,
    machine,
    stateMachineName: 'definition',
    perform: (call) => performer.perform(engine, call),
    onFault: (fault) => faults.push(fault),
  });
  try {
    await engine.resume();
    await engine.start(EXECUTION, given);
    while (true) {
      await quiet(engine);
      faults.push(...performer.faults);
      if (faults.length > 0) throw faults[0];
      const seen = await engine.describe(EXECUTION);
      if (seen === undefined) throw new Error('the execution is gone');
      const next = clock.next();
      if (seen.status !== 'RUNNING' || next === undefined) {
        return {
          status: seen.status,
          output: seen.output ?? null,
          error: seen.error ?? null,
          cause: seen.cause ?? null,
          history: await engine.history(EXECUTION),
        };
      }
      clock.jumpTo(next);
    }
  } finally {
    performer.release();
    await engine.close();
    database.close();
  }
}

/** Two idle turns of the event loop: mocks answer within microtasks, the database within one turn. */
async function quiet(engine: Engine): Promise<void> {
  for (let turns = 0; turns < 2; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (engine.stepping) turns = -1;
  }
}

function parse<T>(form: z.ZodType<T>, value: unknown, pointer: string): T {
  const parsed = form.safeParse(value, { error: zhCN().localeError });
  if (parsed.success) return parsed.data;
  throw new DefinitionRefused(
    parsed.error.issues.map((issue) => ({
      pointer: [pointer, ...issue.path.map(String)].join('/'),
      code: issue.code,
      message: issue.message,
    })),
  );
}

function readMocks(machine: Machine, value: unknown): Mocks {
  const mocks = parse(mocksForm, value, '/mocks');
  const faults: Fault[] = [];
  for (const [name, entries] of Object.entries(mocks)) {
    const state = machine.states.get(name);
    if (state?.type !== 'Task') {
      faults.push({
        pointer: `/mocks/${name}`,
        code: 'not-a-task',
        message: `“${name}”不是此定义中的 Task 状态。`,
      });
    } else if (!state.token && entries.some(({ heartbeats }) => heartbeats.length > 0)) {
      faults.push({
        pointer: `/mocks/${name}`,
        code: 'no-heartbeats',
        message: '只有 .waitForTaskToken 的任务可以有 heartbeats。',
      });
    }
  }
  if (faults.length > 0) throw new DefinitionRefused(faults);
  return mocks;
}

/** Plays the functions and those who answer task tokens. */
class MockedTasks {
  /** What must not be taken for a failure of the execution. */
  readonly faults: unknown[] = [];
  readonly #machine: Machine;
  readonly #mocks: Mocks;
  readonly #clock: JumpClock;
  readonly #attempts = new Map<string, number>();
  #parked: (() => void)[] = [];

  constructor(machine: Machine, mocks: Mocks, clock: JumpClock) {
    this.#machine = machine;
    this.#mocks = mocks;
    this.#clock = clock;
  }

  /** Ends the attempts to which no answer has come. */
  release(): void {
    for (const end of this.#parked) end();
    this.#parked = [];
  }

  async perform(engine: Engine, { state, token }: TaskCall): Promise<Json> {
    const answer = this.#next(state);
    if (token === undefined) {
      await ('after' in answer
        ? this.#until(answer.after)
        : new Promise<void>((end) => this.#parked.push(end)));
      return settle(answer);
    }
    for (const heartbeat of answer.heartbeats) this.#later(heartbeat, () => engine.heartbeat(token));
    if ('return' in answer) this.#later(answer.after, () => engine.complete(token, answer.return));
    if ('throw' in answer) {
      this.#later(answer.after, () => engine.fail(token, answer.throw.error, answer.throw.cause));
    }
    const submitted: JsonObject = { StatusCode: 200 };
    return submitted;
  }

  #next(state: string): Mock {
    const entries = this.#machine.states.has(state) ? this.#mocks[state] : undefined;
    const attempt = this.#attempts.get(state) ?? 0;
    this.#attempts.set(state, attempt + 1);
    const answer = entries?.[Math.min(attempt, entries.length - 1)];
    if (answer !== undefined) return answer;
    const refused = new DefinitionRefused([
      { pointer: `/mocks/${state}`, code: 'missing-mock', message: `Task 状态“${state}”没有模拟结果。` },
    ]);
    this.faults.push(refused);
    throw refused;
  }

  #until(after: number): Promise<void> {
    if (after === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#parked.push(resolve);
      this.#clock.at(this.#clock.now() + after * 1000, resolve);
    });
  }

  /** Answers after this turn's work, so that the call itself is on record first. */
  #later(after: number, answer: () => Promise<unknown>): void {
    const give = (): void => {
      answer().catch((fault: unknown) => this.faults.push(fault));
    };
    if (after === 0) setImmediate(give);
    else this.#clock.at(this.#clock.now() + after * 1000, give);
  }
}

function settle(answer: Mock): Json {
  if ('return' in answer) return answer.return;
  if ('throw' in answer) throw new TaskFailure(answer.throw.error, answer.throw.cause);
  throw new TaskFailure(ERRORS.timeout, '');
}
