import { settings, treePorts } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { openTask } from './open-task.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = workflowHandler(openTask, {
  ...treePorts(configured),
  settings: settings(configured),
});
