import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { recordRejection } from './record-rejection.ts';

export const handler = workflowHandler(recordRejection, casePorts(configuration(TABLE)));
