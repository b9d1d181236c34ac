/** How much one person may open by wall time: one counter a person and window, which the next window takes over. */
import * as z from 'zod';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import { expiryOf, type ItemOperation, type Ports } from './ports.ts';

const HOUR_MS = 3_600_000;
const BEIJING_MS = 8 * HOUR_MS;

/** Windows of wall time: the hour, and the day in Beijing. */
const WINDOWS = [
  { name: 'hour', ms: HOUR_MS, limit: 'perHour', words: '每小时' },
  { name: 'day', ms: 24 * HOUR_MS, limit: 'perDay', words: '每天' },
] as const;

const countSchema = z.strictObject({ window: z.int(), count: z.int() });

/** Whoever opened too much: the auditor learns of it. */
export class TooManyOpenings extends AppError {
  override readonly name = 'TooManyOpenings';
}

/**
 * Counts one more opening of a person, as operations of the transaction that records it: of two at once one fails its
 * condition and looks again. Throws `TooManyOpenings` (429), which says when to come again.
 */
export const countOpening = async (
  {
    items,
    clock,
    settings,
  }: Pick<Ports, 'items' | 'clock'> & { readonly settings: Pick<Ports['settings'], 'openings'> },
  subject: string,
): Promise<readonly ItemOperation[]> => {
  const local = clock.wall() + BEIJING_MS;
  return Promise.all(
    WINDOWS.map(async ({ name, ms, limit, words }): Promise<ItemOperation> => {
      const key = keys.openings(subject, name);
      const item = await items.get(key);
      const window = Math.floor(local / ms);
      const before = item === undefined ? undefined : countSchema.parse(item.data);
      const count = before?.window === window ? before.count : 0;
      const most = settings.openings[limit];
      if (count >= most) {
        const retryAfterSeconds = Math.max(1, Math.ceil(((window + 1) * ms - local) / 1000));
        throw new TooManyOpenings(
          'too-many-openings',
          429,
          `您${words}最多可以查看明文或打开材料 ${most} 次，请在 ${retryAfterSeconds} 秒后再试。`,
          { retryAfterSeconds, limit: most, clause: 'B-16' },
        );
      }
      return {
        type: 'put',
        item: {
          ...key,
          version: (item?.version ?? 0) + 1,
          schema: 1,
          data: { window, count: count + 1 },
          expiresAt: expiryOf((window + 1) * ms - BEIJING_MS),
        },
        condition: item === undefined ? 'absent' : { version: item.version },
      };
    }),
  );
};
