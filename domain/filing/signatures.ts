/** Who signed something, as shown to people: a named person of a named union (B-4). */
import * as z from 'zod';

export const signatorySchema = z.strictObject({
  subject: z.string(),
  name: z.string(),
  organisation: z.string().nullable(),
});
export type Signatory = z.infer<typeof signatorySchema>;

/** With the instant, ISO 8601 in case time. */
export const signatureSchema = signatorySchema.extend({ at: z.string() });
export type Signature = z.infer<typeof signatureSchema>;

/** For a union, where nobody signs for oneself alone. */
export const unionSignatureSchema = signatureSchema.extend({ organisation: z.string() });
export type UnionSignature = z.infer<typeof unionSignatureSchema>;
