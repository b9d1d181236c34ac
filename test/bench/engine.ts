/**
 * How fast the workflow engine is, durably: state transitions a second over many executions at once, on a
 * database file with every write synced. The run is checked in the same breath: every execution must end as it
 * should, with its whole history.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { loadDefinition } from '#embedded/engine/definition.ts';
import { Engine } from '#embedded/engine/engine.ts';
import { JumpClock } from '#embedded/engine/jump-clock.ts';
import { lambdaInvocations } from '#embedded/engine/lambda.ts';
import type { BenchRow } from './row.ts';

const EXECUTIONS = 500;
const ROUNDS = 5;

/** A loop of a call and a choice: two transitions a round, each with an expression or more. */
const DEFINITION = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Assign: { round: 0 }, Next: 'Call' },
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'work', Payload: { round: '{% $round %}' } },
      TimeoutSeconds: 3600,
      Assign: { round: '{% $states.result.Payload.round + 1 %}' },
      Output: '{% $states.result.Payload %}',
      Next: 'More',
    },
    More: {
      Type: 'Choice',
      Choices: [{ Condition: `{% $round < ${ROUNDS} %}`, Next: 'Call' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
});

/** Begin, the rounds, Done; events: 2 a state, 3 more a call, and the first and last of the execution. */
const TRANSITIONS = 1 + ROUNDS * 2 + 1;
const EVENTS = TRANSITIONS * 2 + ROUNDS * 3 + 2;

/** Errors: throws where a single execution did not go as it should. */
export async function benchEngine(): Promise<readonly BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-engine-'));
  const database = new Database(join(folder, 'bench.db'));
  try {
    const engine = new Engine({
      database,
      clock: new JumpClock(Date.UTC(2026, 0, 1)),
      machine: loadDefinition(DEFINITION),
      stateMachineName: 'bench',
      perform: lambdaInvocations((_, payload) => Promise.resolve(payload)),
      onFault: (fault) => {
        throw fault;
      },
    });
    await engine.resume();
    const names = Array.from({ length: EXECUTIONS }, (_, index) => `bench-${index}`);
    const began = performance.now();
    await Promise.all(names.map((name) => engine.start(name, { name })));
    await engine.idle();
    const seconds = (performance.now() - began) / 1000;
    await check(engine, names);
    await engine.close();
    const rate = Math.round((EXECUTIONS * TRANSITIONS) / seconds);
    return [
      { measure: 'durable state transitions of the workflow engine', value: rate, unit: '/s', aim: '≥ 1000' },
    ];
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

async function check(engine: Engine, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const seen = await engine.describe(name);
    const events = (await engine.history(name)).length;
    const output = JSON.stringify(seen?.output);
    if (seen?.status !== 'SUCCEEDED' || events !== EVENTS || output !== `{"round":${ROUNDS - 1}}`) {
      throw new Error(`execution ${name} went wrong: ${seen?.status}, ${events} events, ${output}`);
    }
  }
}
