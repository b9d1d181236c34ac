/** What every inventory demands of a page, in one place so that the editions agree. */
import { z } from 'zod';
import { InvalidCursor, LimitExceeded } from '#functions/shared/errors.ts';
import { ITEM_LIMITS, type ItemKey } from '#functions/shared/ports.ts';

/** Throws `LimitExceeded`. */
export function checkPageLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > ITEM_LIMITS.page) {
    throw new LimitExceeded(`a page has 1 to ${ITEM_LIMITS.page} entries`);
  }
}

const Place = z.strictObject({ pk: z.string().min(1), sk: z.string().min(1) });

/** A cursor names the last item of the page before. */
export const cursorAt = ({ pk, sk }: ItemKey): string =>
  Buffer.from(JSON.stringify({ pk, sk })).toString('base64url');

/** Throws `InvalidCursor`. */
export function placeOf(cursor: string): ItemKey {
  try {
    return Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new InvalidCursor('the cursor is damaged', { cause });
  }
}
