/** What the process with the functions is told, and answers. Events and results travel as JSON texts. */
import * as z from 'zod';

export const toChildSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('invoke'), id: z.int(), function: z.string(), event: z.string() }),
  z.strictObject({ kind: z.literal('advance'), id: z.int(), instant: z.number() }),
]);
export type ToChild = z.infer<typeof toChildSchema>;

export const fromChildSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('advanced'), id: z.int() }),
  z.strictObject({
    kind: z.literal('returned'),
    id: z.int(),
    result: z.string(),
    milliseconds: z.number(),
  }),
  z.strictObject({
    kind: z.literal('threw'),
    id: z.int(),
    errorType: z.string(),
    errorMessage: z.string(),
    milliseconds: z.number(),
  }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;
