import { casePorts, settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { assessCase } from './assess-case.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = workflowHandler(assessCase, {
  ...casePorts(configured),
  settings: settings(configured),
});
