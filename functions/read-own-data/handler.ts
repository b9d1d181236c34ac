import { casePorts, keyVault } from '#adapters/aws/composition.ts';
import { configuration, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { readOwnDataRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...VAULT });

export const handler = apiHandler(readOwnDataRoutes, {
  ...casePorts(configured),
  vault: keyVault(configured),
});
