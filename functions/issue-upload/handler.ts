import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { casePorts, documentStore } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { UPLOAD_LIMITS } from '#functions/shared/settings.ts';
import { issueUploadRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...DOCUMENTS });

export const handler = apiHandler(issueUploadRoutes, {
  ...casePorts(configured),
  settings: { upload: UPLOAD_LIMITS },
  documents: documentStore(configured, { form: createPresignedPost }),
});
