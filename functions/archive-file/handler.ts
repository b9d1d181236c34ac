import { casePorts, documentStore, keyVault, settings } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, SETTINGS, TABLE, VAULT } from '#adapters/aws/configuration.ts';
import { workflowHandler } from '#functions/shared/lambda/workflow.ts';
import { archiveFile } from './archive-file.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...DOCUMENTS, ...VAULT });

export const handler = workflowHandler(archiveFile, {
  ...casePorts(configured),
  settings: settings(configured),
  documents: documentStore(configured),
  vault: keyVault(configured),
});
