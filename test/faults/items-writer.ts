/**
 * The child process of `items.test.ts`: writers that hammer transactions of five items each, all carrying the
 * writer's next number. A number is printed only when its transaction has resolved. Ends by being killed.
 */
import { writeSync } from 'node:fs';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import type { ItemOperation } from '#functions/shared/ports.ts';

const [path = '', writers = ''] = process.argv.slice(2);
const store = new SqliteItemStore(new Database(path));

async function hammer(writer: number): Promise<never> {
  const pk = `writer#${writer}`;
  let version = (await store.get({ pk, sk: 'a' }))?.version ?? 0;
  for (;;) {
    const next = version + 1;
    const operations = ['a', 'b', 'c', 'd', 'e'].map(
      (sk): ItemOperation => ({
        type: 'put',
        item: { pk, sk, version: next, schema: 1, data: { n: next, padding: 'x'.repeat(next % 5000) } },
        condition: version === 0 ? 'absent' : { version },
      }),
    );
    await store.transact(operations);
    version = next;
    writeSync(1, `${writer} ${next}\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => hammer(writer)));
