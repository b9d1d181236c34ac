/** The endpoint as the service's own SDK sees it: classes of errors, pages, times, texts. */
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidExecutionInput,
  InvalidName,
  InvalidOutput,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Endpoint, startEndpoint } from '#embedded/step-functions/endpoint.ts';
import { openContractEngine } from '#test/contract/workflow.engine.ts';

const MACHINE = 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:contract';
const ALIAS = `${MACHINE}:live`;
const executionArn = (name: string) => `arn:aws-cn:states:cn-north-1:123456789012:execution:contract:${name}`;
const OTHER = 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:other';
/** What the contract's engine begins with. */
const START = Date.parse('2026-03-02T00:00:00Z');
const UNKNOWN_TOKEN = 'x'.repeat(43);

let engine: Awaited<ReturnType<typeof openContractEngine>>;
let endpoint: Endpoint;
let client: SFNClient;
let faults: unknown[];
beforeEach(async () => {
  faults = [];
  engine = await openContractEngine();
  endpoint = await startEndpoint({
    engine: engine.engine,
    stateMachineArn: ALIAS,
    onFault: (error) => faults.push(error),
  });
  client = new SFNClient({
    endpoint: endpoint.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
  await engine.close();
  expect(faults).toEqual([]);
});

const begin = (name: string, input = '{}', stateMachineArn = ALIAS) =>
  client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
const describeIt = (name: string) =>
  client.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
const succeed = (taskToken: string, output: string) =>
  client.send(new SendTaskSuccessCommand({ taskToken, output }));
const asked = async (name: string): Promise<string> => {
  await begin(name);
  await engine.settle();
  return engine.tokens(name).at(-1) ?? '';
};

describe('a start', () => {
  it('is answered with ARN and time, by the machine or its alias', async () => {
    expect(await begin('a')).toMatchObject({ executionArn: executionArn('a'), startDate: new Date(START) });
    expect(await begin('b', '{}', MACHINE)).toMatchObject({ executionArn: executionArn('b') });
  });

  it('makes a name where there is none', async () => {
    const { executionArn: arn } = await client.send(new StartExecutionCommand({ stateMachineArn: ALIAS }));
    expect(arn).toMatch(/:contract:[0-9a-f-]{36}$/);
  });

  it('is answered as before while the execution runs, and refused once it has ended', async () => {
    const token = await asked('a');
    await engine.advanceSeconds(30);
    expect(await begin('a')).toMatchObject({ startDate: new Date(START) });
    await succeed(token, '{}');
    await engine.settle();
    await expect(begin('a')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it('with another input is refused', async () => {
    await begin('a', '{"n":1}');
    await begin('a', '{ "n": 1 }');
    await expect(begin('a', '{"n":2}')).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it.each([
    ['a name with a space', () => begin('a b'), InvalidName],
    ['a name of 81 characters', () => begin('a'.repeat(81)), InvalidName],
    ['a name with a control character', () => begin('a\u0007'), InvalidName],
    ['an input that is no JSON', () => begin('a', '{a:1}'), InvalidExecutionInput],
    ['an input of more than 256 KiB', () => begin('a', `"${'x'.repeat(262_144)}"`), ValidationException],
    ['another machine', () => begin('a', '{}', OTHER), StateMachineDoesNotExist],
    ['another alias', () => begin('a', '{}', `${MACHINE}:blue`), StateMachineDoesNotExist],
    ['an ARN that is no machine', () => begin('a', '{}', executionArn('a')), InvalidArn],
  ])('of %s is refused', async (_what, call, refusal) => {
    await expect(call()).rejects.toBeInstanceOf(refusal);
    expect(await client.send(new ListExecutionsCommand({ stateMachineArn: ALIAS }))).toMatchObject({
      executions: [],
    });
  });

  it('takes a name of 80 characters', async () => {
    await begin('a'.repeat(80));
    expect(await describeIt('a'.repeat(80))).toMatchObject({ status: 'RUNNING' });
  });
});

describe('an execution', () => {
  it('is described with its texts and times', async () => {
    await begin('a', '{"n": 1}');
    expect(await describeIt('a')).toMatchObject({
      name: 'a',
      stateMachineArn: MACHINE,
      stateMachineAliasArn: ALIAS,
      status: 'RUNNING',
      input: '{"n":1}',
      inputDetails: { included: true },
      startDate: new Date(START),
    });
    await engine.settle();
    await engine.advanceSeconds(1.5);
    await succeed(engine.tokens('a').at(-1) ?? '', '"好"');
    await engine.settle();
    expect(await describeIt('a')).toMatchObject({
      status: 'SUCCEEDED',
      output: '"好"',
      stopDate: new Date(START + 1500),
    });
  });

  it('that is described without its data keeps it to itself', async () => {
    await begin('a', '{"n":1}');
    const told = await client.send(
      new DescribeExecutionCommand({ executionArn: executionArn('a'), includedData: 'METADATA_ONLY' }),
    );
    expect(told.input).toBeUndefined();
    expect(told.inputDetails).toEqual({ included: false });
  });

  it('is stopped with its error, once', async () => {
    const token = await asked('a');
    const stop = (error?: string) =>
      client.send(
        new StopExecutionCommand({
          executionArn: executionArn('a'),
          ...(error === undefined ? {} : { error, cause: 'because' }),
        }),
      );
    expect(await stop('Case.Withdrawn')).toMatchObject({ stopDate: new Date(START) });
    await engine.advanceSeconds(5);
    expect(await stop('Other')).toMatchObject({ stopDate: new Date(START) });
    expect(await describeIt('a')).toMatchObject({
      status: 'ABORTED',
      error: 'Case.Withdrawn',
      cause: 'because',
    });
    await expect(succeed(token, '{}')).rejects.toBeInstanceOf(TaskTimedOut);
    await asked('b');
    await client.send(new StopExecutionCommand({ executionArn: executionArn('b') }));
    expect((await describeIt('b')).error).toBeUndefined();
  });

  it.each([
    ['described', (arn: string) => client.send(new DescribeExecutionCommand({ executionArn: arn }))],
    ['stopped', (arn: string) => client.send(new StopExecutionCommand({ executionArn: arn }))],
    [
      'asked for its history',
      (arn: string) => client.send(new GetExecutionHistoryCommand({ executionArn: arn })),
    ],
  ])('that never was, or is none, can’t be %s', async (_what, call) => {
    await expect(call(executionArn('a'))).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    await expect(call(executionArn('a').replace('contract', 'other'))).rejects.toBeInstanceOf(
      ExecutionDoesNotExist,
    );
    await expect(call(MACHINE)).rejects.toBeInstanceOf(InvalidArn);
    await expect(call('a'.repeat(257))).rejects.toBeInstanceOf(ValidationException);
  });
});

describe('a history', () => {
  const historyOf = async (more: object) => {
    const events = [];
    const pages = paginateGetExecutionHistory(
      { client, pageSize: 3 },
      { executionArn: executionArn('a'), ...more },
    );
    for await (const page of pages) events.push(...(page.events ?? []));
    return events;
  };

  it('comes in pages, in either direction, each event with the one before it', async () => {
    await succeed(await asked('a'), '{"n":1}');
    await engine.settle();
    const events = await historyOf({});
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSubmitted'],
      [6, 5, 'TaskSucceeded'],
      [7, 6, 'TaskStateExited'],
      [8, 7, 'ExecutionSucceeded'],
    ]);
    expect(events[1]?.stateEnteredEventDetails).toEqual({
      name: 'Ask',
      input: '{}',
      inputDetails: { truncated: false },
    });
    expect(events[2]?.taskScheduledEventDetails).toMatchObject({
      resourceType: 'lambda',
      resource: 'invoke.waitForTaskToken',
      region: 'cn-north-1',
      timeoutInSeconds: 3600,
      heartbeatInSeconds: 60,
    });
    expect(events[5]?.taskSucceededEventDetails).toMatchObject({ output: '{"n":1}' });
    expect(await historyOf({ reverseOrder: true })).toEqual(events.toReversed());
  });

  it('without its data names states and resources alone', async () => {
    await succeed(await asked('a'), '{"secret":"张三"}');
    await engine.settle();
    const events = await historyOf({ includeExecutionData: false });
    expect(events[1]?.stateEnteredEventDetails).toEqual({ name: 'Ask' });
    expect(JSON.stringify(events)).not.toContain('张三');
  });

  it('refuses a page’s token that no page gave, and a page of more than a thousand', async () => {
    await begin('a');
    const page = (more: object) =>
      client.send(new GetExecutionHistoryCommand({ executionArn: executionArn('a'), ...more }));
    await expect(page({ nextToken: 'mine' })).rejects.toBeInstanceOf(InvalidToken);
    await expect(page({ maxResults: 1001 })).rejects.toBeInstanceOf(ValidationException);
  });
});

describe('the list', () => {
  it('tells the latest first, by status or all, in pages', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await begin(name);
      await engine.settle();
      await engine.advanceSeconds(1);
    }
    await succeed(engine.tokens('b').at(-1) ?? '', '{}');
    await engine.settle();
    const listed = async (more: object) => {
      const names = [];
      const pages = paginateListExecutions({ client, pageSize: 2 }, { stateMachineArn: ALIAS, ...more });
      for await (const page of pages) names.push(...(page.executions ?? []).map(({ name }) => name));
      return names;
    };
    expect(await listed({})).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await listed({ statusFilter: 'RUNNING' })).toEqual(['e', 'd', 'c', 'a']);
    expect(await listed({ statusFilter: 'SUCCEEDED' })).toEqual(['b']);
    expect(await listed({ statusFilter: 'PENDING_REDRIVE' })).toEqual([]);
  });

  it('is refused for another machine, with another’s token, by a status that there is none of', async () => {
    const list = (more: object) =>
      client.send(new ListExecutionsCommand({ stateMachineArn: ALIAS, ...more }));
    await expect(list({ stateMachineArn: OTHER })).rejects.toBeInstanceOf(StateMachineDoesNotExist);
    await expect(list({ nextToken: 'mine' })).rejects.toBeInstanceOf(InvalidToken);
    await expect(list({ statusFilter: 'LOST' })).rejects.toBeInstanceOf(ValidationException);
  });
});

describe('an answer to a task', () => {
  it('is taken once: the same again is refused as any other', async () => {
    const token = await asked('a');
    await succeed(token, '{"n":1}');
    await expect(succeed(token, '{"n":1}')).rejects.toBeInstanceOf(TaskTimedOut);
    await expect(client.send(new SendTaskFailureCommand({ taskToken: token }))).rejects.toBeInstanceOf(
      TaskTimedOut,
    );
  });

  it('comes too late after the heartbeat’s time', async () => {
    const token = await asked('a');
    await engine.advanceSeconds(59);
    await client.send(new SendTaskHeartbeatCommand({ taskToken: token }));
    await engine.advanceSeconds(61);
    await expect(client.send(new SendTaskHeartbeatCommand({ taskToken: token }))).rejects.toBeInstanceOf(
      TaskTimedOut,
    );
    await expect(succeed(token, '{}')).rejects.toBeInstanceOf(TaskTimedOut);
  });

  it('is refused for a token that is none, or nobody’s, and where it is no JSON or too large', async () => {
    const token = await asked('a');
    await expect(succeed('mine', '{}')).rejects.toBeInstanceOf(InvalidToken);
    await expect(succeed(UNKNOWN_TOKEN, '{}')).rejects.toBeInstanceOf(TaskDoesNotExist);
    await expect(succeed(token, '{a:1}')).rejects.toBeInstanceOf(InvalidOutput);
    await expect(succeed(token, `"${'x'.repeat(262_144)}"`)).rejects.toBeInstanceOf(ValidationException);
    await expect(
      client.send(new SendTaskFailureCommand({ taskToken: token, cause: 'x'.repeat(32_769) })),
    ).rejects.toBeInstanceOf(ValidationException);
    expect(await succeed(token, '{}')).toMatchObject({});
  });
});

describe('a request', () => {
  const send = (headers: Record<string, string>, body: string, path = '/') =>
    fetch(new URL(path, endpoint.url), { method: 'POST', headers, body });
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AWSStepFunctions.ListExecutions',
  };

  it('of an operation that isn’t served is refused', async () => {
    await expect(client.send(new ListStateMachinesCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
    for (const wrong of [
      { ...headers, 'content-type': 'application/json' },
      { ...headers, 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      { ...headers, 'x-amz-target': 'AWSStepFunctions.constructor' },
      { 'content-type': headers['content-type'] },
    ]) {
      const answer = await send(wrong, '{}');
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        __type: expect.stringMatching(/#UnknownOperationException$/),
      });
    }
    expect((await send(headers, '{}', '/elsewhere')).status).toBe(404);
  });

  it('that is no JSON, or over a mebibyte, is refused', async () => {
    expect(await (await send(headers, '{')).json()).toMatchObject({
      __type: expect.stringMatching(/#SerializationException$/),
    });
    expect((await send(headers, `"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413);
    expect(await (await send(headers, '[]')).json()).toMatchObject({
      __type: expect.stringMatching(/#ValidationException$/),
    });
  });
});

it('an endpoint needs the ARN of a machine', async () => {
  await expect(
    startEndpoint({ engine: engine.engine, stateMachineArn: executionArn('a'), onFault: () => {} }),
  ).rejects.toThrow(RangeError);
});

it('a fault of the engine is told as such, and where it happened', async () => {
  await engine.engine.close();
  await expect(begin('a')).rejects.toMatchObject({ name: 'InternalFailure' });
  expect(faults.splice(0)).toMatchObject([{ name: 'EngineClosed' }]);
});
