import { casePorts, settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { chaseCrossCheck } from './chase-cross-check.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = workflowHandler(chaseCrossCheck, {
  ...casePorts(configured),
  settings: settings(configured),
});
