/** The texts on the processing of personal data and the time that they are kept, where a unit sets no others. */
import { PRIVACY_NOTICES } from '#domain/privacy/notices.ts';
import { DEFAULT_RETENTION } from './retention.ts';
import type { PersonalDataSettings } from './settings.ts';

export const PERSONAL_DATA: PersonalDataSettings = {
  privacyNotices: PRIVACY_NOTICES,
  retention: DEFAULT_RETENTION,
};
