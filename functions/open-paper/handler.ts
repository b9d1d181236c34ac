import { casePorts, documentStore, settings } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { openPaperRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...DOCUMENTS });

export const handler = apiHandler(openPaperRoutes, {
  ...casePorts(configured),
  settings: settings(configured),
  documents: documentStore(configured),
});
