import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matches } from '#embedded/engine/failure.ts';
import { retryDelay } from '#embedded/engine/retry.ts';
import { awaitToken, detailsOf, invoke, pass, run, secondsOf, types } from './engine-harness.ts';

const failing = (error: string, cause?: string) => [
  { throw: { error, ...(cause === undefined ? {} : { cause }) } },
];
const scheduledAt = async (retry: readonly unknown[], mocks: readonly unknown[]): Promise<number[]> => {
  const result = await run({ Call: invoke({ Retry: retry }) }, { mocks: { Call: mocks } });
  return secondsOf(result.history, 'TaskScheduled');
};

describe('Retry', () => {
  test.each([
    // By default: after 1 second, three times, doubling.
    [{}, [0, 1, 3, 7]],
    [{ IntervalSeconds: 10 }, [0, 10, 30, 70]],
    [{ IntervalSeconds: 10, BackoffRate: 1 }, [0, 10, 20, 30]],
    [{ IntervalSeconds: 2, BackoffRate: 1.5, MaxAttempts: 4 }, [0, 2, 5, 9.5, 16.25]],
    [{ IntervalSeconds: 3, MaxDelaySeconds: 5, MaxAttempts: 4 }, [0, 3, 8, 13, 18]],
    [{ MaxAttempts: 1 }, [0, 1]],
    [{ MaxAttempts: 0 }, [0]],
  ])('%j makes its attempts at %j seconds', async (fields, seconds) => {
    expect(await scheduledAt([{ ErrorEquals: ['X'], ...fields }], failing('X'))).toEqual(seconds);
  });

  test('full jitter waits between nothing and the delay, without it the delay itself', () => {
    const retrier = {
      errorEquals: ['X'],
      interval: 10,
      maxAttempts: 9,
      backoffRate: 2,
      maxDelay: 100,
      jitter: true,
    };
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (used, drawn) => {
          const longest = Math.min(10 * 2 ** used, 100) * 1000;
          const delay = retryDelay(retrier, used, () => drawn);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(longest);
          expect(retryDelay({ ...retrier, jitter: false }, used, () => drawn)).toBe(longest);
        },
      ),
    );
    expect(retryDelay(retrier, 2, () => 0)).toBe(0);
    expect(retryDelay(retrier, 2, () => 0.5)).toBe(20_000);
  });

  test('JitterStrategy FULL keeps every retry within its delay in a run', async () => {
    const retry = [
      { ErrorEquals: ['X'], IntervalSeconds: 100, BackoffRate: 1, MaxAttempts: 5, JitterStrategy: 'FULL' },
    ];
    const attempts = await scheduledAt(retry, failing('X'));
    expect(attempts).toHaveLength(6);
    const gaps = attempts.slice(1).map((second, index) => second - (attempts[index] ?? 0));
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(0);
      expect(gap).toBeLessThanOrEqual(100);
    }
  });

  test('each retrier counts for itself, the first that matches is the one that counts', async () => {
    const retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 2 },
      { ErrorEquals: ['B'], IntervalSeconds: 100, BackoffRate: 1, MaxAttempts: 1 },
    ];
    const mocks = ['A', 'B', 'A', 'A'].flatMap((error) => failing(error));
    expect(await scheduledAt(retry, mocks)).toEqual([0, 1, 101, 102]);
    // A is used up: States.ALL further down does not take its place.
    const withAll = [
      { ErrorEquals: ['A'], MaxAttempts: 0 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 5 },
    ];
    expect(await scheduledAt(withAll, failing('A'))).toEqual([0]);
    expect(await scheduledAt(withAll, failing('C'))).toEqual([0, 5, 15, 35]);
  });

  test('comes before Catch, and counts afresh when the state is entered again', async () => {
    const result = await run(
      {
        Call: invoke({
          Retry: [{ ErrorEquals: ['X'], MaxAttempts: 1 }],
          Catch: [{ ErrorEquals: ['X'], Next: 'Again' }],
          Next: 'End',
        }),
        Again: { Type: 'Wait', Seconds: 100, Next: 'Call' },
        End: pass({ Output: 'done' }),
      },
      { mocks: { Call: [...failing('X'), ...failing('X'), ...failing('X'), { return: 1 }] } },
    );
    expect(result.output).toBe('done');
    expect(secondsOf(result.history, 'TaskScheduled')).toEqual([0, 1, 101, 102]);
  });

  test('makes no events of its own between two attempts, and gives each attempt its own time', async () => {
    const result = await run(
      {
        Ask: awaitToken({
          TimeoutSeconds: 50,
          Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 10, MaxAttempts: 1 }],
        }),
      },
      { mocks: { Ask: [{ timeout: true }, { return: 'late', after: 49 }] } },
    );
    expect(types(result.history)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskTimedOut',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(secondsOf(result.history, 'TaskSucceeded')).toEqual([109]);
  });

  test('an expression that fails is retried like any other error, with the count it then sees', async () => {
    const result = await run(
      {
        Call: invoke({
          Arguments: {
            FunctionName: 'work',
            Payload: { n: '{% [null, 5][$states.context.State.RetryCount] ~> $number() %}' },
          },
          Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], IntervalSeconds: 1 }],
          Output: '{% $states.context.State.RetryCount %}',
        }),
      },
      { mocks: { Call: [{ return: 1 }] } },
    );
    expect(result.output).toBe(1);
  });
});

describe('ErrorEquals', () => {
  test.each([
    // error, names, caught
    ['Custom', ['Custom'], true],
    ['Custom', ['custom'], false],
    ['Custom', ['Other', 'Custom'], true],
    ['Custom', ['States.ALL'], true],
    ['Custom', ['States.TaskFailed'], true],
    ['Custom', ['States.Timeout'], false],
    ['States.TaskFailed', ['States.TaskFailed'], true],
    ['States.Timeout', ['States.Timeout'], true],
    ['States.Timeout', ['States.ALL'], true],
    ['States.Timeout', ['States.TaskFailed'], false],
    ['States.Timeout', ['States.HeartbeatTimeout'], false],
    ['States.HeartbeatTimeout', ['States.HeartbeatTimeout'], true],
    ['States.HeartbeatTimeout', ['States.Timeout'], true],
    ['States.HeartbeatTimeout', ['States.TaskFailed'], false],
    ['States.DataLimitExceeded', ['States.ALL'], false],
    ['States.DataLimitExceeded', ['States.TaskFailed'], false],
    ['States.DataLimitExceeded', ['States.DataLimitExceeded'], true],
    ['States.Runtime', ['States.ALL'], false],
    ['States.Runtime', ['States.TaskFailed'], false],
    ['States.Runtime', ['States.Runtime'], false],
    ['States.QueryEvaluationError', ['States.ALL'], true],
    ['States.QueryEvaluationError', ['States.TaskFailed'], true],
  ])('%s under %j: %s', (error, names, caught) => {
    expect(matches(names, { error })).toBe(caught);
  });
});

describe('Catch', () => {
  test('the first catcher that matches is taken; the error is its output where there is no Output', async () => {
    const states = {
      Call: invoke({
        Catch: [
          { ErrorEquals: ['A'], Next: 'First' },
          { ErrorEquals: ['A', 'B'], Next: 'Second' },
          { ErrorEquals: ['States.ALL'], Next: 'Third' },
        ],
      }),
      First: pass({ Output: ['first', '{% $states.input %}'] }),
      Second: pass({ Output: ['second', '{% $states.input %}'] }),
      Third: pass({ Output: ['third', '{% $states.input %}'] }),
    };
    const output = async (error: string) =>
      (await run(states, { mocks: { Call: failing(error, 'why') } })).output;
    expect(await output('A')).toEqual(['first', { Error: 'A', Cause: 'why' }]);
    expect(await output('B')).toEqual(['second', { Error: 'B', Cause: 'why' }]);
    expect(await output('C')).toEqual(['third', { Error: 'C', Cause: 'why' }]);
  });

  test('Output and Assign see the input, the error and the variables from before', async () => {
    const result = await run(
      {
        Before: pass({ Assign: { seen: 'before' }, Next: 'Call' }),
        Call: invoke({
          Catch: [
            {
              ErrorEquals: ['X'],
              Next: 'Caught',
              Output: {
                input: '{% $states.input %}',
                error: '{% $states.errorOutput.Error %}',
                seen: '{% $seen %}',
              },
              Assign: { seen: '{% $states.errorOutput.Cause %}' },
            },
          ],
        }),
        Caught: pass({ Output: ['{% $states.input %}', '{% $seen %}'] }),
      },
      { input: { id: 1 }, mocks: { Call: failing('X', 'why') } },
    );
    expect(result.output).toEqual([{ input: { id: 1 }, error: 'X', seen: 'before' }, 'why']);
    expect(types(result.history).slice(-5)).toEqual([
      'TaskFailed',
      'TaskStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('an error in the catcher itself is not caught again', async () => {
    const result = await run(
      {
        Call: invoke({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught', Output: '{% $absent %}' }] }),
        Caught: pass(),
      },
      { mocks: { Call: failing('X') } },
    );
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(detailsOf(result.history, 'EvaluationFailed')).toMatchObject([{ location: 'Catch[0]/Output' }]);
  });

  test('a failed Output of the task is caught, its result notwithstanding', async () => {
    const result = await run(
      {
        Call: invoke({
          Output: '{% $states.result.absent %}',
          Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
        }),
        Caught: pass(),
      },
      { mocks: { Call: [{ return: { present: 1 } }] } },
    );
    expect(result.output).toEqual({
      Error: 'States.QueryEvaluationError',
      Cause:
        "An error occurred while executing the state 'Call' (entered at the event id #2). The JSONata expression '$states.result.absent' specified for the field 'Output' returned nothing (undefined).",
    });
    expect(types(result.history)).toContain('TaskSucceeded');
  });

  test('uncaught, the error is that of the execution', async () => {
    expect(await run({ Call: invoke() }, { mocks: { Call: failing('X', 'why') } })).toMatchObject({
      status: 'FAILED',
      error: 'X',
      cause: 'why',
    });
    expect(await run({ Call: invoke() }, { mocks: { Call: failing('X') } })).toMatchObject({
      error: 'X',
      cause: null,
    });
  });
});

describe('timeout and heartbeat', () => {
  const ask = (fields: Record<string, unknown> = {}) => ({
    Ask: awaitToken({
      TimeoutSeconds: 100,
      HeartbeatSeconds: 30,
      Catch: [
        { ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Silent' },
        { ErrorEquals: ['States.Timeout'], Next: 'Late' },
      ],
      Next: 'Answered',
      ...fields,
    }),
    Silent: pass({ Output: ['silent', '{% $states.input %}'] }),
    Late: pass({ Output: ['late', '{% $states.input %}'] }),
    Answered: pass({ Output: ['answered', '{% $states.input %}'] }),
  });
  const timeout = { Error: 'States.Timeout', Cause: '' };

  test('without a heartbeat in time it is the heartbeat that timed out', async () => {
    const result = await run(ask(), { mocks: { Ask: [{ timeout: true }] } });
    expect(result.output).toEqual(['silent', timeout]);
    expect(secondsOf(result.history, 'TaskTimedOut')).toEqual([30]);
  });

  test('every heartbeat begins the time anew, up to the timeout', async () => {
    const steady = await run(ask(), { mocks: { Ask: [{ timeout: true, heartbeats: [29, 58, 87] }] } });
    expect(steady.output).toEqual(['late', timeout]);
    expect(secondsOf(steady.history, 'TaskTimedOut')).toEqual([100]);
    const stopping = await run(ask(), { mocks: { Ask: [{ timeout: true, heartbeats: [29] }] } });
    expect(stopping.output).toEqual(['silent', timeout]);
    expect(secondsOf(stopping.history, 'TaskTimedOut')).toEqual([59]);
  });

  test('an answer just in time is an answer, one just too late is not', async () => {
    const answered = (after: number) =>
      run(ask({ HeartbeatSeconds: 99 }), { mocks: { Ask: [{ return: 1, after, heartbeats: [50] }] } });
    expect((await answered(99)).output).toEqual(['answered', 1]);
    expect((await answered(100)).output).toEqual(['late', timeout]);
    expect((await answered(101)).output).toEqual(['late', timeout]);
  });

  test('States.Timeout catches a missing heartbeat where nothing names it', async () => {
    const result = await run(
      {
        Ask: awaitToken({
          HeartbeatSeconds: 30,
          Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Caught' }],
        }),
        Caught: pass({ Output: 'caught' }),
      },
      { mocks: { Ask: [{ timeout: true }] } },
    );
    expect(result.output).toBe('caught');
  });

  test('uncaught, either fails the execution with States.Timeout and no cause', async () => {
    for (const fields of [{ TimeoutSeconds: 30 }, { HeartbeatSeconds: 30 }]) {
      const result = await run({ Ask: awaitToken(fields) }, { mocks: { Ask: [{ timeout: true }] } });
      expect(result).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: null });
      expect(detailsOf(result.history, 'TaskTimedOut')).toEqual([
        { error: 'States.Timeout', resourceType: 'lambda', resource: 'invoke.waitForTaskToken' },
      ]);
    }
  });

  test('a function that takes too long times out as well', async () => {
    const states = { Call: invoke({ TimeoutSeconds: 30 }) };
    expect(await run(states, { mocks: { Call: [{ return: 1, after: 29 }] } })).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect(await run(states, { mocks: { Call: [{ return: 1, after: 31 }] } })).toMatchObject({
      error: 'States.Timeout',
    });
    expect(await run(states, { mocks: { Call: [{ timeout: true }] } })).toMatchObject({
      error: 'States.Timeout',
    });
  });
});
