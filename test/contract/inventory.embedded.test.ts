import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { FileDocumentInventory, SqliteItemInventory } from '#adapters/embedded/inventory.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { documentInventoryContract, itemInventoryContract } from './inventory.contract.ts';
import { putAll, putEmpty } from './inventory.fill.ts';

itemInventoryContract('SQLite', async () => {
  const database = new Database(':memory:');
  return {
    open: async (items) => {
      await putAll(new SqliteItemStore(database), items);
      return new SqliteItemInventory(database);
    },
    close: async () => database.close(),
  };
});

documentInventoryContract('files', async () => {
  const database = new Database(':memory:');
  const folder = await temporaryFolder();
  return {
    open: async (keys) => {
      const store = await FileDocumentStore.open({
        database,
        folder: folder.path,
        uploadUrl: 'http://127.0.0.1/uploads',
        downloadUrl: 'http://127.0.0.1/downloads',
        uploadSecret: randomBytes(32),
        vault: await KeyFileVault.open(join(folder.path, 'keys.json')),
        clock: new VirtualClock('2026-07-01T00:00:00Z'),
        objectCreated: async () => {},
        eventFailed: (_key, error) => {
          throw error;
        },
      });
      await putEmpty(store, keys);
      return new FileDocumentInventory(database);
    },
    close: async () => {
      database.close();
      await folder.remove();
    },
  };
});
