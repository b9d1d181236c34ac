/** A transfer of custody: who gives, who takes, which cases, what goes with them. */
import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';

/** So many cases can be moved while the one who signs waits; more go by further transfers. */
export const MAX_CASES = 100;

export const transferFormSchema = z.strictObject({
  from: organisationIdSchema,
  to: organisationIdSchema,
  /** Left out: all that the union keeps; of one that is dissolved, all that its successor has not taken over yet. */
  caseIds: z
    .array(z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。'))
    .min(1)
    .max(MAX_CASES, `一次最多移交${MAX_CASES}份，请分次办理。`)
    .optional(),
  /** Originals on paper, one a line of the list. */
  originals: z.array(z.string().trim().min(1).max(200)).max(500).default([]),
  reason: z.string().trim().min(1, '请写明移交的原因。').max(1000),
});
export type TransferForm = z.infer<typeof transferFormSchema>;

const signatureSchema = z.strictObject({
  subject: z.string(),
  name: z.string(),
  organisation: z.string(),
  at: z.string(),
});

export const transferSchema = z.strictObject({
  transferId: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  cases: z.array(
    z.strictObject({
      caseId: z.string(),
      fileNumber: z.string().nullable(),
      /** What the system holds of it, by kind of paper. */
      papers: z.array(z.strictObject({ name: z.string(), count: z.number().int() })),
    }),
  ),
  originals: z.array(z.string()),
  handedOver: signatureSchema,
  accepted: signatureSchema.nullable(),
  /** Every case is in the new hands. */
  completed: z.boolean(),
});
export type Transfer = z.infer<typeof transferSchema>;
