import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { temporaryFolder } from '#test/support/folder.ts';

test('a table of a version that knew fewer columns goes on, with all of them', async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, 'filing.db');
  const old = new DatabaseSync(file);
  old.exec(`
    CREATE TABLE items (pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, schema INTEGER NOT NULL,
      data TEXT NOT NULL, gsi1pk TEXT, gsi1sk TEXT, gsi2pk TEXT, gsi2sk TEXT, PRIMARY KEY (pk, sk)) STRICT;
    INSERT INTO items VALUES ('CASE#1', 'CASE', 1, 1, '{"a":1}', 'OWNER#1', 'x', NULL, NULL)`);
  old.close();

  const database = new Database(file);
  const store = new SqliteItemStore(database);
  const [item] = (await store.query({ index: 'gsi1', pk: 'OWNER#1' })).items;
  expect(item).toMatchObject({ pk: 'CASE#1', data: { a: 1 }, index: { gsi1: { pk: 'OWNER#1', sk: 'x' } } });
  await store.transact([
    {
      type: 'put',
      item: {
        pk: 'TASK#1',
        sk: 'TASK',
        version: 1,
        schema: 1,
        data: {},
        index: { gsi3: { pk: 'OPEN#centre', sk: 'y' } },
      },
      condition: 'absent',
    },
  ]);
  expect((await store.query({ index: 'gsi3', pk: 'OPEN#centre' })).items).toHaveLength(1);
  await store.transact([
    {
      type: 'put',
      item: { pk: 'NONCE#1', sk: 'NONCE', version: 1, schema: 1, data: {}, expiresAt: 7 },
      condition: 'absent',
    },
  ]);
  expect(await store.sweep(7000)).toBe(1);
  database.close();
  await folder.remove();
});
