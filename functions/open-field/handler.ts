import { casePorts, keyVault, settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { openFieldRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...VAULT });

export const handler = apiHandler(openFieldRoutes, {
  ...casePorts(configured),
  settings: settings(configured),
  vault: keyVault(configured),
});
