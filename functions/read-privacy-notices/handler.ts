import { apiHandler } from '#functions/shared/lambda/api.ts';
import { PERSONAL_DATA } from '#functions/shared/settings.ts';
import { readPrivacyNoticesRoutes } from './route.ts';

export const handler = apiHandler(readPrivacyNoticesRoutes, { settings: PERSONAL_DATA });
