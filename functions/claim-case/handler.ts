import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { claimCaseRoutes } from './route.ts';

export const handler = apiHandler(claimCaseRoutes, casePorts(configuration(TABLE)));
