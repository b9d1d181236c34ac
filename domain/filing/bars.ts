/** Whom a decision on a false declaration keeps from applying, and how long (B-8.1, R-14). */
import * as z from 'zod';
import { yearOf } from '#domain/calendar/dates.ts';

/** the bar ends on 31 December of the year after that of the decision, that day included. */
export const lastDayOfBar = (decidedOn: string): string => `${yearOf(decidedOn) + 1}-12-31`;

/** One person's bar, as it is looked up by blind index. */
export const barSchema = z.strictObject({
  sanctionId: z.string(),
  /** 文号 */
  number: z.string(),
  decidedOn: z.string(),
  lastDay: z.string(),
});
export type Bar = z.infer<typeof barSchema>;

/** The bar of a member of a running application. */
export const personBarSchema = barSchema.extend({ memberId: z.string() });

/** The bar that lasts longest among those in force on a Beijing date; undefined where none is. */
export const barOn = (bars: readonly Bar[], today: string): Bar | undefined =>
  bars
    .filter(({ decidedOn, lastDay }) => decidedOn <= today && today <= lastDay)
    .toSorted((a, b) => b.lastDay.localeCompare(a.lastDay))[0];
