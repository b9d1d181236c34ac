import { casePorts, documentStore, settings } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { objectCreatedHandler } from '#functions/shared/lambda/object-created.ts';
import { receiveDocument } from './receive-document.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...DOCUMENTS });
const ports = {
  ...casePorts(configured),
  settings: settings(configured),
  documents: documentStore(configured),
};

export const handler = objectCreatedHandler((key) => receiveDocument(ports, key));
