import { accountsElsewhere, keyVault, treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { managePeopleRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...VAULT });

export const handler = apiHandler(managePeopleRoutes, {
  ...treePorts(configured),
  vault: keyVault(configured),
  accounts: accountsElsewhere,
});
