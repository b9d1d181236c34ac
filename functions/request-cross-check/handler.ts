import { casePorts, crossCheckCentre, keyVault, settings } from '#adapters/aws/composition.ts';
import { CENTRE, configuration, SETTINGS, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { requestCrossCheck } from './request-cross-check.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...VAULT, ...CENTRE });

export const handler = workflowHandler(requestCrossCheck, {
  ...casePorts(configured),
  settings: settings(configured),
  vault: keyVault(configured),
  centre: crossCheckCentre(configured),
});
