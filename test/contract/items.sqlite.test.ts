import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { itemStoreContract } from './items.contract.ts';

itemStoreContract('SQLite', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'filing.db');
  let database = new Database(path);
  return {
    store: new SqliteItemStore(database),
    reopen: async () => {
      database.close();
      database = new Database(path);
      return new SqliteItemStore(database);
    },
    close: async () => {
      database.close();
      await folder.remove();
    },
  };
});
