/** The adapter of the cloud edition, by the service's own SDK, against the engine behind the service's protocol. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { StepFunctionsWorkflow } from '#adapters/aws/workflow.ts';
import { startEndpoint } from '#embedded/step-functions/endpoint.ts';
import { workflowContract } from './workflow.contract.ts';
import { openContractEngine } from './workflow.engine.ts';

const MACHINE = 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:contract:live';

workflowContract('Step Functions', async () => {
  const { engine, ...harness } = await openContractEngine();
  const faults: unknown[] = [];
  const endpoint = await startEndpoint({
    engine,
    stateMachineArn: MACHINE,
    onFault: (error) => faults.push(error),
  });
  const client = new SFNClient({
    endpoint: endpoint.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    ...harness,
    workflow: new StepFunctionsWorkflow({ client, stateMachineArn: MACHINE }),
    close: async () => {
      client.destroy();
      await endpoint.close();
      await harness.close();
      if (faults.length > 0) throw new AggregateError(faults, 'the endpoint met faults');
    },
  };
});
