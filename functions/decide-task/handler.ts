import { settings, treePorts } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { decideTaskRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = apiHandler(decideTaskRoutes, {
  ...treePorts(configured),
  settings: settings(configured),
});
