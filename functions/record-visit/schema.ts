/** A home visit as its visitors record it. */
import * as z from 'zod';
import { visitFindingsSchema, visitPlaceSchema, visitSignatureSchema } from '#domain/filing/visits.ts';

export const visitFormSchema = z.strictObject({
  visitedOn: z.iso.date('日期应为 YYYY-MM-DD。'),
  place: visitPlaceSchema,
  /** The law sets no number: one named person or more. */
  visitors: z.array(z.string().trim().min(1, '请填写走访人姓名。').max(50)).min(1, '请写明走访人。').max(10),
  findings: visitFindingsSchema,
  /** Document ids. */
  photos: z.array(z.string().min(1)).max(20).default([]),
  signature: visitSignatureSchema,
});
export type VisitForm = z.infer<typeof visitFormSchema>;
