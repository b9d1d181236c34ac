/** Fills stores for the inventories' contract. */
import { createHash } from 'node:crypto';
import type { DocumentStore, Item, ItemStore } from '#functions/shared/ports.ts';

export const putAll = (store: ItemStore, items: readonly Item[]): Promise<void> =>
  store.transact(items.map((item) => ({ type: 'put', item })));

export const putEmpty = async (store: DocumentStore, keys: readonly string[]): Promise<void> => {
  const sha256 = createHash('sha256').digest('hex');
  for (const key of keys)
    await store.put(key, new Uint8Array(), { contentType: 'application/pdf', sha256, onlyIfAbsent: true });
};
