import { settings } from '#adapters/aws/composition.ts';
import { configuration, SETTINGS } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { tryAssessmentRoutes } from './route.ts';

export const handler = apiHandler(tryAssessmentRoutes, { settings: settings(configuration(SETTINGS)) });
