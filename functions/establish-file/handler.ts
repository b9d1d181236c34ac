import { treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { establishFile } from './establish-file.ts';

export const handler = workflowHandler(establishFile, treePorts(configuration(TABLE)));
