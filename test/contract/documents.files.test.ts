import { randomBytes } from 'node:crypto';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { documentStoreContract } from './documents.contract.ts';

documentStoreContract('files', async () => {
  const folder = await temporaryFolder();
  const database = new Database(':memory:');
  const store = await FileDocumentStore.open({
    database,
    folder: folder.path,
    uploadUrl: 'http://127.0.0.1/uploads',
    downloadUrl: 'http://127.0.0.1/downloads',
    uploadSecret: randomBytes(32),
    clock: new VirtualClock('2026-07-01T00:00:00Z'),
    objectCreated: async () => {},
    eventFailed: (_key, error) => {
      throw error;
    },
  });
  return {
    store,
    upload: async (form, content) => {
      await store.acceptUpload(form.fields, [content]);
    },
    close: async () => {
      await store.idle();
      database.close();
      await folder.remove();
    },
  };
});
