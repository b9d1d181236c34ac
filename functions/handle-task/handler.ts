import { casePorts, settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { handleTaskRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = apiHandler(handleTaskRoutes, {
  ...casePorts(configured),
  settings: settings(configured),
});
