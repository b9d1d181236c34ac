import { keyVault, treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { PERSONAL_DATA } from '#functions/shared/personal-data-settings.ts';
import { openCaseRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...VAULT });

export const handler = apiHandler(openCaseRoutes, {
  ...treePorts(configured),
  vault: keyVault(configured),
  settings: PERSONAL_DATA,
});
