import { casePorts, settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { importCrossChecksRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS });

export const handler = apiHandler(importCrossChecksRoutes, {
  ...casePorts(configured),
  settings: settings(configured),
});
