/** Queries without their pages' ends. A page of what a filter leaves for one answer is `filtered-page.ts`. */
import { ITEM_LIMITS, type Item, type ItemQuery, type ItemStore } from './ports.ts';

/** The pages of a query in their order, each asked for when it is wanted. */
export async function* pagesOf(
  items: ItemStore,
  query: Omit<ItemQuery, 'cursor'>,
): AsyncGenerator<readonly Item[]> {
  let cursor: string | undefined;
  do {
    const page = await items.query({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    yield page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Every item that a query finds. */
export const readAll = async (
  items: ItemStore,
  query: Omit<ItemQuery, 'limit' | 'cursor'>,
): Promise<readonly Item[]> => {
  const all: Item[] = [];
  for await (const page of pagesOf(items, { ...query, limit: ITEM_LIMITS.page })) all.push(...page);
  return all;
};
