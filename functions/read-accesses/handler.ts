import { treePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { readAccessesRoutes } from './route.ts';

export const handler = apiHandler(readAccessesRoutes, treePorts(configuration(TABLE)));
