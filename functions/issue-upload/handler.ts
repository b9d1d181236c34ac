import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { casePorts, documentStore, settings } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { issueUploadRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...DOCUMENTS });

export const handler = apiHandler(issueUploadRoutes, {
  ...casePorts(configured),
  settings: settings(configured),
  documents: documentStore(configured, { form: createPresignedPost }),
});
