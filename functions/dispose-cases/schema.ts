import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';

/** So many applications with all their papers can be removed while the one who approves waits. */
const MAX_CASES = 20;

export const disposalFormSchema = z.strictObject({
  /** The union that keeps them. */
  union: organisationIdSchema,
  caseIds: z
    .array(z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。'))
    .min(1)
    .max(MAX_CASES, `一次最多销毁${MAX_CASES}份，请分次办理。`),
  reason: z.string().trim().min(1, '请写明销毁的理由。').max(1000),
});
export type DisposalForm = z.infer<typeof disposalFormSchema>;
