import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { reportFault } from './report-fault.ts';

export const handler = workflowHandler(reportFault, casePorts(configuration(TABLE)));
