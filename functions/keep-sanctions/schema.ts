/** A decision on a false declaration as it is entered, and as it is shown. */
import * as z from 'zod';
import { isDate } from '#domain/calendar/dates.ts';
import { clawBackSchema } from '#domain/filing/claw-back.ts';
import { sanctionSchema } from '#domain/filing/sanctions.ts';

const text = (max: number) => z.string().trim().min(1).max(max);
const date = z.string().refine(isDate, '应为 YYYY-MM-DD 形式的日期。');
const id = z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。');

export const sanctionFormSchema = z.strictObject({
  /** The application or file in which the declaration was false. */
  caseId: id,
  number: text(60),
  decidedOn: date,
  facts: text(4000),
  /** Member ids of that application, each as the decision names them. */
  persons: z.array(z.string().min(1).max(40)).max(30),
  /** A decision that this one corrects; with nobody named it lifts it altogether. */
  corrects: id.optional(),
});
export type SanctionForm = z.infer<typeof sanctionFormSchema>;

export const sanctionViewSchema = sanctionSchema
  .omit({ persons: true, organisationPath: true })
  .extend({ persons: z.array(z.string()), inForce: z.boolean() })
  .meta({ id: 'Sanction' });

export const clawBackFormSchema = z.strictObject({
  sanctionId: id,
  kind: clawBackSchema.shape.kind,
  what: text(200),
  amount: clawBackSchema.shape.amount,
  dueOn: date,
});
export type ClawBackForm = z.infer<typeof clawBackFormSchema>;

export const returnFormSchema = z.strictObject({ on: date, note: text(500) });
export type ReturnForm = z.infer<typeof returnFormSchema>;
