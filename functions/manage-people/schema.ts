/** Forms of the administration of accounts. */
import * as z from 'zod';
import { staffRoleSchema } from '#domain/people/person.ts';
import { emailSchema } from '#functions/shared/mail-addresses.ts';

const text = (max: number) => z.string().trim().min(1).max(max);

export const postForm = z.strictObject({ role: staffRoleSchema, organisation: text(40) });

export const newStaffForm = postForm.extend({
  name: text(50),
  account: z
    .string()
    .trim()
    .min(3)
    .max(256)
    .regex(/^[\w.@:|/-]+$/, '登录名用字母、数字和 . _ @ : | / - 组成。'),
});

/** null: no mail any more. */
export const emailForm = z.strictObject({ email: emailSchema.nullable() });

export const reasonForm = z.strictObject({ reason: text(500) });

export const resetForm = reasonForm.extend({ secondFactor: z.boolean() });
