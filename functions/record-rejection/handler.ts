import { settings, treePorts } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { recordRejection } from './record-rejection.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = workflowHandler(recordRejection, {
  ...treePorts(configured),
  settings: settings(configured),
});
