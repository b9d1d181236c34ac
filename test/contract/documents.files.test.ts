import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { createServer } from '#embedded/server.ts';
import { createLogger } from '#functions/shared/log.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { documentStoreContract } from './documents.contract.ts';

documentStoreContract('files', async () => {
  const folder = await temporaryFolder();
  const database = new Database(':memory:');
  // Links lead to the server of the edition, with nothing behind it but the store.
  const server = createServer({
    routes: [],
    ports: {},
    authenticate: () => Promise.reject(new Error('nobody signs in here')),
    acceptUpload: () => Promise.reject(new Error('nothing is sent here')),
    openDownload: async (permit) => {
      const { contentType, fileName: name, content: bytes } = await store.openDownload(permit);
      return { contentType, name, bytes };
    },
    logger: createLogger({ sink: () => {}, wall: () => 0 }),
  });
  const url = await server.listen(0);
  const store: FileDocumentStore = await FileDocumentStore.open({
    database,
    folder: folder.path,
    uploadUrl: 'http://127.0.0.1/uploads',
    downloadUrl: `${url}/downloads`,
    uploadSecret: randomBytes(32),
    clock: new VirtualClock('2026-07-01T00:00:00Z'),
    vault: await KeyFileVault.open(join(folder.path, 'keys', 'vault.json')),
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
    download: async ({ url }) => {
      const response = await fetch(url);
      const content = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, content };
    },
    close: async () => {
      await server.close(0);
      await store.idle();
      database.close();
      await folder.remove();
    },
  };
});
