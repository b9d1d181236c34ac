/** The engine on the contract's definition, for what runs the contract on it or on something in front of it. */
import * as z from 'zod';
import { Database } from '#adapters/embedded/database.ts';
import { loadDefinition } from '#embedded/engine/definition.ts';
import { Engine } from '#embedded/engine/engine.ts';
import { lambdaInvocations } from '#embedded/engine/lambda.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { WORKFLOW_DEFINITION, type WorkflowHarness } from './workflow.contract.ts';

const payloadSchema = z.object({ name: z.string(), token: z.string() });

export const openContractEngine = async (): Promise<
  Omit<WorkflowHarness, 'workflow'> & { readonly engine: Engine }
> => {
  const database = new Database(':memory:');
  const clock = new VirtualClock('2026-03-02T00:00:00Z');
  const asked: z.infer<typeof payloadSchema>[] = [];
  const engine = new Engine({
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
  await engine.resume();
  return {
    engine,
    tokens: (name) => asked.filter((one) => one.name === name).map(({ token }) => token),
    settle: () => engine.idle(),
    advanceSeconds: async (seconds) => {
      await clock.advanceBy(seconds * 1000);
      await engine.idle();
    },
    close: async () => {
      await engine.close();
      database.close();
    },
  };
};
