import * as z from 'zod';
import { jsonObjectField } from '#domain/json.ts';

/** The whole declaration anew, in the form of the assessment contract, with the reason of the change. */
export const editDeclarationSchema = z.strictObject({
  declaration: jsonObjectField,
  reason: z.string().trim().min(1).max(1000),
});
export type DeclarationEdit = z.infer<typeof editDeclarationSchema>;
