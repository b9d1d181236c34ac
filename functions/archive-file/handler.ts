import { casePorts, documentStore, keyVault } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { archiveFile } from './archive-file.ts';

const configured = configuration({ ...TABLE, ...DOCUMENTS, ...VAULT });

export const handler = workflowHandler(archiveFile, {
  ...casePorts(configured),
  documents: documentStore(configured),
  vault: keyVault(configured),
});
