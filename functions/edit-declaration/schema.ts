import { z } from 'zod';

/** The whole declaration anew, in the form of the assessment contract, with the reason of the change. */
export const editDeclarationSchema = z.strictObject({
  declaration: z.record(z.string(), z.json()),
  reason: z.string().trim().min(1).max(1000),
});
export type DeclarationEdit = z.infer<typeof editDeclarationSchema>;
