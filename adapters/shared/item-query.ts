/**
 * A query made plain, the same way for every item store: limits checked, the sort key's restriction in one form,
 * the cursor opened. A cursor is the place after which the next page starts, bound to its query by a hash. It is
 * not a secret and not a permit: a forged one can only name a place inside the partition that the query asks for.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { InvalidCursor, LimitExceeded } from '#functions/shared/errors.ts';
import {
  type IndexName,
  ITEM_LIMITS,
  type Item,
  type ItemKey,
  type ItemPage,
  type ItemQuery,
} from '#functions/shared/ports.ts';
import { checkKeyPart } from './item-form.ts';

const DEFAULT_LIMIT = 100;

/** Restriction of the sort key; both ends are inclusive. */
type Span =
  | { readonly kind: 'all' }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'range'; readonly from?: string; readonly to?: string };

/** A place in the order of a query: the sort key there and, in an index, the item's own key. */
type Position = { readonly sk: string; readonly item?: ItemKey };

export type PlannedQuery = {
  readonly index?: IndexName;
  readonly pk: string;
  readonly span: Span;
  readonly descending: boolean;
  readonly limit: number;
  /** The page starts behind this place. */
  readonly after?: Position;
};

/** Order by the bytes of the UTF-8 form, as the stores compare. */
export const compareText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function planSpan(restriction: ItemQuery['sk']): Span | undefined {
  if (restriction === undefined) return { kind: 'all' };
  if ('prefix' in restriction) {
    if (restriction.prefix === '') return { kind: 'all' };
    checkKeyPart(restriction.prefix);
    return { kind: 'prefix', prefix: restriction.prefix };
  }
  const { from, to } = restriction;
  if (from === undefined && to === undefined) throw new LimitExceeded('a range has neither end');
  // No sort key is empty, so nothing lies at or below '' and everything above it.
  if (to === '') return undefined;
  if (to !== undefined) checkKeyPart(to);
  if (from === undefined || from === '') {
    return to === undefined ? { kind: 'all' } : { kind: 'range', to };
  }
  checkKeyPart(from);
  if (to === undefined) return { kind: 'range', from };
  return compareText(from, to) > 0 ? undefined : { kind: 'range', from, to };
}

function holds(span: Span, sk: string): boolean {
  switch (span.kind) {
    case 'all':
      return true;
    case 'prefix':
      return sk.startsWith(span.prefix);
    case 'range':
      return (
        (span.from === undefined || compareText(span.from, sk) <= 0) &&
        (span.to === undefined || compareText(sk, span.to) <= 0)
      );
  }
}

type Identity = Pick<PlannedQuery, 'index' | 'pk' | 'span' | 'descending'>;

/** What makes two queries the same, whatever their page size. */
function fingerprint(query: Identity): string {
  return createHash('sha256')
    .update(JSON.stringify([query.index, query.pk, query.span, query.descending]))
    .digest('base64url');
}

const KeyPart = z.string().min(1).max(ITEM_LIMITS.keyBytes);
const CursorContent = z.union([
  z.strictObject({ query: z.string(), sk: KeyPart }),
  z.strictObject({ query: z.string(), sk: KeyPart, item: z.strictObject({ pk: KeyPart, sk: KeyPart }) }),
]);
/** Three key parts, each byte escaped at worst as six characters, in base64. */
const CursorText = z
  .string()
  .max(ITEM_LIMITS.keyBytes * 3 * 8 + 256)
  .regex(/^[A-Za-z0-9_-]+$/);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidCursor('the cursor is damaged', { cause });
  }
}

function openCursor(cursor: string, query: Identity): Position {
  const text = CursorText.safeParse(cursor);
  if (!text.success) throw new InvalidCursor('the cursor is malformed');
  const content = CursorContent.safeParse(parseJson(Buffer.from(text.data, 'base64url').toString()));
  if (!content.success) throw new InvalidCursor('the cursor is damaged');
  const { query: boundTo, ...position } = content.data;
  if (boundTo !== fingerprint(query)) throw new InvalidCursor('the cursor belongs to another query');
  if ('item' in position !== (query.index !== undefined) || !holds(query.span, position.sk)) {
    throw new InvalidCursor('the cursor names no place of this query');
  }
  return position;
}

/**
 * Checks a query and opens its cursor. `undefined` where no item can match, whatever is stored. Throws
 * `LimitExceeded`, `InvalidCursor`.
 */
export function planQuery(query: ItemQuery): PlannedQuery | undefined {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > ITEM_LIMITS.page) {
    throw new LimitExceeded(`a page has 1 to ${ITEM_LIMITS.page} items`);
  }
  checkKeyPart(query.pk);
  const span = planSpan(query.sk);
  if (span === undefined) return undefined;
  const identity = {
    ...(query.index === undefined ? {} : { index: query.index }),
    pk: query.pk,
    span,
    descending: query.direction === 'descending',
  };
  return {
    ...identity,
    limit,
    ...(query.cursor === undefined ? {} : { after: openCursor(query.cursor, identity) }),
  };
}

/** The page of a query for which one item more than its limit was asked: a cursor where there is more. */
export function toPage(query: PlannedQuery, found: readonly Item[]): ItemPage {
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  if (found.length <= query.limit || last === undefined) return { items };
  const place = query.index === undefined ? last : last.index?.[query.index];
  if (place === undefined) throw new Error('an index gave an item that does not stand in it');
  const position: Position =
    query.index === undefined ? { sk: place.sk } : { sk: place.sk, item: { pk: last.pk, sk: last.sk } };
  const content = JSON.stringify({ query: fingerprint(query), ...position });
  return { items, cursor: Buffer.from(content).toString('base64url') };
}
