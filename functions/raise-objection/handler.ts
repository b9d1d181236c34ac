import { casePorts, keyVault } from '#adapters/aws/composition.ts';
import { configuration, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { raiseObjectionRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...VAULT });

export const handler = apiHandler(raiseObjectionRoutes, {
  ...casePorts(configured),
  vault: keyVault(configured),
});
