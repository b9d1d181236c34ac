/** `createOnce` over the stores of both editions: races are the store's to decide, and each must decide them alike. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { createOnce, type RequestKey, requestKeyOf } from '#functions/shared/http/idempotency.ts';
import { keys } from '#functions/shared/keys.ts';
import type { ItemStore, Ports } from '#functions/shared/ports.ts';
import { startDynamoDbLocal, whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';

type Needs = Pick<Ports, 'items' | 'ids' | 'clock'>;

const keyOf = (key: string, body = '{}', target = '/v1/things', subject = 'u-1'): RequestKey => {
  const made = requestKeyOf({
    subject,
    route: 'POST /v1/things',
    call: { headers: { 'idempotency-key': key }, target, rawBody: Buffer.from(body) },
  });
  if (made === undefined) throw new Error('no key');
  return made;
};

const suite = (name: string, open: () => Promise<{ store: ItemStore; close: () => void }>): void => {
  describe(name, () => {
    let count = 0;
    let wall = 1_000_000;
    const opened = open();
    const ports = async (): Promise<Needs> => ({
      items: (await opened).store,
      ids: {
        next: () => {
          count += 1;
          return `${name}-${count}`;
        },
      },
      clock: { now: () => wall, wall: () => wall, at: () => () => undefined },
    });
    afterAll(async () => (await opened).close());

    /** Writes a thing, and answers with its id. */
    const make = async (key: RequestKey, all: Needs) =>
      createOnce(all, key, {
        create: async ({ items }, id) => {
          await items.transact([
            {
              type: 'put',
              item: { pk: `THING#${id}`, sk: 'THING', version: 1, schema: 1, data: {} },
              condition: 'absent',
            },
          ]);
          return { body: { id } };
        },
        recall: async (id) => ({ body: { id } }),
      });

    it('of many at once one creates, and all give its answer', async () => {
      const all = await ports();
      const key = keyOf(`many-${name}`);
      const replies = await Promise.all(Array.from({ length: 8 }, () => make(key, all)));
      const bodies = new Set(replies.map(({ body }) => JSON.stringify(body)));
      expect(bodies.size).toBe(1);
      expect(replies.filter(({ headers }) => headers === undefined)).toHaveLength(1);
      const made = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          all.items.get({ pk: `THING#${name}-${index + 1}`, sk: 'THING' }),
        ),
      );
      expect(made.filter((item) => item !== undefined)).toHaveLength(1);
    });

    it('the key of another content, or another place, is refused; after a day it is free', async () => {
      const all = await ports();
      const first = await make(keyOf(`reused-${name}`), all);
      const record = await all.items.get(keys.requestKey(keyOf(`reused-${name}`).place));
      expect(record?.expiresAt).toBe(wall / 1000 + 24 * 60 * 60);
      for (const other of [
        keyOf(`reused-${name}`, '{"a":1}'),
        keyOf(`reused-${name}`, '{}', '/v1/things?x'),
      ]) {
        await expect(make(other, all)).rejects.toMatchObject({ status: 422, code: 'idempotency-key-reused' });
      }
      wall += 24 * 60 * 60 * 1000 - 1;
      expect((await make(keyOf(`reused-${name}`), all)).body).toEqual(first.body);
      wall += 1;
      const later = await Promise.all([1, 2, 3].map(() => make(keyOf(`reused-${name}`, '{"a":1}'), all)));
      expect(new Set(later.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect(later[0]?.body).not.toEqual(first.body);
    });
  });
};

suite('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'idempotency-'));
  const database = new Database(join(folder, 'items.db'));
  return {
    store: new SqliteItemStore(database),
    close: () => {
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
});

const reason = whyNoDynamoDbLocal();
if (reason === undefined) {
  suite('DynamoDB', async () => {
    const server = await startDynamoDbLocal();
    await server.createTable('filing');
    const client = server.client();
    return {
      store: new DynamoItemStore({ client, table: 'filing' }),
      close: () => {
        client.destroy();
        void server.stop();
      },
    };
  });
} else {
  describe.skip('DynamoDB', () => it(`is skipped: ${reason}`, () => {}));
}

it('caller, route and key make a place of their own, however their letters fall together', () => {
  const places = [
    keyOf('key-00001', '{}', '/v1/things', 'u-1'),
    keyOf('key-00002', '{}', '/v1/things', 'u-1'),
    keyOf('key-00001', '{}', '/v1/things', 'u-'),
    keyOf('1key-00001', '{}', '/v1/things', 'u-'),
  ].map(({ place }) => place);
  expect(new Set(places).size).toBe(places.length);
});
