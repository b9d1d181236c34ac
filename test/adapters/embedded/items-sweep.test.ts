import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import type { Item } from '#functions/shared/ports.ts';
import { temporaryFolder } from '#test/support/folder.ts';

test('a sweep removes what has come to its end, however much it is, and nothing else', async () => {
  const folder = await temporaryFolder();
  const database = new Database(join(folder.path, 'filing.db'));
  const store = new SqliteItemStore(database);
  const item = (sk: string, expiresAt?: number): Item => ({
    pk: 'DYING',
    sk,
    version: 1,
    schema: 1,
    data: {},
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  const dead = Array.from({ length: 1200 }, (_, index) => item(`dead#${index}`, 100));
  for (let start = 0; start < dead.length; start += 100) {
    await store.transact(dead.slice(start, start + 100).map((one) => ({ type: 'put', item: one })));
  }
  await store.transact([
    { type: 'put', item: item('alive', 101) },
    { type: 'put', item: item('for ever') },
  ]);

  expect(await store.sweep(99_999)).toBe(0);
  expect(await store.sweep(100_999)).toBe(1200);
  const left = await store.query({ pk: 'DYING' });
  expect(left.items.map(({ sk }) => sk)).toEqual(['alive', 'for ever']);

  database.close();
  await folder.remove();
});
