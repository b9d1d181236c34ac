import { workflowContract } from './workflow.contract.ts';
import { openContractEngine } from './workflow.engine.ts';

workflowContract('the engine', async () => {
  const { engine, ...harness } = await openContractEngine();
  return { ...harness, workflow: engine };
});
