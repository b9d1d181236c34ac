import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { checkMaterials } from './check-materials.ts';

export const handler = workflowHandler(checkMaterials, casePorts(configuration(TABLE)));
