import { apiHandler } from '#functions/shared/lambda/api.ts';
import { PERSONAL_DATA } from '#functions/shared/personal-data-settings.ts';
import { readPrivacyNoticesRoutes } from './route.ts';

export const handler = apiHandler(readPrivacyNoticesRoutes, { settings: PERSONAL_DATA });
