import { treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { transferCustodyRoutes } from './route.ts';

export const handler = apiHandler(transferCustodyRoutes, treePorts(configuration(TABLE)));
