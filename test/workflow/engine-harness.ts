/** Small definitions for the tests of the engine, and runs of them. */
import { Database } from '#adapters/embedded/database.ts';
import { loadDefinition, type Machine } from '#embedded/engine/definition.ts';
import { Engine, type EngineOptions, type Perform } from '#embedded/engine/engine.ts';
import { JumpClock } from '#embedded/engine/jump-clock.ts';
import { type SimulationResult, simulate } from '#embedded/engine/simulation.ts';
import type { Clock, HistoryEvent, Json } from '#functions/shared/ports.ts';

/** 2026-03-02T08:00:00Z. */
export const START = Date.UTC(2026, 2, 2, 8);

type Fields = Readonly<Record<string, unknown>>;

export const invoke = (fields: Fields = {}): Fields => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'work' },
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

export const awaitToken = (fields: Fields = {}): Fields => ({
  ...invoke(fields),
  Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
});

export const pass = (fields: Fields = {}): Fields => ({
  Type: 'Pass',
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

/** `${name}`, as it stands in a definition. */
export const placeholder = (name: string): string => `\${${name}}`;

/** A definition that starts at its first state. */
export const definition = (states: Readonly<Record<string, Fields>>, top: Fields = {}): string =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...top });

export const machineOf = (states: Readonly<Record<string, Fields>>, top: Fields = {}): Machine =>
  loadDefinition(definition(states, top));

export const run = (
  states: Readonly<Record<string, Fields>>,
  { input = {}, mocks = {}, top = {} }: { input?: unknown; mocks?: unknown; top?: Fields } = {},
): Promise<SimulationResult> => simulate({ definition: definition(states, top), input, mocks, start: START });

/** The output of one Pass state with this Output. */
export const outputOf = async (output: unknown, input: unknown = {}): Promise<Json> =>
  (await run({ P: pass({ Output: output }) }, { input })).output;

export const types = (history: readonly HistoryEvent[]): string[] => history.map(({ type }) => type);

/** Seconds after the start at which events of a type happened. */
export const secondsOf = (history: readonly HistoryEvent[], type: string): number[] =>
  history.filter((event) => event.type === type).map(({ timestamp }) => (timestamp - START) / 1000);

export const detailsOf = (history: readonly HistoryEvent[], type: string): unknown[] =>
  history.filter((event) => event.type === type).map(({ details }) => details);

type Rig<C> = { readonly engine: Engine; readonly clock: C; readonly database: Database };

/** An engine over a database, in memory where none is given; a fault fails the test. */
export async function start<C extends Clock = JumpClock>(
  machine: Machine,
  perform: Perform,
  options: Partial<EngineOptions> & { clock?: C } = {},
): Promise<Rig<C | JumpClock>> {
  const clock = options.clock ?? new JumpClock(START);
  const database = options.database ?? new Database(':memory:');
  const engine = new Engine({
    machine,
    perform,
    stateMachineName: 'test',
    onFault: (fault) => {
      throw fault;
    },
    ...options,
    database,
    clock,
  });
  await engine.resume();
  return { engine, clock, database };
}

/** A performer for token tasks that keeps the tokens it is given, in order. */
export function tokens(): { readonly perform: Perform; readonly given: string[] } {
  const given: string[] = [];
  return {
    given,
    perform: ({ token }) => {
      given.push(token ?? '');
      return Promise.resolve({});
    },
  };
}

/** The element that must be there. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items.at(index);
  if (item === undefined) throw new Error(`there is no element ${index}`);
  return item;
}
