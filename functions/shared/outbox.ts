/**
 * The outbox: what the rest of the world has to be told about a change of a case, written in the same transaction
 * as the change and told by `relay-outbox` until it is told.
 */
import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { keys, outboxPartition } from './keys.ts';
import { CHANNELS, type Ids, type ItemOperation, type JsonObject, type Message } from './ports.ts';

export const outboxMessageSchema = z.strictObject({
  id: z.string(),
  caseId: z.string(),
  to: z.union([z.strictObject({ subject: z.string() }), z.strictObject({ organisation: z.string() })]),
  title: z.string(),
  text: z.string(),
});

export const outboxRowSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('start'),
    execution: z.string(),
    input: jsonObjectSchema,
  }),
  z.strictObject({
    kind: z.literal('stop'),
    execution: z.string(),
    error: z.string(),
    cause: z.string(),
  }),
  z.strictObject({
    kind: z.literal('answer'),
    taskToken: z.string(),
    output: jsonObjectSchema,
  }),
  z.strictObject({ kind: z.literal('heartbeat'), taskToken: z.string() }),
  /** Cases of these unions lie elsewhere now. */
  z.strictObject({ kind: z.literal('reseat'), organisations: z.array(z.string()) }),
  /** Running applications of whom it names are to be told of a decision, or of its correction. */
  z.strictObject({ kind: z.literal('sanction'), sanctionId: z.string() }),
  z.strictObject({
    kind: z.literal('notify'),
    message: outboxMessageSchema,
    /** By which way it is still to go; null: by all that are configured. */
    channel: z.enum(CHANNELS).nullable().default(null),
    /** How often it was tried in vain, and before which instant (wall time) it is not tried again. */
    attempts: z.number().int().default(0),
    notBefore: z.number().default(0),
  }),
]);
export type OutboxRow = z.infer<typeof outboxRowSchema>;

/** The row of a message that nobody has tried to send yet. */
export const newMessage = (message: Message): Extract<OutboxRow, { kind: 'notify' }> => ({
  kind: 'notify',
  message,
  channel: null,
  attempts: 0,
  notBefore: 0,
});

/** The write of one row; rows about the same thing are told in their order. */
export const outboxOperation = (ids: Ids, about: string, row: OutboxRow): ItemOperation => ({
  type: 'put',
  item: {
    pk: outboxPartition(about),
    sk: ids.next(),
    version: 1,
    schema: 1,
    data: row satisfies JsonObject,
  },
  condition: 'absent',
});

/** The guard of a worker's open application: released when the application ends without a file. */
export const releaseApplicant = (idIndex: string): ItemOperation => ({
  type: 'delete',
  key: keys.applicantGuard(idIndex),
});
