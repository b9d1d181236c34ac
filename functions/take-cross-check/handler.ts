import { casePorts, centreKeys, settings } from '#adapters/aws/composition.ts';
import { CENTRE_KEYS, configuration, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { takeCrossCheckRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...CENTRE_KEYS });
const ports = { ...casePorts(configured), settings: settings(configured) };
const keys = centreKeys(configured);

export const handler = apiHandler(takeCrossCheckRoutes, async () => {
  const crossCheck = { ...ports.settings.crossCheck, centreKeys: (await keys()).trusted };
  return { ...ports, settings: { ...ports.settings, crossCheck } };
});
