import { settings, treePorts } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { escalateTask } from './escalate-task.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = workflowHandler(escalateTask, {
  ...treePorts(configured),
  settings: settings(configured),
});
