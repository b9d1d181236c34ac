import { casePorts, documentStore } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { openExternalRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...DOCUMENTS });

export const handler = apiHandler(openExternalRoutes, {
  ...casePorts(configured),
  documents: documentStore(configured),
});
