import * as z from 'zod';
import { Database } from '#adapters/embedded/database.ts';
import { loadDefinition } from '#embedded/engine/definition.ts';
import { Engine } from '#embedded/engine/engine.ts';
import { lambdaInvocations } from '#embedded/engine/lambda.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { WORKFLOW_DEFINITION, workflowContract } from './workflow.contract.ts';

const payloadSchema = z.object({ name: z.string(), token: z.string() });

workflowContract('the engine', async () => {
  const database = new Database(':memory:');
  const clock = new VirtualClock('2026-03-02T00:00:00Z');
  const asked: z.infer<typeof payloadSchema>[] = [];
  const workflow = new Engine({
    database,
    clock,
    stateMachineName: 'contract',
    machine: loadDefinition(WORKFLOW_DEFINITION),
    perform: lambdaInvocations(async (_name, payload) => {
      asked.push(payloadSchema.parse(payload));
      return {};
    }),
    onFault: (error) => {
      throw error;
    },
  });
  await workflow.resume();
  return {
    workflow,
    tokens: (name) => asked.filter((one) => one.name === name).map(({ token }) => token),
    settle: () => workflow.idle(),
    advanceSeconds: async (seconds) => {
      await clock.advanceBy(seconds * 1000);
      await workflow.idle();
    },
    close: async () => {
      await workflow.close();
      database.close();
    },
  };
});
