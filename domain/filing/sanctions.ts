/**
 * Decisions on wilful false declarations (B-8.1, B-19): whom a decision names may not apply in the year of the decision
 * and the next one, and is entered as dishonest. A decision counts once a second person has confirmed it; a wrong one is
 * corrected by another decision, and both are kept. Persons are named by blind index; the number itself stays sealed as in
 * the case, for the day on which the index has to be made by another key.
 */
import * as z from 'zod';
import type { Bar } from './bars.ts';
import { sealedSchema } from './case.ts';
import { unionSignatureSchema } from './signatures.ts';

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
  persons: z.array(z.strictObject({ memberId: z.string(), idIndex: z.string(), idNumber: sealedSchema })),
  /** Entered as dishonest (B-8.1). */
  dishonest: z.boolean(),
  /** The decision that this one takes the place of. */
  corrects: z.string().nullable(),
  entered: unionSignatureSchema,
  /** By a second person; null: it has no effect yet. */
  confirmed: unionSignatureSchema.nullable(),
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
