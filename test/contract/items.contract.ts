/**
 * What every `ItemStore` does, run against each adapter. Each test works in partitions of its own, so that one
 * store serves the whole suite.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConditionFailed, InvalidCursor, LimitExceeded } from '#functions/shared/errors.ts';
import { itemBytes } from '#functions/shared/item-size.ts';
import {
  type Condition,
  ITEM_LIMITS,
  type Item,
  type ItemKey,
  type ItemOperation,
  type ItemQuery,
  type ItemStore,
  type JsonObject,
} from '#functions/shared/ports.ts';

export type ItemStoreUnderTest = {
  readonly store: ItemStore;
  /** The same items, opened anew. */
  reopen(): Promise<ItemStore>;
  close(): Promise<void>;
};

const item = (pk: string, sk: string, data: JsonObject = {}, rest: Partial<Item> = {}): Item => ({
  pk,
  sk,
  version: 1,
  schema: 1,
  data,
  ...rest,
});
const put = (it: Item, condition?: Condition): ItemOperation => ({
  type: 'put',
  item: it,
  ...(condition === undefined ? {} : { condition }),
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

async function failedPositions(promise: Promise<unknown>): Promise<readonly number[]> {
  const error = await failure(promise);
  expect(error).toBeInstanceOf(ConditionFailed);
  return error instanceof ConditionFailed ? error.operations : [];
}

async function pages(store: ItemStore, query: ItemQuery): Promise<(readonly Item[])[]> {
  const found: (readonly Item[])[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.query({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    found.push(page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

const sortKeys = async (store: ItemStore, query: ItemQuery): Promise<string[]> =>
  (await pages(store, query)).flat().map(({ sk }) => sk);

async function fill(store: ItemStore, items: readonly Item[]): Promise<void> {
  for (let start = 0; start < items.length; start += ITEM_LIMITS.operations) {
    await store.transact(items.slice(start, start + ITEM_LIMITS.operations).map((it) => put(it)));
  }
}

/** An item of exactly so many bytes, as the shared rule counts them. */
function itemOf(bytes: number, pk: string, sk = 'big'): Item {
  const padding = bytes - itemBytes(item(pk, sk, { p: '' }));
  return item(pk, sk, { p: 'x'.repeat(padding) });
}

let partitions = 0;
/** A partition that no other test uses. */
const partition = (): string => `test#${++partitions}`;

/** `runs`: how many cases each property is tried on; less for a store behind a network. */
export function itemStoreContract(name: string, open: () => Promise<ItemStoreUnderTest>, runs = 100): void {
  describe(`ItemStore: ${name}`, () => {
    let subject: ItemStoreUnderTest;
    let store: ItemStore;
    beforeAll(async () => {
      subject = await open();
      store = subject.store;
    });
    afterAll(() => subject.close());

    describe('single items', () => {
      it('gives nothing for a key that was never written', async () => {
        expect(await store.get({ pk: partition(), sk: 'a' })).toBeUndefined();
      });

      it('gives back exactly what was put', async () => {
        const written = item(
          partition(),
          '案卷#一',
          {
            text: '困难职工 𠮷 \u0000 " \\ \n',
            empty: '',
            zero: 0,
            fraction: 0.1,
            negative: -12.5,
            large: Number.MAX_SAFE_INTEGER,
            tiny: 1e-130,
            yes: true,
            no: false,
            nothing: null,
            list: [1, 'two', [], {}, [null]],
            nested: { 'a.b': { '#c': [{ d: ':e' }] }, size: 1, toString: 'x', hasOwnProperty: null },
          },
          {
            version: 7,
            schema: 3,
            index: { gsi1: { pk: 'g', sk: 's' }, gsi2: { pk: 'h', sk: 't' }, gsi3: { pk: 'i', sk: 'u' } },
          },
        );
        await store.transact([put(written)]);
        expect(await store.get(written)).toEqual(written);
      });

      it('keeps any JSON as it is', async () => {
        const pk = partition();
        const json = fc.jsonValue({ maxDepth: 4, depthSize: 'small', noUnicodeString: false });
        const usable = fc
          .dictionary(fc.string({ minLength: 1 }), json, { maxKeys: 5 })
          .filter((data) => !/"(__proto__|constructor|)":|e[+-]\d{2,}|\d{16}|-0/.test(JSON.stringify(data)))
          .map((data): JsonObject => JSON.parse(JSON.stringify(data)));
        await fc.assert(
          fc.asyncProperty(usable, async (data) => {
            await store.transact([put(item(pk, 'any', data))]);
            expect((await store.get({ pk, sk: 'any' }))?.data).toEqual(data);
          }),
          { numRuns: runs },
        );
      });

      it('a put replaces the whole item, its places in the indexes included', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a', { old: 1 }, { index: { gsi1: { pk, sk: 'x' } } }))]);
        await store.transact([put(item(pk, 'a', { new: 2 }, { version: 2 }))]);
        expect(await store.get({ pk, sk: 'a' })).toEqual(item(pk, 'a', { new: 2 }, { version: 2 }));
        expect(await sortKeys(store, { index: 'gsi1', pk })).toEqual([]);
      });

      it('an update merges top level keys, removes others, counts the version, keeps index and schema', async () => {
        const pk = partition();
        const index = { gsi2: { pk, sk: 'i' } };
        await store.transact([
          put(item(pk, 'a', { keep: 1, change: { a: 1 }, drop: true }, { version: 4, schema: 2, index })),
        ]);
        await store.transact([
          {
            type: 'update',
            key: { pk, sk: 'a' },
            set: { change: { b: 2 }, 'new.name': [1] },
            remove: ['drop', 'never-there'],
            condition: { version: 4 },
          },
        ]);
        expect(await store.get({ pk, sk: 'a' })).toEqual(
          item(pk, 'a', { keep: 1, change: { b: 2 }, 'new.name': [1] }, { version: 5, schema: 2, index }),
        );
      });

      it('keeps the end of an item’s life with it: an update leaves it, a put without one takes it away', async () => {
        const pk = partition();
        // Long past: until the store has removed it, it is there to be read, and to be judged by the clock.
        const dying = item(pk, 'a', { x: 1 }, { expiresAt: 1_000_000_000, index: { gsi1: { pk, sk: 'i' } } });
        await store.transact([put(dying, 'absent')]);
        expect(await store.get(dying)).toEqual(dying);
        expect((await store.query({ index: 'gsi1', pk })).items).toEqual([dying]);
        await store.transact([
          { type: 'update', key: { pk, sk: 'a' }, set: { x: 2 }, condition: { version: 1 } },
        ]);
        expect(await store.get(dying)).toEqual({ ...dying, version: 2, data: { x: 2 } });
        expect(await failedPositions(store.transact([put(dying, 'absent')]))).toEqual([0]);
        await store.transact([put(item(pk, 'a', {}, { version: 3 }), { version: 2 })]);
        expect(await store.get(dying)).toEqual(item(pk, 'a', {}, { version: 3 }));
      });

      it('an update that sets nothing still counts the version', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a', { x: 1 }))]);
        await store.transact([{ type: 'update', key: { pk, sk: 'a' }, set: {}, condition: { version: 1 } }]);
        expect(await store.get({ pk, sk: 'a' })).toEqual(item(pk, 'a', { x: 1 }, { version: 2 }));
      });

      it('a deletion removes the item; deleting what is not there is harmless', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a', {}, { index: { gsi1: { pk, sk: 'x' } } }))]);
        await store.transact([{ type: 'delete', key: { pk, sk: 'a' }, condition: { version: 1 } }]);
        await store.transact([{ type: 'delete', key: { pk, sk: 'a' } }]);
        expect(await store.get({ pk, sk: 'a' })).toBeUndefined();
        expect(await sortKeys(store, { index: 'gsi1', pk })).toEqual([]);
      });

      it('a check changes nothing, also alone', async () => {
        const pk = partition();
        await store.transact([{ type: 'check', key: { pk, sk: 'a' }, condition: 'absent' }]);
        expect(await store.get({ pk, sk: 'a' })).toBeUndefined();
      });
    });

    describe('conditions', () => {
      it('absent fails where the item is; a version fails where it is absent or another', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a', {}, { version: 3 }))]);
        const there = { pk, sk: 'a' };
        const missing = { pk, sk: 'b' };
        const refused: ItemOperation[] = [
          put(item(pk, 'a'), 'absent'),
          put(item(pk, 'a', {}, { version: 3 }), { version: 2 }),
          put(item(pk, 'b'), { version: 1 }),
          { type: 'update', key: there, set: { x: 1 }, condition: { version: 4 } },
          { type: 'update', key: missing, set: { x: 1 }, condition: { version: 1 } },
          { type: 'delete', key: there, condition: { version: 2 } },
          { type: 'delete', key: missing, condition: { version: 1 } },
          { type: 'check', key: there, condition: 'absent' },
          { type: 'check', key: there, condition: { version: 1 } },
          { type: 'check', key: missing, condition: { version: 1 } },
        ];
        for (const operation of refused)
          expect(await failedPositions(store.transact([operation]))).toEqual([0]);
        expect(await store.get(there)).toEqual(item(pk, 'a', {}, { version: 3 }));
        expect(await store.get(missing)).toBeUndefined();
      });

      it('reports the positions of all operations that failed, and does none of the others', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'b')), put(item(pk, 'd', {}, { version: 2 }))]);
        const positions = await failedPositions(
          store.transact([
            put(item(pk, 'a'), 'absent'),
            put(item(pk, 'b'), 'absent'),
            { type: 'delete', key: { pk, sk: 'c' } },
            { type: 'check', key: { pk, sk: 'd' }, condition: { version: 1 } },
            { type: 'update', key: { pk, sk: 'e' }, set: {}, condition: { version: 1 } },
          ]),
        );
        expect(positions).toEqual([1, 3, 4]);
        expect(await sortKeys(store, { pk })).toEqual(['b', 'd']);
      });

      it('of twenty transactions of five items that race, one wins and none is done by half', async () => {
        const pk = partition();
        const names = ['a', 'b', 'c', 'd', 'e'];
        for (let round = 0; round < 5; round++) {
          const condition: Condition = round === 0 ? 'absent' : { version: round };
          const racers = Array.from({ length: 20 }, (_, racer) =>
            store.transact(
              names.map((sk) => put(item(pk, sk, { racer, round }, { version: round + 1 }), condition)),
            ),
          );
          const outcomes = await Promise.allSettled(racers);
          const winners = outcomes.flatMap(({ status }, racer) => (status === 'fulfilled' ? [racer] : []));
          expect(winners).toHaveLength(1);
          for (const outcome of outcomes) {
            if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ConditionFailed);
          }
          const { items } = await store.query({ pk });
          expect(items).toEqual(
            names.map((sk) => item(pk, sk, { racer: winners[0] ?? -1, round }, { version: round + 1 })),
          );
        }
      });

      it('counters that race by version lose no step', async () => {
        const key = { pk: partition(), sk: 'counter' };
        await store.transact([put(item(key.pk, key.sk, { n: 0 }))]);
        const step = async (): Promise<void> => {
          for (;;) {
            const current = await store.get(key);
            if (current === undefined) throw new Error('the counter is gone');
            const n = Number(current.data.n) + 1;
            const error = await failure(
              store.transact([{ type: 'update', key, set: { n }, condition: { version: current.version } }]),
            );
            if (error === 'no failure') return;
            if (!(error instanceof ConditionFailed)) throw error;
          }
        };
        await Promise.all(Array.from({ length: 12 }, step));
        expect(await store.get(key)).toMatchObject({ version: 13, data: { n: 12 } });
      });
    });

    describe('queries', () => {
      const COUNT = 1_203;
      const big = 'test#many';
      const skOf = (n: number): string => `n#${String(n).padStart(6, '0')}`;
      const all = Array.from({ length: COUNT }, (_, n) => skOf(n));
      beforeAll(async () => {
        await fill(
          store,
          all.map((sk, n) =>
            item(
              big,
              sk,
              { n },
              { index: { gsi1: { pk: 'many', sk: `group#${n % 3}` }, gsi2: { pk: 'many', sk } } },
            ),
          ),
        );
      });

      it.each(['ascending', 'descending'] as const)('pages cover everything once: %s', async (direction) => {
        const expected = direction === 'ascending' ? all : all.toReversed();
        for (const limit of [1000, 401, 97]) {
          const found = await pages(store, { pk: big, limit, direction });
          expect(found.flat().map(({ sk }) => sk)).toEqual(expected);
          expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
          expect(found).toHaveLength(Math.ceil(COUNT / limit));
        }
      });

      it('a page is 100 items where no limit is given', async () => {
        expect((await store.query({ pk: big })).items).toHaveLength(100);
      });

      it('the last page carries no cursor, even when it is full', async () => {
        const page = await store.query({ pk: big, sk: { prefix: 'n#00000' }, limit: 10 });
        expect(page.items).toHaveLength(10);
        expect(page.cursor).toBeUndefined();
      });

      it.each(['ascending', 'descending'] as const)(
        'an index whose sort keys repeat is paged without loss or repetition: %s',
        async (direction) => {
          const found = (await pages(store, { index: 'gsi1', pk: 'many', limit: 250, direction })).flat();
          expect(found.map(({ sk }) => sk).toSorted()).toEqual(all);
          const groups = found.map((it) => it.index?.gsi1?.sk ?? '');
          expect(groups).toEqual(
            direction === 'ascending' ? groups.toSorted() : groups.toSorted().toReversed(),
          );
        },
      );

      it('an index gives whole items, restricted by its own sort key', async () => {
        const { items } = await store.query({
          index: 'gsi2',
          pk: 'many',
          sk: { from: skOf(10), to: skOf(12) },
          direction: 'descending',
        });
        expect(items.map(({ sk }) => sk)).toEqual([skOf(12), skOf(11), skOf(10)]);
        expect(items[0]).toEqual(await store.get({ pk: big, sk: skOf(12) }));
      });

      it('prefixes and ranges include their ends and nothing else', async () => {
        const pk = partition();
        const keys = ['a', 'a#', 'a#1', 'a#2', 'a$', 'b'];
        await fill(
          store,
          keys.map((sk) => item(pk, sk)),
        );
        const found = (sk: ItemQuery['sk']) =>
          sortKeys(store, { pk, ...(sk === undefined ? {} : { sk }), limit: 2 });
        expect(await found({ prefix: 'a#' })).toEqual(['a#', 'a#1', 'a#2']);
        expect(await found({ prefix: '' })).toEqual(keys);
        expect(await found({ prefix: 'c' })).toEqual([]);
        expect(await found({ from: 'a#', to: 'a#2' })).toEqual(['a#', 'a#1', 'a#2']);
        expect(await found({ from: 'a#2' })).toEqual(['a#2', 'a$', 'b']);
        expect(await found({ to: 'a#' })).toEqual(['a', 'a#']);
        expect(await found({ from: '', to: 'a#' })).toEqual(['a', 'a#']);
        expect(await found({ to: '' })).toEqual([]);
        expect(await found({ from: 'b', to: 'a' })).toEqual([]);
        expect(await found(undefined)).toEqual(keys);
      });

      it('sort keys stand in the order of their UTF-8 bytes, beyond the basic plane too', async () => {
        const pk = partition();
        // By UTF-16 units the last would come before the two ahead of it.
        const keys = [
          '\u0000',
          'A',
          'a',
          'a\u0000',
          'a\u0000b',
          'é',
          '中',
          '\ud7ff',
          '\ue000',
          '\uffff',
          '𠮷',
          '\u{10ffff}',
        ];
        const places = keys.map((sk) => item(pk, sk, {}, { index: { gsi1: { pk, sk } } }));
        await fill(store, places.toReversed());
        for (const limit of [1, 3, 100]) {
          expect(await sortKeys(store, { pk, limit })).toEqual(keys);
          expect(await sortKeys(store, { pk, limit, direction: 'descending' })).toEqual(keys.toReversed());
          expect(await sortKeys(store, { index: 'gsi1', pk, limit })).toEqual(keys);
        }
        for (const sk of keys) {
          expect(await sortKeys(store, { pk, sk: { prefix: sk } })).toEqual(
            keys.filter((key) => key.startsWith(sk)),
          );
          expect((await store.get({ pk, sk }))?.sk).toBe(sk);
        }
        expect(await sortKeys(store, { pk, sk: { from: '\uffff', to: '𠮷' } })).toEqual(['\uffff', '𠮷']);
      });

      it('keys that differ only by case or by normalisation are different keys', async () => {
        const pk = partition();
        const keys = ['E\u0301', 'e\u0301', 'É', 'é'];
        await fill(
          store,
          keys.map((sk) => item(pk, sk)),
        );
        expect((await sortKeys(store, { pk })).toSorted()).toEqual(keys.toSorted());
      });

      it('items of one partition do not show in another', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a')), put(item(`${pk}x`, 'b'))]);
        expect(await sortKeys(store, { pk })).toEqual(['a']);
      });

      it('a page begins behind its cursor even where that item has gone', async () => {
        const pk = partition();
        await fill(
          store,
          ['a', 'b', 'c', 'd'].map((sk) => item(pk, sk)),
        );
        const first = await store.query({ pk, limit: 2 });
        await store.transact([{ type: 'delete', key: { pk, sk: 'b' } }]);
        const second = await store.query({
          pk,
          limit: 2,
          ...(first.cursor === undefined ? {} : { cursor: first.cursor }),
        });
        expect(second.items.map(({ sk }) => sk)).toEqual(['c', 'd']);
      });
    });

    describe('cursors', () => {
      it('are bound to their query', async () => {
        const pk = partition();
        await fill(
          store,
          ['a', 'b', 'c'].map((sk) =>
            item(pk, sk, {}, { index: { gsi1: { pk, sk }, gsi2: { pk, sk }, gsi3: { pk, sk } } }),
          ),
        );
        const cursorOf = async (query: ItemQuery): Promise<string> => {
          const { cursor } = await store.query({ ...query, limit: 1 });
          if (cursor === undefined) throw new Error('a first page of three has a cursor');
          return cursor;
        };
        const queries: ItemQuery[] = [
          { pk },
          { pk, direction: 'descending' },
          { pk, sk: { from: 'a' } },
          { pk, sk: { to: 'c' } },
          { index: 'gsi1', pk },
          { index: 'gsi2', pk },
          { index: 'gsi3', pk },
        ];
        const cursors = await Promise.all(queries.map(cursorOf));
        for (const [at, query] of queries.entries()) {
          for (const [from, cursor] of cursors.entries()) {
            const outcome = await failure(store.query({ ...query, cursor }));
            if (at === from) expect(outcome).toBe('no failure');
            else expect(outcome).toBeInstanceOf(InvalidCursor);
          }
        }
        expect(await failure(store.query({ pk: partition(), cursor: cursors[0] ?? '' }))).toBeInstanceOf(
          InvalidCursor,
        );
      });

      it('that are damaged or made up are refused', async () => {
        const pk = partition();
        await fill(
          store,
          ['a', 'b', 'c'].map((sk) => item(pk, sk)),
        );
        const { cursor = '' } = await store.query({ pk, limit: 1 });
        const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        if (typeof content !== 'object' || content === null) throw new Error('a cursor holds an object');
        const forge = (change: object): string =>
          Buffer.from(JSON.stringify({ ...content, ...change })).toString('base64url');
        const hostile = [
          '',
          'null',
          '!!',
          `${cursor}\n`,
          `${cursor}=`,
          cursor.slice(1),
          cursor.slice(0, -2),
          'A'.repeat(100_000),
          Buffer.from('null').toString('base64url'),
          Buffer.from('{"__proto__":{}}').toString('base64url'),
          forge({ sk: 1 }),
          forge({ sk: '' }),
          forge({ sk: 'x'.repeat(2000) }),
          forge({ query: 'x' }),
          forge({ item: { pk, sk: 'a' } }),
          forge({ more: 1 }),
        ];
        for (const bad of hostile) {
          expect(await failure(store.query({ pk, cursor: bad })), bad.slice(0, 60)).toBeInstanceOf(
            InvalidCursor,
          );
        }
      });
    });

    describe('limits', () => {
      const refused = async (operations: readonly ItemOperation[]): Promise<void> =>
        expect(await failure(store.transact(operations))).toBeInstanceOf(LimitExceeded);
      const many = (pk: string, count: number): ItemOperation[] =>
        Array.from({ length: count }, (_, n) => put(item(pk, `n${n}`)));

      it('takes 100 operations; refuses 101, and none', async () => {
        const pk = partition();
        await refused(many(pk, 101));
        await refused([]);
        expect(await sortKeys(store, { pk })).toEqual([]);
        await store.transact(many(pk, 100));
        expect(await sortKeys(store, { pk })).toHaveLength(100);
      });

      it('takes an item of 400 KB; refuses one byte more', async () => {
        const pk = partition();
        await refused([put(item(pk, 'a')), put(itemOf(ITEM_LIMITS.itemBytes + 1, pk))]);
        expect(await sortKeys(store, { pk })).toEqual([]);
        const largest = itemOf(ITEM_LIMITS.itemBytes, pk);
        await store.transact([put(largest)]);
        expect(await store.get(largest)).toEqual(largest);
      });

      it('takes an item of 400 KB made of many small parts', async () => {
        const pk = partition();
        const base = itemBytes(item(pk, 'parts', { list: [] }));
        const part = [{ a: -1 }, 12345.678, '汉字', [], null];
        const partBytes = itemBytes(item(pk, 'parts', { list: [part] })) - base;
        const count = Math.floor((ITEM_LIMITS.itemBytes - base) / partBytes);
        const data: JsonObject = { list: Array.from({ length: count }, () => part) };
        await store.transact([put(item(pk, 'parts', data))]);
        expect((await store.get({ pk, sk: 'parts' }))?.data).toEqual(data);
      });

      it('refuses an update whose result is over 400 KB, whole', async () => {
        const pk = partition();
        const before = itemOf(ITEM_LIMITS.itemBytes - 1000, pk);
        await store.transact([put(before)]);
        await refused([
          put(item(pk, 'other')),
          { type: 'update', key: before, set: { q: 'y'.repeat(2000) }, condition: { version: 1 } },
        ]);
        await refused([
          {
            type: 'update',
            key: before,
            set: { q: 'y'.repeat(ITEM_LIMITS.itemBytes + 1) },
            condition: { version: 1 },
          },
        ]);
        expect(await pages(store, { pk })).toEqual([[before]]);
      });

      it('takes 4 MB in one transaction; refuses more', async () => {
        const pk = partition();
        const parts = Array.from({ length: 10 }, (_, n) => itemOf(ITEM_LIMITS.itemBytes, pk, `n${n}`));
        const rest = 4 * 1024 * 1024 - 10 * ITEM_LIMITS.itemBytes;
        await refused([...parts.map((it) => put(it)), put(itemOf(rest + 1, pk, 'rest'))]);
        expect(await sortKeys(store, { pk })).toEqual([]);
        await store.transact([...parts.map((it) => put(it)), put(itemOf(rest, pk, 'rest'))]);
        expect(await sortKeys(store, { pk })).toHaveLength(11);
      });

      it('takes keys of 1 to 1024 bytes of UTF-8; refuses the rest', async () => {
        const longest = `${'长'.repeat(341)}x`;
        const fits: ItemKey[] = [
          { pk: longest, sk: 'a' },
          { pk: 'a', sk: longest },
        ];
        const outside: ItemKey[] = [
          { pk: `${longest}x`, sk: 'a' },
          { pk: 'a', sk: `${longest}x` },
          { pk: '', sk: 'a' },
          { pk: 'a', sk: '' },
          { pk: 'a', sk: '\ud800' },
          { pk: '\udc00a', sk: 'a' },
        ];
        for (const key of fits) {
          await store.transact([put(item(key.pk, key.sk, {}, { index: { gsi1: key, gsi2: key } }))]);
          expect((await store.get(key))?.index).toEqual({ gsi1: key, gsi2: key });
          await store.transact([{ type: 'delete', key, condition: { version: 1 } }]);
        }
        for (const key of outside) {
          await refused([put(item(key.pk, key.sk))]);
          await refused([put(item('a', 'indexed', {}, { index: { gsi1: key } }))]);
          await refused([put(item('a', 'indexed', {}, { index: { gsi2: key } }))]);
          await refused([{ type: 'delete', key }]);
          await refused([{ type: 'update', key, set: {}, condition: { version: 1 } }]);
          await refused([{ type: 'check', key, condition: 'absent' }]);
          expect(await failure(store.get(key))).toBeInstanceOf(LimitExceeded);
        }
        expect(await store.get({ pk: 'a', sk: 'indexed' })).toBeUndefined();
      });

      it('refuses a transaction that names a key twice, in whatever operations', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a'))]);
        await refused([
          put(item(pk, 'a'), { version: 1 }),
          { type: 'check', key: { pk, sk: 'a' }, condition: { version: 1 } },
        ]);
        await refused([put(item(pk, 'b')), { type: 'delete', key: { pk, sk: 'b' } }]);
        expect(await sortKeys(store, { pk })).toEqual(['a']);
      });

      it('refuses data that a store could not give back unchanged', async () => {
        const pk = partition();
        const deep = (levels: number): JsonObject => {
          let value: JsonObject = {};
          for (let level = 0; level < levels; level++) value = { v: value };
          return value;
        };
        const bad: JsonObject[] = [
          { n: Number.NaN },
          { n: Number.POSITIVE_INFINITY },
          { n: 2 ** 53 },
          { n: 1e-131 },
          { s: '\ud800' },
          { '\ud800': 1 },
          { '': 1 },
          { list: [{ '': 1 }] },
          JSON.parse('{"__proto__": 1}'),
          { constructor: { name: 'Set' } },
          deep(31),
        ];
        for (const data of bad) {
          await refused([put(item(pk, 'a', data))]);
          await refused([{ type: 'update', key: { pk, sk: 'a' }, set: data, condition: { version: 1 } }]);
        }
        await store.transact([put(item(pk, 'deep', deep(30)))]);
        expect((await store.get({ pk, sk: 'deep' }))?.data).toEqual(deep(30));
      });

      it('refuses versions and schemas that are no whole numbers from 1', async () => {
        const pk = partition();
        for (const bad of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
          await refused([put(item(pk, 'a', {}, { version: bad }))]);
          await refused([put(item(pk, 'a', {}, { schema: bad }))]);
          await refused([put(item(pk, 'a'), { version: bad })]);
          await refused([{ type: 'check', key: { pk, sk: 'a' }, condition: { version: bad } }]);
        }
        expect(await sortKeys(store, { pk })).toEqual([]);
      });

      it('refuses an end of life that is no whole number of seconds', async () => {
        for (const expiresAt of [0, -1, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 2]) {
          const refused = store.transact([put(item(partition(), 'a', {}, { expiresAt }))]);
          await expect(refused).rejects.toThrow(LimitExceeded);
        }
      });

      it('refuses an update that sets and removes the same name', async () => {
        const pk = partition();
        await store.transact([put(item(pk, 'a'))]);
        await refused([
          { type: 'update', key: { pk, sk: 'a' }, set: { x: 1 }, remove: ['x'], condition: { version: 1 } },
        ]);
      });

      it('takes an update of 100 members; refuses 101', async () => {
        const pk = partition();
        const names = Array.from({ length: 101 }, (_, n) => `name-${n}`);
        const set = (count: number) => Object.fromEntries(names.slice(0, count).map((name) => [name, name]));
        const update = (count: number, remove: string[]): ItemOperation => ({
          type: 'update',
          key: { pk, sk: 'a' },
          set: set(count),
          remove,
          condition: { version: 1 },
        });
        await store.transact([put(item(pk, 'a', { drop: 1 }))]);
        await refused([update(101, [])]);
        await refused([update(100, ['drop'])]);
        await store.transact([update(99, ['drop', 'drop'])]);
        expect(await store.get({ pk, sk: 'a' })).toEqual(item(pk, 'a', set(99), { version: 2 }));
      });

      it('refuses pages of none and of more than 1000, and ranges without an end', async () => {
        const pk = partition();
        for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
          expect(await failure(store.query({ pk, limit }))).toBeInstanceOf(LimitExceeded);
        }
        expect(await failure(store.query({ pk, sk: {} }))).toBeInstanceOf(LimitExceeded);
        expect(await failure(store.query({ pk: '' }))).toBeInstanceOf(LimitExceeded);
        expect(await failure(store.query({ pk, sk: { prefix: 'x'.repeat(1025) } }))).toBeInstanceOf(
          LimitExceeded,
        );
        expect((await store.query({ pk, limit: 1000 })).items).toEqual([]);
      });
    });

    it('any sequence of transactions leaves what a naive model says', async () => {
      const names = ['a', 'b', 'c', 'd'];
      const version = fc.integer({ min: 1, max: 3 });
      const condition = fc.oneof(
        fc.constant(undefined),
        fc.constant<Condition>('absent'),
        version.map((v): Condition => ({ version: v })),
      );
      const operationOn = (sk: string): fc.Arbitrary<(pk: string) => ItemOperation> =>
        fc.oneof(
          fc.record({ condition, version, n: fc.nat(9), group: fc.constantFrom('x', 'y', undefined) }).map(
            (it) => (pk: string) =>
              put(
                item(
                  pk,
                  sk,
                  { n: it.n, s: sk },
                  {
                    version: it.version,
                    ...(it.group === undefined ? {} : { index: { gsi1: { pk, sk: it.group } } }),
                  },
                ),
                it.condition,
              ),
          ),
          fc.record({ version, n: fc.nat(9), remove: fc.subarray(['s', 'm']) }).map(
            (it) =>
              (pk: string): ItemOperation => ({
                type: 'update',
                key: { pk, sk },
                set: { n: it.n },
                remove: it.remove,
                condition: { version: it.version },
              }),
          ),
          fc.option(version, { nil: undefined }).map(
            (v) =>
              (pk: string): ItemOperation => ({
                type: 'delete',
                key: { pk, sk },
                ...(v === undefined ? {} : { condition: { version: v } }),
              }),
          ),
          fc
            .oneof(
              fc.constant<Condition>('absent'),
              version.map((v): Condition => ({ version: v })),
            )
            .map(
              (c) =>
                (pk: string): ItemOperation => ({ type: 'check', key: { pk, sk }, condition: c }),
            ),
        );
      const transaction = fc
        .subarray(names, { minLength: 1 })
        .chain((chosen) => fc.tuple(...chosen.map((sk) => operationOn(sk))));
      await fc.assert(
        fc.asyncProperty(fc.array(transaction, { minLength: 1, maxLength: 12 }), async (transactions) => {
          const pk = partition();
          const model = new Map<string, Item>();
          for (const make of transactions) {
            const operations = make.map((operation) => operation(pk));
            const failed = operations.flatMap((operation, position) => {
              const wanted = operation.condition;
              const stored = model.get(operation.type === 'put' ? operation.item.sk : operation.key.sk);
              const holds =
                wanted === undefined ||
                (wanted === 'absent' ? stored === undefined : stored?.version === wanted.version);
              return holds ? [] : [position];
            });
            if (failed.length > 0) {
              expect(await failedPositions(store.transact(operations))).toEqual(failed);
              continue;
            }
            await store.transact(operations);
            for (const operation of operations) {
              if (operation.type === 'put') model.set(operation.item.sk, operation.item);
              if (operation.type === 'delete') model.delete(operation.key.sk);
              if (operation.type === 'update') {
                const stored = model.get(operation.key.sk);
                if (stored === undefined) throw new Error('the model lost an item');
                const data = structuredClone<Record<string, unknown>>({ ...stored.data, ...operation.set });
                for (const name of operation.remove ?? []) delete data[name];
                const merged: JsonObject = JSON.parse(JSON.stringify(data));
                model.set(operation.key.sk, { ...stored, version: stored.version + 1, data: merged });
              }
            }
          }
          const expected = names.flatMap((sk) => model.get(sk) ?? []);
          expect((await store.query({ pk })).items).toEqual(expected);
          for (const sk of names) expect(await store.get({ pk, sk })).toEqual(model.get(sk));
          const indexed = (await pages(store, { index: 'gsi1', pk, limit: 2 })).flat();
          expect(indexed.toSorted((a, b) => (a.sk < b.sk ? -1 : 1))).toEqual(
            expected.filter(({ index }) => index !== undefined),
          );
        }),
        { numRuns: runs },
      );
    });

    it('everything is there after a restart', async () => {
      const pk = partition();
      const written = ['a', 'b'].map((sk) => item(pk, sk, { sk }, { index: { gsi1: { pk, sk } } }));
      await fill(store, written);
      const { cursor } = await store.query({ pk, limit: 1 });
      store = await subject.reopen();
      expect((await store.query({ pk, ...(cursor === undefined ? {} : { cursor }) })).items).toEqual([
        written[1],
      ]);
      expect((await store.query({ index: 'gsi1', pk })).items).toEqual(written);
    });
  });
}
