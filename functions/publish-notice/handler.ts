import { casePorts, settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { publishNotice } from './publish-notice.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = workflowHandler(publishNotice, {
  ...casePorts(configured),
  settings: settings(configured),
});
