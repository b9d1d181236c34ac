/** What every inventory does, run against each adapter: everything once, in pages, from any place on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidCursor, LimitExceeded } from '#functions/shared/errors.ts';
import type { DocumentInventory, Item, ItemInventory } from '#functions/shared/ports.ts';

export type ItemInventoryUnderTest = {
  /** Of a store that holds nothing but these. */
  open(items: readonly Item[]): Promise<ItemInventory>;
  close(): Promise<void>;
};

const ITEMS: readonly Item[] = Array.from({ length: 12 }, (_, pk) =>
  Array.from({ length: (pk % 4) + 1 }, (_, sk) => ({
    pk: `PART#${pk}`,
    sk: `S#${String(sk).padStart(3, '0')}`,
    version: pk + 1,
    schema: 2,
    data: { text: `第${sk}项`, list: [1, null, { deep: true }] },
    ...(sk === 0 ? { index: { gsi1: { pk: 'INDEX', sk: String(pk) } } } : {}),
    ...(sk === 1 ? { index: { gsi2: { pk: 'INDEX', sk: 'a' }, gsi3: { pk: 'OTHER', sk: String(pk) } } } : {}),
  })),
).flat();

const place = ({ pk, sk }: Item): string => `${pk}|${sk}`;

async function walk(inventory: ItemInventory, limit: number, from?: string) {
  const pages: Item[][] = [];
  const cursors: string[] = [];
  let cursor = from;
  do {
    const page = await inventory.page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    pages.push([...page.items]);
    cursor = page.cursor;
    if (cursor !== undefined) cursors.push(cursor);
  } while (cursor !== undefined);
  return { pages, cursors };
}

export function itemInventoryContract(name: string, start: () => Promise<ItemInventoryUnderTest>): void {
  describe(`ItemInventory: ${name}`, () => {
    let subject: ItemInventoryUnderTest;
    let inventory: ItemInventory;
    beforeAll(async () => {
      subject = await start();
      inventory = await subject.open(ITEMS);
    });
    afterAll(() => subject.close());

    it.each([1, 7, 1000])('gives every item once, whole, in pages of at most %i', async (limit) => {
      const { pages } = await walk(inventory, limit);
      const found = pages.flat();
      const sorted = (items: readonly Item[]) => items.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
      expect(sorted(found)).toEqual(sorted(ITEMS));
      expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
    });

    it('gives the items of a partition one after another, by their sort keys', async () => {
      const found = (await walk(inventory, 5)).pages.flat();
      const partitions = found.map(({ pk }) => pk).filter((pk, at, all) => pk !== all[at - 1]);
      expect(new Set(partitions).size).toBe(partitions.length);
      for (const [, items] of Map.groupBy(found, ({ pk }) => pk)) {
        expect(items.map(({ sk }) => sk)).toEqual(items.map(({ sk }) => sk).toSorted());
      }
    });

    it('goes on from a cursor of an earlier walk', async () => {
      const { pages, cursors } = await walk(inventory, 4);
      const rest = await walk(inventory, 4, cursors[1]);
      expect(rest.pages.flat()).toEqual(pages.slice(2).flat());
    });

    it('refuses a cursor that is none, and pages without bounds', async () => {
      await expect(inventory.page({ limit: 5, cursor: 'x' })).rejects.toBeInstanceOf(InvalidCursor);
      for (const limit of [0, 1001, 1.5])
        await expect(inventory.page({ limit })).rejects.toBeInstanceOf(LimitExceeded);
    });
  });
}

export type DocumentInventoryUnderTest = {
  /** Of a store that holds nothing but these. */
  open(keys: readonly string[]): Promise<DocumentInventory>;
  close(): Promise<void>;
};

/** In the order of their UTF-8 bytes. */
const KEYS = [
  'archive/c1/3/case.json',
  'archive/c1/3/documents/a.pdf',
  'archive/c1/3/manifest.json',
  'archive/c2/9/case.json',
  'uploads/c1/d1',
  'uploads/c1/d2',
  'uploads/c3/d1',
  'uploads/案/件',
];

export function documentInventoryContract(
  name: string,
  start: () => Promise<DocumentInventoryUnderTest>,
): void {
  describe(`DocumentInventory: ${name}`, () => {
    let subject: DocumentInventoryUnderTest;
    let inventory: DocumentInventory;
    beforeAll(async () => {
      subject = await start();
      inventory = await subject.open(KEYS.toReversed());
    });
    afterAll(() => subject.close());

    it.each([1, 3, 1000])('gives every key once, in order, in pages of at most %i', async (limit) => {
      const found: string[] = [];
      for (let page = await inventory.page({ limit }); page.length > 0; ) {
        expect(page.length).toBeLessThanOrEqual(limit);
        found.push(...page);
        page = await inventory.page({ limit, after: found.at(-1) ?? '' });
      }
      expect(found).toEqual(KEYS);
    });

    it('goes on behind any key, there or not', async () => {
      const behind = async (after: string) => (await inventory.page({ limit: 1, after }))[0];
      expect(await behind('archive/c1/3/documents')).toBe('archive/c1/3/documents/a.pdf');
      expect(await behind('archive/c2/9/case.json')).toBe('uploads/c1/d1');
      expect(await behind('uploads/c2')).toBe('uploads/c3/d1');
      expect(await behind('uploads/案/件')).toBeUndefined();
    });

    it('refuses pages without bounds', async () => {
      await expect(inventory.page({ limit: 0 })).rejects.toBeInstanceOf(LimitExceeded);
    });
  });
}
