/** The forms of the administrator; each with the reason that is kept. */
import * as z from 'zod';
import {
  organisationFieldsSchema,
  organisationIdSchema,
  organisationKindSchema,
} from '#domain/filing/organisations.ts';

const reason = z.string().trim().min(1, '请写明变更的原因或依据。').max(1000);

export const newOrganisationSchema = organisationFieldsSchema.extend({
  /** One is made where it is left out. */
  id: organisationIdSchema.optional(),
  kind: organisationKindSchema,
  reason,
});
export type NewOrganisation = z.infer<typeof newOrganisationSchema>;

export const changedOrganisationSchema = organisationFieldsSchema.extend({ reason });

export const dissolutionSchema = z.strictObject({
  /** Beijing date, today at the latest; today where it is left out. */
  on: z.iso.date('日期应为 YYYY-MM-DD。').optional(),
  /** The union that takes over, or the level above or centre that keeps the files (B-12). */
  successor: organisationIdSchema,
  reason,
});
export type DissolutionForm = z.infer<typeof dissolutionSchema>;
