/** A page of what a filter leaves of a query: as many as were asked for, with a cursor that skips none. */
import type { Item, ItemQuery, ItemStore } from './ports.ts';

type Page<T> = { readonly found: readonly T[]; readonly cursor?: string };

const PAGE = 100;
/** So many items are looked at for one page; a filter that leaves few of them gives a short page and a cursor. */
const LOOKED_AT = 1000;

/** `read` makes of some items what fits among them. No query asks for more than is still wanted. */
export const filteredPage = async <T>(
  items: ItemStore,
  query: Omit<ItemQuery, 'limit' | 'cursor'>,
  paging: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  read: (items: readonly Item[]) => Promise<readonly T[]>,
): Promise<Page<T>> => {
  const limit = paging.limit ?? PAGE;
  const found: T[] = [];
  let { cursor } = paging;
  let looked = 0;
  do {
    const page = await items.query({
      ...query,
      limit: limit - found.length,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...(await read(page.items)));
    cursor = page.cursor;
    looked += page.items.length;
  } while (cursor !== undefined && found.length < limit && looked < LOOKED_AT);
  return { found, ...(cursor === undefined ? {} : { cursor }) };
};
