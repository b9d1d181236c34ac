import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { casePorts, documentStore } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { OPENING_LIMITS } from '#functions/shared/settings.ts';
import { openPaperRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...DOCUMENTS });

export const handler = apiHandler(openPaperRoutes, {
  ...casePorts(configured),
  settings: { openings: OPENING_LIMITS },
  documents: documentStore(configured, { link: getSignedUrl }),
});
