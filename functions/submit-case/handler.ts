import { casePorts } from '#adapters/aws/composition.ts';
import { configuration, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { PERSONAL_DATA } from '#functions/shared/personal-data-settings.ts';
import { submitCaseRoutes } from './route.ts';

export const handler = apiHandler(submitCaseRoutes, {
  ...casePorts(configuration(TABLE)),
  settings: PERSONAL_DATA,
});
