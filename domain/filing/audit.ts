/**
 * The audit chain of a case: every step on record, each event bound to the one before by SHA-256 over its RFC 8785
 * canonical JSON (B-15: altering or forging a file must be evident). Whoever rewrites one event has to rewrite all
 * that follow, and cannot rewrite a head that others hold: the archive's manifest and the signed daily heads.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import * as z from 'zod';
import { type JsonObject, jsonObjectSchema } from '#domain/json.ts';

/** SHA-256 as lower-case hex. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, '不是 SHA-256 值');

/** Text that canonical JSON can say. */
export const textSchema = z
  .string()
  .min(1, '不能为空')
  .refine((text) => text.isWellFormed(), '含有不成对的代理码元');

const actorSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('person'),
    subject: textSchema,
    name: textSchema,
    /** The union that the person acts for; a worker acts for none. */
    organisation: textSchema.nullable(),
    roles: z.array(textSchema).readonly(),
  }),
  z.strictObject({ kind: z.literal('system'), function: textSchema }),
]);

const draftShape = {
  caseId: textSchema,
  /** Case time, ISO 8601 in UTC. */
  at: z.iso.datetime(),
  actor: actorSchema,
  type: textSchema,
  data: jsonObjectSchema,
};

const draftSchema = z.strictObject(draftShape);

/** One event as it is stored and archived. `sequence` counts from 1; `previous` is the hash of the one before. */
export const auditEventSchema = z.strictObject({
  ...draftShape,
  sequence: z.int().min(1),
  previous: sha256Schema,
  hash: sha256Schema,
});

export type AuditEvent = z.infer<typeof auditEventSchema>;
export type Actor = AuditEvent['actor'];

/** What the caller knows of an event: `caseId`, `at`, `actor`, `type`, `data`. */
export type AuditDraft = Omit<AuditEvent, 'sequence' | 'previous' | 'hash'>;

/** `previous` of the first event. */
const GENESIS = '0'.repeat(64);

/** RFC 8785 canonical JSON. Error: on what JSON cannot say (lone surrogates, numbers without end). */
export function canonicalJson(value: JsonObject): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

/** SHA-256 of bytes, or of a text's UTF-8 form, as lower-case hex. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function hashOf(event: Omit<AuditEvent, 'hash'>): string {
  const { caseId, sequence, at, actor, type, data, previous } = event;
  return sha256(canonicalJson({ caseId, sequence, at, actor, type, data, previous }));
}

/**
 * The next event of a case's chain; `last` is undefined for its first. Errors: a draft that fits no record (zod),
 * or of another case than `last`: both are faults of the program.
 */
export function appendEvent(
  last: Pick<AuditEvent, 'caseId' | 'sequence' | 'hash'> | undefined,
  draft: AuditDraft,
): AuditEvent {
  if (last !== undefined && last.caseId !== draft.caseId) {
    throw new Error(`an event of case ${draft.caseId} cannot follow one of case ${last.caseId}`);
  }
  const event = {
    ...draftSchema.parse(draft),
    sequence: (last?.sequence ?? 0) + 1,
    previous: last?.hash ?? GENESIS,
  };
  return { ...event, hash: hashOf(event) };
}

/**
 * What is wrong with a chain. `sequence` is the number at which it shows: for a gap the number that was due, else
 * the event's own.
 */
export type ChainFault = {
  readonly sequence: number;
  readonly code: 'changed' | 'broken-link' | 'gap' | 'foreign-case';
  readonly message: string;
};

/**
 * Checks a chain from its first event; the faults come in the order of the events, none for a sound chain. An empty
 * chain is sound; that its end was cut off only a head held elsewhere can tell. `caseId`: whose chain it has to be
 * (the first event's where left out).
 */
export function verifyChain(
  events: readonly AuditEvent[],
  caseId: string | undefined = events[0]?.caseId,
): readonly ChainFault[] {
  const faults: ChainFault[] = [];
  let last: AuditEvent | undefined;
  for (const event of events) {
    const { sequence } = event;
    const due = (last?.sequence ?? 0) + 1;
    if (event.caseId !== caseId) {
      faults.push({ sequence, code: 'foreign-case', message: `第${sequence}条记录属于其他案件` });
    }
    if (event.hash !== hashOf(event)) {
      faults.push({ sequence, code: 'changed', message: `第${sequence}条记录的内容与其哈希不符，已被改动` });
    }
    if (sequence !== due) {
      // The link cannot hold across a gap, so that it says nothing more.
      faults.push({
        sequence: due,
        code: 'gap',
        message: `应为第${due}条记录，实为第${sequence}条：记录有缺失、重复或顺序颠倒`,
      });
    } else if (event.previous !== (last?.hash ?? GENESIS)) {
      faults.push({
        sequence,
        code: 'broken-link',
        message: `第${sequence}条记录与上一条衔接不上，其中之一已被替换`,
      });
    }
    last = event;
  }
  return faults;
}
