import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import type { Perform } from '#embedded/engine/engine.ts';
import { JumpClock } from '#embedded/engine/jump-clock.ts';
import { lambdaInvocations } from '#embedded/engine/lambda.ts';
import { InvalidCursor } from '#functions/shared/errors.ts';
import type { Json } from '#functions/shared/ports.ts';
import {
  at,
  awaitToken,
  detailsOf,
  invoke,
  machineOf,
  pass,
  START,
  secondsOf,
  start,
  tokens,
  types,
} from './engine-harness.ts';

const nothing: Perform = () => Promise.resolve({});

/** A performer whose answers the test gives one by one. */
function held(): {
  perform: Perform;
  waiting: { state: string; execution: string; answer: (value: Json) => void }[];
} {
  const waiting: { state: string; execution: string; answer: (value: Json) => void }[] = [];
  const perform: Perform = ({ state, execution }) =>
    new Promise((answer) => waiting.push({ state, execution, answer }));
  return { perform, waiting };
}

/** Lets everything run that needs no answer and no timer. */
const settle = async (until: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 10_000 && !until(); turns++)
    await new Promise((resolve) => setImmediate(resolve));
  expect(until()).toBe(true);
};

describe('start', () => {
  test('is idempotent by name: the same input is the same execution, also after it has ended', async () => {
    const { engine } = await start(machineOf({ P: pass() }), nothing);
    expect(await engine.start('case-1', { n: 1, m: 2 })).toBe('started');
    await engine.idle();
    expect(await engine.start('case-1', { m: 2, n: 1 })).toBe('exists');
    await expect(engine.start('case-1', { n: 2 })).rejects.toMatchObject({ name: 'ExecutionExists' });
    expect((await engine.history('case-1')).length).toBe(4);
  });

  test('a hundred calls at once start one execution', async () => {
    const ask = tokens();
    const { engine } = await start(machineOf({ Ask: awaitToken() }), ask.perform);
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => engine.start('case-1', { n: 1 })));
    expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(99);
    await engine.idle();
    expect(ask.given).toHaveLength(1);
  });

  test.each(['', 'x'.repeat(81), 'a b', 'a/b', 'a:b', 'a*'])('refuses the name %j', async (name) => {
    const { engine } = await start(machineOf({ P: pass() }), nothing);
    await expect(engine.start(name, {})).rejects.toMatchObject({ name: 'LimitExceeded' });
  });

  test('refuses an input over 256 KiB', async () => {
    const { engine } = await start(machineOf({ P: pass() }), nothing);
    await expect(engine.start('big', { x: 'x'.repeat(256 * 1024) })).rejects.toMatchObject({
      name: 'LimitExceeded',
    });
    expect(await engine.describe('big')).toBeUndefined();
  });

  test('what ends is described with its input, output, and times', async () => {
    const { engine, clock } = await start(machineOf({ W: { Type: 'Wait', Seconds: 5, End: true } }), nothing);
    await engine.start('case-1', { n: 1 });
    await engine.idle();
    expect(await engine.describe('case-1')).toEqual({
      name: 'case-1',
      status: 'RUNNING',
      input: { n: 1 },
      startedAt: START,
    });
    clock.jumpTo(START + 5000);
    await engine.idle();
    expect(await engine.describe('case-1')).toEqual({
      name: 'case-1',
      status: 'SUCCEEDED',
      input: { n: 1 },
      output: { n: 1 },
      startedAt: START,
      stoppedAt: START + 5000,
    });
    expect(await engine.describe('case-2')).toBeUndefined();
    expect(await engine.history('case-2')).toEqual([]);
  });
});

describe('functions', () => {
  const machine = machineOf({
    Call: invoke({
      Arguments: { FunctionName: 'work', Payload: { n: '{% $states.input.n %}' } },
      Catch: [{ ErrorEquals: ['CentreUnavailable'], Next: 'Caught' }],
      Next: 'End',
    }),
    Caught: pass(),
    End: pass({ Output: '{% $states.input.Payload %}' }),
  });

  test('get their payload and answer as Lambda would', async () => {
    const calls: [string, Json][] = [];
    const perform = lambdaInvocations((name, payload) => {
      calls.push([name, payload]);
      return Promise.resolve({ sum: 3 });
    });
    const { engine } = await start(machine, perform);
    await engine.start('case-1', { n: 1 });
    await engine.idle();
    expect(calls).toEqual([['work', { n: 1 }]]);
    expect(await engine.describe('case-1')).toMatchObject({ output: { sum: 3 } });
    expect(detailsOf(await engine.history('case-1'), 'TaskSucceeded')).toMatchObject([
      { output: { ExecutedVersion: '$LATEST', StatusCode: 200, Payload: { sum: 3 } } },
    ]);
  });

  test.each<[Json | undefined, Json]>([
    [undefined, null],
    [JSON.parse('{"a": [1, {"b": null}]}'), { a: [1, { b: null }] }],
  ])('that answer %j are understood as over the wire', async (answer, payload) => {
    const { engine } = await start(
      machine,
      lambdaInvocations(() => Promise.resolve(answer)),
    );
    await engine.start('case-1', { n: 1 });
    await engine.idle();
    expect(await engine.describe('case-1')).toMatchObject({ status: 'SUCCEEDED' });
    expect((await engine.describe('case-1'))?.output).toEqual(payload);
  });

  test('fail with the name of what they throw and a cause like that of Lambda', async () => {
    class CentreUnavailable extends Error {
      override readonly name = 'CentreUnavailable';
    }
    const { engine } = await start(
      machine,
      lambdaInvocations(() => Promise.reject(new CentreUnavailable('no answer'))),
    );
    await engine.start('case-1', { n: 1 });
    await engine.idle();
    expect(await engine.describe('case-1')).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        Error: 'CentreUnavailable',
        Cause: '{"errorType":"CentreUnavailable","errorMessage":"no answer"}',
      },
    });
  });

  test('called with other arguments end the execution with States.Runtime', async () => {
    const odd = machineOf({ Call: invoke({ Arguments: { Payload: {} } }) });
    const { engine } = await start(
      odd,
      lambdaInvocations(() => Promise.resolve({})),
    );
    await engine.start('case-1', {});
    await engine.idle();
    expect(await engine.describe('case-1')).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('run at most as many at once as allowed, first come first served', async () => {
    const work = held();
    const { engine } = await start(machineOf({ Call: invoke() }), work.perform, { concurrency: 3 });
    const names = Array.from({ length: 9 }, (_, index) => `case-${index}`);
    for (const name of names) await engine.start(name, {});
    const order: string[] = [];
    let most = 0;
    while (order.length < names.length) {
      await settle(() => work.waiting.length === Math.min(3, names.length - order.length));
      most = Math.max(most, work.waiting.length);
      const next = work.waiting.shift();
      order.push(next?.execution ?? '');
      next?.answer({});
    }
    await engine.idle();
    expect(most).toBe(3);
    expect(order).toEqual(names);
    expect(engine.counts().SUCCEEDED).toBe(9);
  });

  test('that answer after the state timed out change nothing', async () => {
    const work = held();
    const { engine, clock } = await start(machineOf({ Call: invoke({ TimeoutSeconds: 10 }) }), work.perform);
    await engine.start('case-1', {});
    await settle(() => work.waiting.length === 1);
    clock.jumpTo(START + 10_000);
    await settle(() => !engine.stepping);
    at(work.waiting, 0).answer({ late: true });
    await engine.idle();
    expect(types(await engine.history('case-1'))).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskTimedOut',
      'ExecutionFailed',
    ]);
  });

  test('whose turn comes after their state timed out are not called at all', async () => {
    const work = held();
    const machine = machineOf({ Call: invoke({ TimeoutSeconds: 10 }) });
    const { engine, clock } = await start(machine, work.perform, { concurrency: 1 });
    await engine.start('first', {});
    await engine.start('second', {});
    await settle(() => work.waiting.length === 1 && !engine.stepping);
    clock.jumpTo(START + 10_000);
    await settle(() => !engine.stepping);
    at(work.waiting, 0).answer({});
    await engine.idle();
    expect(work.waiting.map(({ execution }) => execution)).toEqual(['first']);
    expect(engine.counts().FAILED).toBe(2);
  });
});

describe('task tokens', () => {
  const asking = machineOf({
    Ask: awaitToken({
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 5, MaxAttempts: 1 }],
      Next: 'Hold',
    }),
    Hold: { Type: 'Wait', Seconds: 60, End: true },
  });
  const asked = async () => {
    const ask = tokens();
    const rig = await start(asking, ask.perform);
    await rig.engine.start('case-1', {});
    await rig.engine.idle();
    return { ...rig, token: at(ask.given, 0), given: ask.given };
  };

  test('are unguessable: 256 random bits, another for every attempt and execution', async () => {
    const { engine, given, token } = await asked();
    await engine.start('case-2', {});
    await engine.idle();
    expect(given).toHaveLength(2);
    expect(new Set(given).size).toBe(2);
    expect(token).toMatch(/^[\w-]{43}$/u);
  });

  test('answered once are answered: the same again is delivered, anything else closed', async () => {
    const { engine, token } = await asked();
    expect(await engine.complete(token, { decision: 'pass', by: 1 })).toBe('delivered');
    expect(await engine.complete(token, { by: 1, decision: 'pass' })).toBe('delivered');
    expect(await engine.complete(token, { decision: 'reject', by: 1 })).toBe('closed');
    expect(await engine.fail(token, 'X', '')).toBe('closed');
    expect(await engine.heartbeat(token)).toBe('closed');
    const history = await engine.history('case-1');
    expect(detailsOf(history, 'TaskSucceeded')).toMatchObject([{ output: { decision: 'pass', by: 1 } }]);
  });

  test('answered by many at once take one answer', async () => {
    const { engine, token } = await asked();
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => engine.complete(token, { n })));
    expect(outcomes).toEqual(['delivered', ...Array.from({ length: 19 }, () => 'closed')]);
  });

  test('given the same answer by many at once have it delivered to all of them', async () => {
    const { engine, token } = await asked();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => engine.complete(token, { n: 1 })));
    expect(new Set(outcomes)).toEqual(new Set(['delivered']));
    expect(detailsOf(await engine.history('case-1'), 'TaskSucceeded')).toHaveLength(1);
  });

  test('of an attempt that timed out do not answer the attempt that came after it', async () => {
    const ask = tokens();
    const retried = awaitToken({
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 5 }],
    });
    const { engine, clock } = await start(machineOf({ Ask: retried }), ask.perform);
    await engine.start('case-1', {});
    await engine.idle();
    for (const second of [60, 65]) {
      clock.jumpTo(START + second * 1000);
      await engine.idle();
    }
    expect(ask.given).toHaveLength(2);
    expect(await engine.complete(at(ask.given, 0), { attempt: 1 })).toBe('closed');
    expect(await engine.complete(at(ask.given, 1), { attempt: 2 })).toBe('delivered');
    expect(await engine.describe('case-1')).toMatchObject({ status: 'SUCCEEDED', output: { attempt: 2 } });
  });

  test('that are answered too late are closed, also before their timer has come round', async () => {
    const slow = new JumpClock(START);
    const lagging = { now: () => slow.now(), wall: () => slow.wall(), at: () => () => {} };
    const ask = tokens();
    const { engine } = await start(asking, ask.perform, { clock: lagging });
    await engine.start('case-1', {});
    await engine.idle();
    slow.jumpTo(START + 59_999);
    expect(await engine.heartbeat(at(ask.given, 0))).toBe('delivered');
    slow.jumpTo(START + 60_000);
    expect(await engine.heartbeat(at(ask.given, 0))).toBe('closed');
    expect(await engine.complete(at(ask.given, 0), {})).toBe('closed');
    expect(await engine.describe('case-1')).toMatchObject({ status: 'RUNNING' });
  });

  test('that are foreign, timed out, or of an earlier attempt are closed', async () => {
    const { engine, clock, token, given } = await asked();
    expect(await engine.complete('x'.repeat(43), {})).toBe('closed');
    expect(await engine.fail(token, 'Again', 'once more')).toBe('delivered');
    clock.jumpTo(START + 5000);
    await engine.idle();
    expect(given).toHaveLength(2);
    expect(await engine.complete(token, {})).toBe('closed');
    clock.jumpTo(START + 65_000);
    await engine.idle();
    expect(await engine.complete(at(given, 1), {})).toBe('closed');
    expect(await engine.heartbeat(at(given, 1))).toBe('closed');
    expect(await engine.describe('case-1')).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  test('are closed when the execution is stopped', async () => {
    const { engine, token } = await asked();
    await engine.stop('case-1', 'Case.Withdrawn', 'withdrawn by the household');
    expect(await engine.complete(token, {})).toBe('closed');
  });

  test('may be answered before the function that was given them returns', async () => {
    const { promise: returned, resolve: letReturn } = Promise.withResolvers<Json>();
    const given: string[] = [];
    const { engine } = await start(asking, ({ token }) => {
      given.push(token ?? '');
      return returned;
    });
    await engine.start('case-1', {});
    await settle(() => given.length === 1);
    expect(await engine.complete(at(given, 0), { early: true })).toBe('delivered');
    letReturn({});
    await engine.idle();
    const history = types(await engine.history('case-1'));
    expect(history).toContain('TaskSucceeded');
    expect(history).not.toContain('TaskSubmitted');
  });

  test('fail with their function, whose error can be caught; its result is not the result', async () => {
    const { engine } = await start(asking, () => Promise.reject(new TypeError('broken')));
    await engine.start('case-1', {});
    await engine.idle();
    expect(await engine.describe('case-1')).toMatchObject({ status: 'FAILED', error: 'TypeError' });
  });

  test('with an answer over 256 KiB stay open', async () => {
    const { engine, token } = await asked();
    await expect(engine.complete(token, 'x'.repeat(256 * 1024))).rejects.toMatchObject({
      name: 'LimitExceeded',
    });
    expect(await engine.complete(token, {})).toBe('delivered');
  });

  test('a heartbeat where none is asked for is delivered and changes nothing', async () => {
    const { engine, clock, token } = await asked();
    clock.jumpTo(START + 59_000);
    expect(await engine.heartbeat(token)).toBe('delivered');
    clock.jumpTo(START + 60_000);
    await engine.idle();
    expect(secondsOf(await engine.history('case-1'), 'TaskTimedOut')).toEqual([60]);
  });
});

describe('stop', () => {
  test('ends a running execution as ABORTED, and leaves any other as it is', async () => {
    const { engine, clock } = await start(
      machineOf({ W: { Type: 'Wait', Seconds: 60, End: true } }),
      nothing,
    );
    await engine.start('case-1', {});
    await engine.start('case-2', {});
    await engine.idle();
    await engine.stop('case-1', 'Case.Withdrawn', 'why');
    await engine.stop('case-1', 'Other', 'later');
    await engine.stop('case-3', 'Other', 'never was');
    clock.jumpTo(START + 60_000);
    await engine.idle();
    await engine.stop('case-2', 'Other', 'has ended');
    expect(await engine.describe('case-1')).toMatchObject({
      status: 'ABORTED',
      error: 'Case.Withdrawn',
      cause: 'why',
    });
    expect(await engine.describe('case-2')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await engine.describe('case-3')).toBeUndefined();
    expect(types(await engine.history('case-1'))).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
      'ExecutionAborted',
    ]);
  });
});

describe('time', () => {
  test('a jump over many timers wakes everything that is due, each once', async () => {
    const states = { W: { Type: 'Wait', Seconds: '{% $states.input.s %}', End: true } };
    const { engine, clock } = await start(machineOf(states), nothing);
    for (let s = 1; s <= 1200; s++) await engine.start(`case-${s}`, { s });
    await engine.idle();
    clock.jumpTo(START + 1_000_000);
    await engine.idle();
    expect(engine.counts()).toMatchObject({ SUCCEEDED: 1000, RUNNING: 200 });
    expect(clock.next()).toBe(START + 1_001_000);
    clock.jumpTo(START + 2_000_000);
    await engine.idle();
    expect(engine.counts()).toMatchObject({ SUCCEEDED: 1200, RUNNING: 0 });
    expect((await engine.history('case-7')).length).toBe(4);
  });

  test('a clock that runs at another speed may show fractions of a millisecond', async () => {
    const { engine, clock } = await start(
      machineOf({ W: { Type: 'Wait', Seconds: 1, End: true } }),
      nothing,
      {
        clock: new JumpClock(START + 0.75),
      },
    );
    await engine.start('case-1', {});
    await engine.idle();
    clock.jumpTo(START + 1000.5);
    await engine.idle();
    expect(await engine.describe('case-1')).toMatchObject({ status: 'SUCCEEDED', stoppedAt: START + 1000 });
  });

  test('a timer set for earlier than the one that is waited for is not missed', async () => {
    const states = { W: { Type: 'Wait', Seconds: '{% $states.input.s %}', End: true } };
    const { engine, clock } = await start(machineOf(states), nothing);
    for (const s of [100, 10, 50]) await engine.start(`case-${s}`, { s });
    await engine.idle();
    const woken: number[] = [];
    for (let next = clock.next(); next !== undefined; next = clock.next()) {
      clock.jumpTo(next);
      await engine.idle();
      woken.push((next - START) / 1000);
    }
    expect(woken).toEqual([10, 50, 100]);
  });
});

describe('many executions', () => {
  test('a thousand at once, with calls, tokens and waits, all come to their end and leave nothing behind', async () => {
    const ask: { token: string; n: number }[] = [];
    const perform: Perform = ({ token, arguments: given }) => {
      if (token !== undefined) ask.push({ token, n: ask.length });
      return Promise.resolve({ Payload: given });
    };
    const { engine, clock, database } = await start(
      machineOf({
        Call: invoke({ Assign: { called: true }, Next: 'Choose' }),
        Choose: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $called %}', Next: 'Wait' }],
          Default: 'Wait',
        },
        Wait: { Type: 'Wait', Seconds: 30, Next: 'Ask' },
        Ask: awaitToken({ TimeoutSeconds: 60 }),
      }),
      perform,
    );
    const names = Array.from({ length: 1000 }, (_, index) => `case-${index}`);
    await Promise.all(names.map((name) => engine.start(name, { name })));
    await engine.idle();
    clock.jumpTo(START + 30_000);
    await engine.idle();
    expect(ask).toHaveLength(1000);
    const answers = await Promise.all(ask.map(({ token, n }) => engine.complete(token, { n })));
    expect(new Set(answers)).toEqual(new Set(['delivered']));
    await engine.idle();
    expect(engine.counts()).toEqual({ RUNNING: 0, SUCCEEDED: 1000, FAILED: 0, TIMED_OUT: 0, ABORTED: 0 });
    const outputs = await Promise.all(names.map(async (name) => (await engine.describe(name))?.output));
    expect(new Set(outputs.map((output) => JSON.stringify(output))).size).toBe(1000);
    const left = database
      .prepare('SELECT COUNT(*) AS n FROM workflow_executions WHERE position IS NOT NULL')
      .get();
    expect(left).toEqual({ n: 0 });
  });
});

describe('the operator', () => {
  test('lists executions by status in pages, the latest first', async () => {
    const { engine, clock } = await start(machineOf({ P: pass() }), nothing);
    for (let n = 0; n < 25; n++) {
      await engine.start(`case-${n}`, {});
      if (n % 2 === 0) clock.jumpTo(clock.now() + 1000);
    }
    await engine.idle();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = engine.list('SUCCEEDED', { limit: 10, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.executions.length).toBeLessThanOrEqual(10);
      seen.push(...page.executions.map(({ name }) => name));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
    const started = await Promise.all(
      seen.map(async (name) => (await engine.describe(name))?.startedAt ?? 0),
    );
    expect(started).toEqual([...started].sort((one, other) => other - one));
    expect(engine.list('FAILED')).toEqual({ executions: [] });
    expect(() => engine.list('SUCCEEDED', { cursor: 'nonsense' })).toThrow(InvalidCursor);
  });
});

describe('close and resume', () => {
  const root = mkdtempSync(join(tmpdir(), 'engine-'));
  afterAll(() => rmSync(root, { recursive: true }));
  const file = (name: string): string => join(root, name);

  test('waits for the invocation under way, records it, and begins nothing new', async () => {
    const path = file('close.db');
    const work = held();
    const machine = machineOf({ First: invoke({ Next: 'Second' }), Second: invoke() });
    const database = new Database(path);
    const { engine } = await start(machine, work.perform, { database });
    await engine.start('case-1', {});
    await settle(() => work.waiting.length === 1);
    let closed = false;
    const closing = engine.close().then(() => {
      closed = true;
    });
    await settle(() => !engine.stepping);
    expect(closed).toBe(false);
    at(work.waiting, 0).answer({ first: true });
    await closing;
    expect(work.waiting).toHaveLength(1);
    await expect(engine.start('case-2', {})).rejects.toMatchObject({ name: 'EngineClosed' });
    await expect(engine.complete('x', {})).rejects.toMatchObject({ name: 'EngineClosed' });
    database.close();

    const again = held();
    const reopened = new Database(path);
    const next = await start(machine, again.perform, { database: reopened });
    await settle(() => again.waiting.length === 1);
    expect(at(again.waiting, 0).state).toBe('Second');
    at(again.waiting, 0).answer({ second: true });
    await next.engine.idle();
    expect(await next.engine.describe('case-1')).toMatchObject({
      status: 'SUCCEEDED',
      output: { second: true },
    });
    reopened.close();
  });

  test('timers are absolute: what came due while nothing ran is seen to at the start', async () => {
    const path = file('timers.db');
    const ask = tokens();
    const machine = machineOf({
      Wait: { Type: 'Wait', Seconds: 60, Next: 'Ask' },
      Ask: awaitToken({ TimeoutSeconds: 100 }),
    });
    let database = new Database(path);
    const first = await start(machine, ask.perform, { database });
    await first.engine.start('case-1', {});
    await first.engine.idle();
    await first.engine.close();
    database.close();

    first.clock.jumpTo(START + 500_000);
    database = new Database(path);
    const second = await start(machine, ask.perform, { database, clock: first.clock });
    await second.engine.idle();
    expect(ask.given).toHaveLength(1);
    const history = await second.engine.history('case-1');
    expect(secondsOf(history, 'WaitStateExited')).toEqual([500]);
    await second.engine.close();
    database.close();

    // The time of the task has been running since it was scheduled; its function is not called again.
    first.clock.jumpTo(START + 600_000);
    database = new Database(path);
    const third = await start(machine, ask.perform, { database, clock: first.clock });
    await third.engine.idle();
    expect(ask.given).toHaveLength(1);
    expect(await third.engine.describe('case-1')).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
    });
    await third.engine.close();
    database.close();
  });

  test('a function that was told its token is not called again by a restart', async () => {
    const database = new Database(':memory:');
    const ask = tokens();
    const machine = machineOf({ Ask: awaitToken() });
    const first = await start(machine, ask.perform, { database });
    await first.engine.start('case-1', {});
    await first.engine.idle();
    await first.engine.close();
    const second = await start(machine, ask.perform, { database });
    await second.engine.idle();
    expect(ask.given).toHaveLength(1);
    expect(await second.engine.complete(at(ask.given, 0), {})).toBe('delivered');
  });

  test('an execution goes on in the definition in which it started', async () => {
    const database = new Database(':memory:');
    const ask = tokens();
    const old = machineOf({ Ask: awaitToken({ Next: 'End' }), End: pass({ Output: 'old' }) });
    const first = await start(old, ask.perform, { database });
    await first.engine.start('case-1', {});
    await first.engine.idle();
    await first.engine.close();
    const second = await start(machineOf({ End: pass({ Output: 'new' }) }), ask.perform, { database });
    await second.engine.start('case-2', {});
    expect(await second.engine.complete(at(ask.given, 0), {})).toBe('delivered');
    await second.engine.idle();
    expect(await second.engine.describe('case-1')).toMatchObject({ output: 'old' });
    expect(await second.engine.describe('case-2')).toMatchObject({ output: 'new' });
  });

  test('a write that fails is reported, and taken up again a second later', async () => {
    const database = new Database(':memory:');
    const faults: unknown[] = [];
    let broken = false;
    const { engine, clock } = await start(
      machineOf({ W: { Type: 'Wait', Seconds: 60, Next: 'P' }, P: pass() }),
      nothing,
      {
        database,
        onFault: (fault) => faults.push(fault),
        probe: (point) => {
          if (broken && point === 'before-write') throw new Error('the disk is full');
        },
      },
    );
    await engine.start('case-1', {});
    broken = true;
    await engine.idle();
    expect(faults).toHaveLength(1);
    expect(await engine.describe('case-1')).toMatchObject({ status: 'RUNNING' });
    broken = false;
    clock.jumpTo(START + 1000);
    await engine.idle();
    broken = true;
    clock.jumpTo(START + 61_000);
    await engine.idle();
    expect(faults).toHaveLength(2);
    broken = false;
    clock.jumpTo(START + 62_000);
    await engine.idle();
    expect(await engine.describe('case-1')).toMatchObject({ status: 'SUCCEEDED' });
  });
});
