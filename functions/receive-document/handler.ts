import { casePorts, documentStore, malwareScanner, settings } from '#adapters/aws/composition.ts';
import { configuration, DOCUMENTS, SCANNER, SETTINGS, TABLE } from '#adapters/aws/configuration.ts';
import { objectCreatedHandler } from '#functions/shared/lambda/object-created.ts';
import { receiveDocument } from './receive-document.ts';

const configured = configuration({ ...TABLE, ...SETTINGS, ...DOCUMENTS, ...SCANNER });
const ports = {
  ...casePorts(configured),
  settings: settings(configured),
  documents: documentStore(configured),
  scanner: malwareScanner(configured),
};

export const handler = objectCreatedHandler((key) => receiveDocument(ports, key));
