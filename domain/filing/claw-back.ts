/** What somebody has to give back after a false declaration (B-19). */
import * as z from 'zod';
import { positiveAmountSchema } from './terms.ts';

/** What is to come back of an aid that was got by a false declaration (B-19). Amounts in yuan. */
export const clawBackSchema = z.strictObject({
  clawBackId: z.string(),
  sanctionId: z.string(),
  kind: z.enum(['money', 'goods']),
  /** What was given. */
  what: z.string(),
  /** Yuan; of goods their value. */
  amount: positiveAmountSchema,
  dueOn: z.string(),
  demandedAt: z.string(),
  by: z.string(),
  returned: z.strictObject({ on: z.string(), note: z.string(), by: z.string() }).nullable(),
});
export type ClawBack = z.infer<typeof clawBackSchema>;
