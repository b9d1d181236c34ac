import { casePorts, keyVault } from '#adapters/aws/composition.ts';
import { configuration, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { OPENING_LIMITS } from '#functions/shared/settings.ts';
import { openFieldRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...VAULT });

export const handler = apiHandler(openFieldRoutes, {
  ...casePorts(configured),
  settings: { openings: OPENING_LIMITS },
  vault: keyVault(configured),
});
