/** A handover when somebody leaves a post: what is open, what is kept, and who signed. */
import * as z from 'zod';
import { ROLES } from '#functions/shared/access/policy.ts';

export const handoverFormSchema = z.strictObject({
  /** The account of the one who takes over; left out: whoever of the union has the same posts. */
  takesOver: z.string().trim().min(1).max(256).optional(),
  reason: z.string().trim().min(1, '请写明交接的原因。').max(1000),
  /** What else is handed over: keys, seals, paper files, one a line. */
  objects: z.array(z.string().trim().min(1).max(200)).max(200).default([]),
});
export type HandoverForm = z.infer<typeof handoverFormSchema>;

const signatureSchema = z.strictObject({ subject: z.string(), name: z.string(), at: z.string() });

export const handoverSchema = z.strictObject({
  handoverId: z.string(),
  organisation: z.string(),
  /** Its name when the list was drawn up. */
  organisationName: z.string(),
  /** The posts that are handed over. */
  roles: z.array(z.enum(ROLES)),
  takesOver: z.string().nullable(),
  reason: z.string(),
  objects: z.array(z.string()),
  counts: z.strictObject({ tasks: z.number().int(), files: z.number().int() }),
  leaves: signatureSchema,
  accepted: signatureSchema.nullable(),
});
export type Handover = z.infer<typeof handoverSchema>;

/** A line of the list: open work, or a file that is kept. */
export const lineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('task'),
    taskId: z.string(),
    caseId: z.string(),
    name: z.string(),
    dueOn: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('file'),
    caseId: z.string(),
    fileNumber: z.string(),
    establishedAt: z.string(),
  }),
]);
export type Line = z.infer<typeof lineSchema>;
