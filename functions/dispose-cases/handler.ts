import { documentStore, treePorts } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, TABLE } from '#adapters/aws/configuration.ts';
import { apiHandler } from '#functions/shared/lambda/api.ts';
import { DEFAULT_RETENTION } from '#functions/shared/retention.ts';
import { disposeCasesRoutes } from './route.ts';

const configured = configuration({ ...TABLE, ...DOCUMENTS });

export const handler = apiHandler(disposeCasesRoutes, {
  ...treePorts(configured),
  documents: documentStore(configured),
  settings: { retention: DEFAULT_RETENTION },
});
