/**
 * Consent to the processing of personal data (Personal Information Protection Law, articles 13, 14, 29 and 31): who
 * consented for whom, to which text, when, on what. Sensitive data need an act of their own; for those under 14 a
 * guardian consents. The cross-check is no part of it: that is the authorisation of A-2.
 */
import * as z from 'zod';

/**
 * `self`: the person; `authorised`: the worker, with the person's written authority; `guardian`: a parent or other
 * guardian, named by the member id.
 */
const personConsentShape = {
  memberId: z.string().min(1),
  given: z.enum(['self', 'authorised', 'guardian']),
  guardian: z.string().min(1).nullable().default(null),
};
const personConsentSchema = z.strictObject(personConsentShape);
export type PersonConsent = z.infer<typeof personConsentSchema>;

/** The two acts, each said for itself. */
export const consentActsSchema = z.strictObject({
  /** The version of the notice that was shown. */
  notice: z.string().min(1).max(20),
  processing: z.literal(true, '须同意处理个人信息，才能办理申请。'),
  sensitive: z.literal(true, '须单独同意处理敏感个人信息，才能办理申请。'),
});
export type ConsentActs = z.infer<typeof consentActsSchema>;

/** What the form of an application says: one entry for each member and each legal supporter. */
export const consentFormSchema = consentActsSchema.extend({
  persons: z.array(personConsentSchema).min(1).max(50),
});
export type ConsentForm = z.infer<typeof consentFormSchema>;

/** As it is kept with the case. */
export const consentSchema = z.strictObject({
  notice: z.string(),
  /** Of the text of the notice. */
  sha256: z.string(),
  /** `paper`: the act itself stands on paper, and an officer has recorded it. */
  medium: z.enum(['online', 'paper']),
  at: z.string(),
  by: z.strictObject({ subject: z.string(), name: z.string(), organisation: z.string().nullable() }),
  persons: z.array(personConsentSchema),
});
export type Consent = z.infer<typeof consentSchema>;
