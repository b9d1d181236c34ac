import { treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { publishNotice } from './publish-notice.ts';

export const handler = workflowHandler(publishNotice, treePorts(configuration(TABLE)));
