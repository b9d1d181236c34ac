import { randomBytes } from 'node:crypto';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { documentStoreContract } from './documents.contract.ts';

documentStoreContract('files', async () => {
  const folder = await temporaryFolder();
  const store = await FileDocumentStore.open({
    folder: folder.path,
    uploadUrl: 'http://127.0.0.1/uploads',
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
      await folder.remove();
    },
  };
});
