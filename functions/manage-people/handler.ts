import { accountsElsewhere, treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { managePeopleRoutes } from './route.ts';

export const handler = apiHandler(managePeopleRoutes, {
  ...treePorts(configuration(TABLE)),
  accounts: accountsElsewhere,
});
