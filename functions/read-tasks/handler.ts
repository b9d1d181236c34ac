import { settings, treePorts } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { readTasksRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = apiHandler(readTasksRoutes, {
  ...treePorts(configured),
  settings: settings(configured),
});
