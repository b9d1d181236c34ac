import { settings, treePorts } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { holdMeetingRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = apiHandler(holdMeetingRoutes, {
  ...treePorts(configured),
  settings: settings(configured),
});
