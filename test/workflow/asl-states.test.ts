import { describe, expect, test } from 'vitest';
import { awaitToken, detailsOf, invoke, pass, run, START, secondsOf, types } from './engine-harness.ts';

const lambda = (payload: unknown): unknown => ({ StatusCode: 200, Payload: payload });

describe('history', () => {
  test('names the events of every kind of state as Step Functions does, in order, with consecutive ids', async () => {
    const result = await run(
      {
        Call: invoke({ Next: 'Ask' }),
        Ask: awaitToken({ Next: 'Wait' }),
        Wait: { Type: 'Wait', Seconds: 60, Next: 'Choose' },
        Choose: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Pass' }], Default: 'Fail' },
        Pass: pass({ Next: 'Succeed' }),
        Succeed: { Type: 'Succeed' },
        Fail: { Type: 'Fail' },
      },
      { mocks: { Call: [{ return: lambda(1) }], Ask: [{ return: { decision: 'pass' } }] } },
    );
    expect(result.status).toBe('SUCCEEDED');
    expect(types(result.history)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'WaitStateEntered',
      'WaitStateExited',
      'ChoiceStateEntered',
      'ChoiceStateExited',
      'PassStateEntered',
      'PassStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
    expect(result.history.map(({ id }) => id)).toEqual(result.history.map((_, index) => index + 1));
    expect(result.history[1]?.state).toBe('Call');
    expect(result.history[0]).not.toHaveProperty('state');
  });

  test('ends with ExecutionFailed as event 25,000 where a definition never comes to an end', async () => {
    const result = await run({
      Spin: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }], Default: 'Spin' },
      End: { Type: 'Succeed' },
    });
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(result.history).toHaveLength(25_000);
    expect(result.history.at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });
});

describe('Task', () => {
  test('hands on the raw result where there is no Output, and schedules with the evaluated arguments', async () => {
    const result = await run(
      {
        Call: invoke({
          Arguments: { FunctionName: 'work', Payload: { double: '{% $states.input.n * 2 %}' } },
          TimeoutSeconds: '{% $states.input.n + 1 %}',
          HeartbeatSeconds: 3,
        }),
      },
      { input: { n: 21 }, mocks: { Call: [{ return: lambda(null) }] } },
    );
    expect(result.output).toEqual({ StatusCode: 200, Payload: null });
    expect(detailsOf(result.history, 'TaskScheduled')).toEqual([
      {
        resourceType: 'lambda',
        resource: 'invoke',
        parameters: { FunctionName: 'work', Payload: { double: 42 } },
        timeoutInSeconds: 22,
        heartbeatInSeconds: 3,
      },
    ]);
  });

  test('a result of null is a result', async () => {
    const result = await run(
      { Ask: awaitToken({ Output: { got: '{% $states.result %}' } }) },
      { mocks: { Ask: [{ return: null }] } },
    );
    expect(result.output).toEqual({ got: null });
  });

  test('a result over 256 KiB fails with States.DataLimitExceeded, which States.ALL does not catch', async () => {
    const states = (error: string) => ({
      Call: invoke({ Next: 'After', Catch: [{ ErrorEquals: [error], Next: 'Caught' }] }),
      After: pass(),
      Caught: pass({ Output: 'caught' }),
    });
    const mocks = { Call: [{ return: 'x'.repeat(256 * 1024) }] };
    expect(await run(states('States.ALL'), { mocks })).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
    expect(await run(states('States.DataLimitExceeded'), { mocks })).toMatchObject({ output: 'caught' });
    const fits = { Call: [{ return: 'x'.repeat(256 * 1024 - 2) }] };
    expect(await run(states('States.ALL'), { mocks: fits })).toMatchObject({ status: 'SUCCEEDED' });
  });

  test.each([
    ['TimeoutSeconds', '{% 0 %}'],
    ['TimeoutSeconds', '{% 1.5 %}'],
    ['TimeoutSeconds', '{% "60" %}'],
    ['TimeoutSeconds', '{% 100000000 %}'],
    ['HeartbeatSeconds', '{% -1 %}'],
    ['HeartbeatSeconds', '{% [60, 61] %}'],
  ])('%s of %s is a query evaluation error, and can be caught', async (field, value) => {
    const result = await run({
      Call: invoke({
        [field]: value,
        Next: 'After',
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
      }),
      After: pass(),
      Caught: pass({ Output: '{% $states.input.Error %}' }),
    });
    expect(result.output).toBe('States.QueryEvaluationError');
    expect(detailsOf(result.history, 'EvaluationFailed')).toMatchObject([{ location: field, state: 'Call' }]);
    expect(types(result.history)).not.toContain('TaskScheduled');
  });
});

describe('Choice', () => {
  const choice = {
    Choose: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'End', Output: 'large', Assign: { size: 'L' } },
        { Condition: '{% $states.input.n > 5 %}', Next: 'End', Assign: { size: 'M' } },
      ],
      Default: 'End',
      Output: 'small',
      Assign: { size: 'S' },
    },
    End: pass({ Output: ['{% $states.input %}', '{% $size %}'] }),
  };

  test('takes the first rule that holds, with the Output and Assign of that rule alone', async () => {
    expect(await run(choice, { input: { n: 11 } })).toMatchObject({ output: ['large', 'L'] });
    expect(await run(choice, { input: { n: 6 } })).toMatchObject({ output: [{ n: 6 }, 'M'] });
  });

  test("takes Default with the state's own Output and Assign", async () => {
    expect(await run(choice, { input: { n: 1 } })).toMatchObject({ output: ['small', 'S'] });
  });

  test('without a match and without Default fails with States.NoChoiceMatched', async () => {
    const result = await run({
      Choose: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }] },
      End: pass(),
    });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
    expect(types(result.history)).toEqual(['ExecutionStarted', 'ChoiceStateEntered', 'ExecutionFailed']);
  });

  test.each(['{% "true" %}', '{% 1 %}', '{% null %}', '{% [true, true] %}', '{% $states.input.absent %}'])(
    'a condition of %s fails instead of counting as true or false',
    async (condition) => {
      const result = await run({
        Choose: { Type: 'Choice', Choices: [{ Condition: condition, Next: 'End' }], Default: 'End' },
        End: pass(),
      });
      expect(result).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
      expect(detailsOf(result.history, 'EvaluationFailed')).toMatchObject([
        { location: 'Choices[0]/Condition' },
      ]);
    },
  );
});

describe('Wait', () => {
  const wait = (fields: Record<string, unknown>) => ({ W: { Type: 'Wait', End: true, ...fields } });

  test.each([
    [{ Seconds: 90 }, 90],
    [{ Seconds: 0 }, 0],
    [{ Seconds: '{% $states.input.days * 86400 %}' }, 172_800],
    [{ Timestamp: '2026-03-09T08:00:00Z' }, 604_800],
    [{ Timestamp: '{% $states.input.until %}' }, 604_800],
    // +08:00, and milliseconds are not looked at.
    [{ Timestamp: '2026-03-02T16:00:30.999+08:00' }, 30],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, 0],
  ])('%j ends after the time it names', async (fields, seconds) => {
    const result = await run(wait(fields), { input: { days: 2, until: '2026-03-09T08:00:00Z' } });
    expect(result.status).toBe('SUCCEEDED');
    expect(secondsOf(result.history, 'WaitStateExited')).toEqual([seconds]);
  });

  test.each([
    { Seconds: '{% -1 %}' },
    { Seconds: '{% 1.5 %}' },
    { Seconds: '{% "60" %}' },
    { Timestamp: '{% "tomorrow" %}' },
    { Timestamp: '{% "2026-03-09 08:00:00" %}' },
    { Timestamp: '{% "2026-13-09T08:00:00Z" %}' },
    { Timestamp: '{% 1772438400000 %}' },
  ])('%j is a query evaluation error', async (fields) => {
    expect(await run(wait(fields))).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  test('evaluates Output when it is over, not before', async () => {
    const result = await run(wait({ Seconds: 60, Output: '{% $millis() %}' }));
    expect(result.output).toBe(START + 60_000);
  });
});

describe('Pass, Succeed, Fail', () => {
  test('Pass and Succeed hand on their input, or their Output', async () => {
    const input = { a: [1, { b: null }] };
    expect(await run({ P: pass({ Next: 'S' }), S: { Type: 'Succeed' } }, { input })).toMatchObject({
      output: input,
    });
    const succeed = { S: { Type: 'Succeed', Output: { n: '{% $count($states.input.a) %}' } } };
    expect(await run(succeed, { input })).toMatchObject({ output: { n: 2 } });
  });

  test('Output is literal JSON of any kind', async () => {
    for (const output of [0, false, null, '', 'text', [], {}, [1, [2]]]) {
      expect((await run({ P: pass({ Output: output }) })).output).toEqual(output);
    }
  });

  test('Fail names error and cause, by literals or expressions, without a state exit', async () => {
    const fail = (fields: Record<string, unknown>) =>
      run({ F: { Type: 'Fail', ...fields } }, { input: { c: 'why' } });
    const result = await fail({ Error: 'Case.Rejected', Cause: '{% "because: " & $states.input.c %}' });
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'Case.Rejected',
      cause: 'because: why',
      output: null,
    });
    expect(types(result.history)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
    expect(await fail({})).toMatchObject({ status: 'FAILED', error: null, cause: null });
    expect(await fail({ Error: '{% 404 %}' })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});

describe('variables', () => {
  test('every expression of a state sees the values from before; the next state sees the new ones', async () => {
    const result = await run({
      First: pass({ Assign: { x: 1, y: 10 }, Next: 'Second' }),
      Second: pass({
        Assign: { x: '{% $y %}', y: '{% $x %}' },
        Output: { x: '{% $x %}', y: '{% $y %}' },
        Next: 'Third',
      }),
      Third: pass({ Output: { before: '{% $states.input %}', x: '{% $x %}', y: '{% $y %}' } }),
    });
    expect(result.output).toEqual({ before: { x: 1, y: 10 }, x: 10, y: 1 });
    expect(detailsOf(result.history, 'PassStateExited')).toMatchObject([
      { assignedVariables: { x: 1, y: 10 } },
      { assignedVariables: { x: 10, y: 1 } },
      {},
    ]);
  });

  test('null can be assigned, and is not the same as unassigned', async () => {
    const result = await run({
      A: pass({ Assign: { x: '{% null %}' }, Next: 'B' }),
      B: pass({ Output: ['{% $exists($x) %}', '{% $exists($y) %}', '{% $x %}'] }),
    });
    expect(result.output).toEqual([true, false, null]);
  });

  test('reading a variable that is not assigned fails', async () => {
    expect(await run({ A: pass({ Output: '{% $absent %}' }) })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });

  test('nothing is assigned where the state fails', async () => {
    const result = await run(
      {
        Call: invoke({
          Assign: { x: 'new', bad: '{% $states.result.absent %}' },
          Next: 'After',
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught', Assign: { caught: true } }],
        }),
        After: pass(),
        Caught: pass({ Output: ['{% $exists($x) %}', '{% $caught %}'] }),
      },
      { mocks: { Call: [{ return: {} }] } },
    );
    expect(result.output).toEqual([false, true]);
  });

  test('a variable holds at most 256 KiB, all of them together 10 MiB', async () => {
    const big = (bytes: number) => `{% $pad("", ${bytes - 2}, "x") %}`;
    const one = (bytes: number) => run({ A: pass({ Assign: { x: big(bytes) }, Output: 1 }) });
    expect(await one(256 * 1024)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await one(256 * 1024 + 1)).toMatchObject({ error: 'States.DataLimitExceeded' });
    const many = (count: number) =>
      run({
        A: pass({
          Assign: Object.fromEntries(
            Array.from({ length: count }, (_, index) => [`v${index}`, big(256 * 1024)]),
          ),
          Output: 1,
        }),
      });
    expect(await many(39)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await many(41)).toMatchObject({ error: 'States.DataLimitExceeded' });
  });
});

describe('the context object', () => {
  test('holds the execution, the state and the state machine', async () => {
    const result = await run(
      { W: { Type: 'Wait', Seconds: 60, Next: 'P' }, P: pass({ Output: '{% $states.context %}' }) },
      { input: { id: 7 } },
    );
    expect(result.output).toEqual({
      Execution: {
        Id: 'arn:aws:states:local:000000000000:execution:definition:run',
        Input: { id: 7 },
        Name: 'run',
        StartTime: '2026-03-02T08:00:00.000Z',
      },
      State: { Name: 'P', EnteredTime: '2026-03-02T08:01:00.000Z', RetryCount: 0 },
      StateMachine: {
        Id: 'arn:aws:states:local:000000000000:stateMachine:definition',
        Name: 'definition',
      },
    });
  });

  test('counts the retries, keeps the time of entry, and has another token for every attempt', async () => {
    const result = await run(
      {
        Ask: awaitToken({
          Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 60, MaxAttempts: 2 }],
          Output: '{% $states.context.State %}',
        }),
      },
      { mocks: { Ask: [{ throw: { error: 'Again' } }, { throw: { error: 'Again' } }, { return: 1 }] } },
    );
    expect(result.output).toEqual({ Name: 'Ask', EnteredTime: '2026-03-02T08:00:00.000Z', RetryCount: 2 });
    const given = detailsOf(result.history, 'TaskScheduled').map((details) => JSON.stringify(details));
    expect(new Set(given).size).toBe(3);
    for (const details of given) expect(details).toMatch(/"token":"[\w-]{43}"/u);
  });

  test('has no token in a task that does not wait for one', async () => {
    const result = await run({
      Call: invoke({ Arguments: { FunctionName: '{% $states.context.Task.Token %}' } }),
    });
    expect(result.error).toBe('States.QueryEvaluationError');
  });
});

describe('the time of the whole execution', () => {
  test('ends it as TIMED_OUT, in a Wait, a task, or between two attempts, without leaving the state', async () => {
    const top = { TimeoutSeconds: 100 };
    const forever = [{ timeout: true }];
    const waits = await run({ W: { Type: 'Wait', Seconds: 101, End: true } }, { top });
    const asks = await run({ A: awaitToken() }, { top, mocks: { A: forever } });
    const retries = await run(
      { A: invoke({ Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 200 }] }) },
      { top, mocks: { A: [{ throw: { error: 'X' } }] } },
    );
    for (const result of [waits, asks, retries]) {
      expect(result).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
      expect(secondsOf(result.history, 'ExecutionTimedOut')).toEqual([100]);
      expect(types(result.history).filter((type) => type.endsWith('StateExited'))).toEqual([]);
    }
  });

  test('is not exceeded by what ends in time', async () => {
    const result = await run(
      { W: { Type: 'Wait', Seconds: 99, End: true } },
      { top: { TimeoutSeconds: 100 } },
    );
    expect(result.status).toBe('SUCCEEDED');
  });

  test('a task that nobody answers and no time bounds stays RUNNING', async () => {
    expect(await run({ A: awaitToken() }, { mocks: { A: [{ timeout: true }] } })).toMatchObject({
      status: 'RUNNING',
      output: null,
      error: null,
    });
  });
});
