/**
 * What every `Workflow` does, run against each adapter with the small definition below: a function is asked, then a
 * person's answer is awaited.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExecutionExists, LimitExceeded } from '#functions/shared/errors.ts';
import type { Json, Workflow } from '#functions/shared/ports.ts';

/** `Ask` hands the token to the function `ask`; answered, it ends with the answer; silent for 60 s, with `Silent`. */
export const WORKFLOW_DEFINITION = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: {
        FunctionName: 'ask',
        Payload: { name: '{% $states.context.Execution.Name %}', token: '{% $states.context.Task.Token %}' },
      },
      TimeoutSeconds: 3600,
      HeartbeatSeconds: 60,
      Catch: [{ ErrorEquals: ['States.HeartbeatTimeout', 'States.Timeout'], Next: 'Silent' }],
      End: true,
    },
    Silent: { Type: 'Fail', Error: 'Silent', Cause: 'nobody answered' },
  },
});

export type WorkflowHarness = {
  readonly workflow: Workflow;
  /** The tokens that the function `ask` was given for an execution, oldest first. */
  readonly tokens: (name: string) => readonly string[];
  /** Resolves when every execution waits or has ended. */
  readonly settle: () => Promise<void>;
  readonly advanceSeconds: (seconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

export const workflowContract = (adapter: string, open: () => Promise<WorkflowHarness>): void => {
  describe(`Workflow: ${adapter}`, () => {
    let harness: WorkflowHarness;
    let workflow: Workflow;
    beforeEach(async () => {
      harness = await open();
      workflow = harness.workflow;
    });
    afterEach(() => harness.close());

    const asked = async (name: string, input: { readonly [key: string]: Json } = {}): Promise<string> => {
      await workflow.start(name, input);
      await harness.settle();
      const token = harness.tokens(name).at(-1);
      if (token === undefined) throw new Error('the function was not asked');
      return token;
    };
    const statusOf = async (name: string) => (await workflow.describe(name))?.status;

    it('runs an execution from its start to the answer', async () => {
      const token = await asked('a', { n: 1 });
      expect(await workflow.describe('a')).toMatchObject({ name: 'a', status: 'RUNNING', input: { n: 1 } });
      expect(await workflow.complete(token, { said: '是' })).toBe('delivered');
      await harness.settle();
      expect(await workflow.describe('a')).toMatchObject({ status: 'SUCCEEDED', output: { said: '是' } });
    });

    it('is idempotent by name: the same start again makes no second execution', async () => {
      await Promise.all(Array.from({ length: 20 }, () => workflow.start('a', { n: 1 })));
      await harness.settle();
      expect(harness.tokens('a')).toHaveLength(1);
      const started = (await workflow.describe('a'))?.startedAt;
      await harness.advanceSeconds(1);
      await workflow.start('a', { n: 1 });
      await harness.settle();
      expect(harness.tokens('a')).toHaveLength(1);
      expect((await workflow.describe('a'))?.startedAt).toBe(started);
    });

    it('refuses a taken name with another input', async () => {
      await asked('a', { n: 1 });
      await expect(workflow.start('a', { n: 2 })).rejects.toBeInstanceOf(ExecutionExists);
    });

    it('refuses a name that is none, and an input that is too large', async () => {
      await expect(workflow.start('a b', {})).rejects.toBeInstanceOf(LimitExceeded);
      await expect(workflow.start('a', { text: 'x'.repeat(256 * 1024) })).rejects.toBeInstanceOf(
        LimitExceeded,
      );
      expect(await workflow.describe('a')).toBeUndefined();
    });

    it('takes one answer: of twenty at once, and after it, none changes anything', async () => {
      const token = await asked('a');
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => workflow.complete(token, { n })),
      );
      expect(answers.filter((answer) => answer === 'delivered').length).toBeGreaterThan(0);
      await harness.settle();
      const output = (await workflow.describe('a'))?.output;
      await workflow.complete(token, { n: 99 });
      await workflow.fail(token, 'Late', 'too late');
      await harness.settle();
      expect(await workflow.describe('a')).toMatchObject({ status: 'SUCCEEDED', output });
    });

    it('an unknown token is closed, whatever it is told', async () => {
      expect(await workflow.complete('none', {})).toBe('closed');
      expect(await workflow.fail('none', 'E', 'c')).toBe('closed');
      expect(await workflow.heartbeat('none')).toBe('closed');
    });

    it('a task that is failed fails its execution, by the given name', async () => {
      const token = await asked('a');
      expect(await workflow.fail(token, 'Case.Odd', 'because')).toBe('delivered');
      await harness.settle();
      expect(await workflow.describe('a')).toMatchObject({
        status: 'FAILED',
        error: 'Case.Odd',
        cause: 'because',
      });
    });

    it('silence for the heartbeat ends the wait, and closes its token', async () => {
      const token = await asked('a');
      await harness.advanceSeconds(61);
      await harness.settle();
      expect(await workflow.describe('a')).toMatchObject({ status: 'FAILED', error: 'Silent' });
      expect(await workflow.complete(token, {})).toBe('closed');
    });

    it('a heartbeat keeps the wait alive', async () => {
      const token = await asked('a');
      for (let beat = 0; beat < 3; beat += 1) {
        await harness.advanceSeconds(45);
        expect(await workflow.heartbeat(token)).toBe('delivered');
      }
      expect(await statusOf('a')).toBe('RUNNING');
    });

    it('stops a running execution, and leaves one that has ended as it is', async () => {
      const token = await asked('a');
      await workflow.stop('a', 'Case.Withdrawn', 'withdrawn');
      await harness.settle();
      expect(await workflow.describe('a')).toMatchObject({ status: 'ABORTED', error: 'Case.Withdrawn' });
      expect(await workflow.complete(token, {})).toBe('closed');

      await workflow.complete(await asked('b'), { done: true });
      await harness.settle();
      await workflow.stop('b', 'Case.Withdrawn', 'withdrawn');
      expect(await statusOf('b')).toBe('SUCCEEDED');
      await workflow.stop('never-started', 'E', 'c');
      expect(await workflow.describe('never-started')).toBeUndefined();
    });

    it('keeps the history of an execution in the order of its events', async () => {
      await workflow.complete(await asked('a'), {});
      await harness.settle();
      const history = await workflow.history('a');
      expect(history.map(({ type }) => type)).toEqual([
        'ExecutionStarted',
        'TaskStateEntered',
        'TaskScheduled',
        'TaskStarted',
        'TaskSubmitted',
        'TaskSucceeded',
        'TaskStateExited',
        'ExecutionSucceeded',
      ]);
      expect(history.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(history[1]?.state).toBe('Ask');
    });

    it('an execution name of every form that the filing makes is taken', async () => {
      const name = `${'0123456789abcdefghjkmnpqrs'}-12-3`;
      await asked(name);
      expect(await statusOf(name)).toBe('RUNNING');
    });
  });
};
