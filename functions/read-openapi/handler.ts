import { apiHandler } from '#functions/shared/lambda/api.ts';
import { readOpenapiRoutes } from './route.ts';

export const handler = apiHandler(readOpenapiRoutes, {});
