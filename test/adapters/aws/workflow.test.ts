import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepFunctionsWorkflow } from '#adapters/aws/workflow.ts';
import { ExecutionExists } from '#functions/shared/errors.ts';
import { type JsonService, startJsonService } from '#test/support/json-service.ts';

const MACHINE = 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:filing:live';
const EXECUTION = 'arn:aws-cn:states:cn-north-1:123456789012:execution:filing:c1-1';

let service: JsonService;
let client: SFNClient;
let workflow: StepFunctionsWorkflow;
beforeAll(async () => {
  service = await startJsonService();
  client = new SFNClient({
    endpoint: service.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    disableHostPrefix: true,
  });
  workflow = new StepFunctionsWorkflow({ client, stateMachineArn: MACHINE });
});
afterAll(async () => {
  client.destroy();
  await service.stop();
});

const described = (more: object) => ({
  result: {
    executionArn: EXECUTION,
    stateMachineArn: MACHINE,
    name: 'c1-1',
    status: 'RUNNING',
    startDate: 1_782_864_000.25,
    input: '{ "b": 2, "a": 1 }',
    ...more,
  },
});

describe('start', () => {
  it('starts through the alias, with the input in its canonical form', async () => {
    service.answer({ result: { executionArn: EXECUTION, startDate: 1 } });
    expect(await workflow.start('c1-1', { b: 2, a: '一' })).toBe('started');
    expect(service.requests).toEqual([
      {
        operation: 'StartExecution',
        body: { stateMachineArn: MACHINE, name: 'c1-1', input: '{"a":"一","b":2}' },
      },
    ]);
  });

  it('the same name with the same input exists, however the input is spelt', async () => {
    service.answer({ error: 'ExecutionAlreadyExists' }, described({ status: 'SUCCEEDED', stopDate: 2 }));
    expect(await workflow.start('c1-1', { a: 1, b: 2 })).toBe('exists');
    expect(service.requests[1]).toEqual({
      operation: 'DescribeExecution',
      body: { executionArn: EXECUTION },
    });
  });

  it('the same name with another input is refused', async () => {
    service.answer({ error: 'ExecutionAlreadyExists' }, described({}));
    await expect(workflow.start('c1-1', { a: 1 })).rejects.toBeInstanceOf(ExecutionExists);
  });

  it('any other error is told as it is', async () => {
    service.answer({ error: 'ExecutionLimitExceeded' });
    await expect(workflow.start('c1-1', {})).rejects.toMatchObject({ name: 'ExecutionLimitExceeded' });
  });

  it.each(['filing', `${MACHINE}:more`, EXECUTION])('the ARN %s is no state machine', (stateMachineArn) => {
    expect(() => new StepFunctionsWorkflow({ client, stateMachineArn })).toThrow();
  });
});

describe('answers to tasks', () => {
  const answers = [
    [
      'complete',
      () => workflow.complete('token', { outcome: 'passed' }),
      { operation: 'SendTaskSuccess', body: { taskToken: 'token', output: '{"outcome":"passed"}' } },
    ],
    [
      'fail',
      () => workflow.fail('token', 'Case.Withdrawn', 'asked for'),
      {
        operation: 'SendTaskFailure',
        body: { taskToken: 'token', error: 'Case.Withdrawn', cause: 'asked for' },
      },
    ],
    [
      'heartbeat',
      () => workflow.heartbeat('token'),
      { operation: 'SendTaskHeartbeat', body: { taskToken: 'token' } },
    ],
  ] as const;

  it.each(answers)('%s is delivered', async (_name, answer, request) => {
    service.answer({ result: {} });
    expect(await answer()).toBe('delivered');
    expect(service.requests).toEqual([request]);
  });

  it.each(answers)('%s is closed where there is nobody left to tell', async (_name, answer) => {
    for (const error of ['TaskDoesNotExist', 'TaskTimedOut', 'InvalidToken']) {
      service.answer({ error });
      expect(await answer(), error).toBe('closed');
    }
  });

  it.each(answers)('%s tells any other error as it is', async (_name, answer) => {
    for (const error of ['InvalidOutput', 'AccessDeniedException', 'ValidationException']) {
      service.answer({ error });
      await expect(answer()).rejects.toMatchObject({ name: error });
    }
    service.answer({ error: 'ThrottlingException', status: 429 });
    await expect(answer()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('stop', () => {
  it('ends the execution with its error and cause', async () => {
    service.answer({ result: { stopDate: 1 } });
    await workflow.stop('c1-1', 'Case.Withdrawn', 'asked for');
    expect(service.requests).toEqual([
      {
        operation: 'StopExecution',
        body: { executionArn: EXECUTION, error: 'Case.Withdrawn', cause: 'asked for' },
      },
    ]);
  });

  it('one that never was stays as it is', async () => {
    service.answer({ error: 'ExecutionDoesNotExist' });
    await expect(workflow.stop('c1-1', 'e', 'c')).resolves.toBeUndefined();
  });
});

describe('describe', () => {
  it('tells of an execution that runs', async () => {
    service.answer(described({}));
    expect(await workflow.describe('c1-1')).toEqual({
      name: 'c1-1',
      status: 'RUNNING',
      input: { a: 1, b: 2 },
      startedAt: 1_782_864_000_250,
    });
  });

  it('tells of one that has ended', async () => {
    service.answer(
      described({ status: 'ABORTED', error: 'Case.Withdrawn', cause: 'asked for', stopDate: 1_782_864_001 }),
    );
    expect(await workflow.describe('c1-1')).toMatchObject({
      status: 'ABORTED',
      error: 'Case.Withdrawn',
      cause: 'asked for',
      stoppedAt: 1_782_864_001_000,
    });
    service.answer(described({ status: 'SUCCEEDED', output: '"done"', stopDate: 1_782_864_001 }));
    expect(await workflow.describe('c1-1')).toMatchObject({ status: 'SUCCEEDED', output: 'done' });
  });

  it('knows nothing of one that never was', async () => {
    service.answer({ error: 'ExecutionDoesNotExist' });
    expect(await workflow.describe('c1-1')).toBeUndefined();
  });

  it('a status that the house does not know is a fault', async () => {
    service.answer(described({ status: 'PENDING_REDRIVE' }));
    await expect(workflow.describe('c1-1')).rejects.toThrow();
  });
});

describe('history', () => {
  it('goes over all pages and names the state of each event', async () => {
    service.answer(
      {
        result: {
          events: [
            {
              id: 1,
              previousEventId: 0,
              type: 'ExecutionStarted',
              timestamp: 1,
              executionStartedEventDetails: { input: '{}' },
            },
            {
              id: 2,
              previousEventId: 0,
              type: 'TaskStateEntered',
              timestamp: 2.5,
              stateEnteredEventDetails: { name: 'Assess', input: '{}' },
            },
            {
              id: 3,
              previousEventId: 2,
              type: 'TaskScheduled',
              timestamp: 3,
              taskScheduledEventDetails: { resource: 'invoke' },
            },
          ],
          nextToken: 'more',
        },
      },
      {
        result: {
          events: [
            { id: 4, previousEventId: 3, type: 'TaskSucceeded', timestamp: 4 },
            {
              id: 5,
              previousEventId: 4,
              type: 'TaskStateExited',
              timestamp: 5,
              stateExitedEventDetails: { name: 'Assess', output: '{}' },
            },
            {
              id: 6,
              previousEventId: 5,
              type: 'ExecutionSucceeded',
              timestamp: 6,
              executionSucceededEventDetails: { output: '{}' },
            },
          ],
        },
      },
    );
    expect(await workflow.history('c1-1')).toEqual([
      { id: 1, type: 'ExecutionStarted', timestamp: 1_000, details: { input: '{}' } },
      {
        id: 2,
        type: 'TaskStateEntered',
        timestamp: 2_500,
        state: 'Assess',
        details: { name: 'Assess', input: '{}' },
      },
      { id: 3, type: 'TaskScheduled', timestamp: 3_000, state: 'Assess', details: { resource: 'invoke' } },
      { id: 4, type: 'TaskSucceeded', timestamp: 4_000, state: 'Assess' },
      {
        id: 5,
        type: 'TaskStateExited',
        timestamp: 5_000,
        state: 'Assess',
        details: { name: 'Assess', output: '{}' },
      },
      { id: 6, type: 'ExecutionSucceeded', timestamp: 6_000, details: { output: '{}' } },
    ]);
    expect(service.requests).toMatchObject([
      { operation: 'GetExecutionHistory', body: { executionArn: EXECUTION, maxResults: 1000 } },
      { body: { nextToken: 'more' } },
    ]);
  });

  it('is empty for one that never was', async () => {
    service.answer({ error: 'ExecutionDoesNotExist' });
    expect(await workflow.history('c1-1')).toEqual([]);
  });
});
