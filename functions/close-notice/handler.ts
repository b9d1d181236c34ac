import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { closeNotice } from './close-notice.ts';

export const handler = workflowHandler(closeNotice, casePorts(configuration(TABLE)));
