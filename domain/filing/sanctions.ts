/**
 * Decisions on wilful false declarations (B-8.1, B-19): whom a decision names may not apply in the year of the decision
 * and the next one, and is entered as dishonest. A decision counts once a second person has confirmed it; a wrong one is
 * corrected by another decision, and both are kept. Persons are named by blind index, never by number.
 */
import * as z from 'zod';
import { yearOf } from '#domain/calendar/dates.ts';
import { positiveAmountSchema } from './terms.ts';

const signatureSchema = z.strictObject({
  subject: z.string(),
  name: z.string(),
  organisation: z.string(),
  at: z.string(),
});

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

export const sanctionSchema = z.strictObject({
  sanctionId: z.string(),
  number: z.string(),
  decidedOn: z.string(),
  lastDay: z.string(),
  /** The union that decided: a centre. */
  organisation: z.string(),
  organisationPath: z.array(z.string()),
  /** The application or file in which the declaration was false. */
  caseId: z.string(),
  facts: z.string(),
  /** As the decision names them, one by one; none where it lifts a former one altogether. */
  persons: z.array(z.strictObject({ memberId: z.string(), idIndex: z.string() })),
  /** Entered as dishonest (B-8.1). */
  dishonest: z.boolean(),
  /** The decision that this one takes the place of. */
  corrects: z.string().nullable(),
  entered: signatureSchema,
  /** By a second person; null: it has no effect yet. */
  confirmed: signatureSchema.nullable(),
  /** The decision that took the place of this one. */
  correctedBy: z.string().nullable(),
});
export type Sanction = z.infer<typeof sanctionSchema>;

export const barOf = ({ sanctionId, number, decidedOn, lastDay }: Sanction): Bar => ({
  sanctionId,
  number,
  decidedOn,
  lastDay,
});

/** In force: confirmed, and not corrected. What it bars, and until when, is each bar's to say. */
export const isInForce = ({ confirmed, correctedBy }: Sanction): boolean =>
  confirmed !== null && correctedBy === null;

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
