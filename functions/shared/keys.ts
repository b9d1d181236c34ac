/**
 * Where things stand in the one table.
 *
 * | item | pk | sk | gsi1 | gsi2 |
 * |---|---|---|---|---|
 * | case | `CASE#id` | `CASE` | `OWNER#subject` / opened | `UNION#organisation` / opened (grassroots) |
 * | audit event | `CASE#id` | `EVENT#000001` | | |
 * | document | `CASE#id` | `DOC#id` | | |
 * | assessment | `CASE#id` | `ASSESSMENT#001` | | |
 * | letter | `CASE#id` | `LETTER#001` | | |
 * | task | `TASK#id` | `TASK` | `INBOX#organisation` / due | `INBOX#level above` once escalated |
 * | notice | `NOTICE#id` | `NOTICE` | `NOTICES` / last day | |
 * | objection | `NOTICE#id` | `OBJECTION#id` | | |
 * | cross-check | `CHECK#id` | `CHECK` | | |
 * | result of one | `CHECK#id` | `RESULT#sequence#id` | | |
 * | nonce | `NONCE#key#nonce` | `NONCE` | | |
 * | meeting | `MEETING#id` | `MEETING` | | |
 * | guard: open application | `APPLICANT#blind index` | `GUARD` | | |
 * | guard: person in a file | `PERSON#blind index` | `GUARD` | | |
 * | counter | `COUNTER#name` | `COUNTER` | | |
 * | outbox row | `OUTBOX#shard` | id | | |
 * | import of a bundle | `TRANSFER#bundle` | `TRANSFER` | | |
 */
import type { ItemKey } from './ports.ts';

const padded = (count: number, width: number): string => String(count).padStart(width, '0');

export const keys = {
  case: (caseId: string): ItemKey => ({ pk: `CASE#${caseId}`, sk: 'CASE' }),
  event: (caseId: string, sequence: number): ItemKey => ({
    pk: `CASE#${caseId}`,
    sk: `EVENT#${padded(sequence, 6)}`,
  }),
  document: (caseId: string, documentId: string): ItemKey => ({
    pk: `CASE#${caseId}`,
    sk: `DOC#${documentId}`,
  }),
  assessment: (caseId: string, number: number): ItemKey => ({
    pk: `CASE#${caseId}`,
    sk: `ASSESSMENT#${padded(number, 3)}`,
  }),
  letter: (caseId: string, number: number): ItemKey => ({
    pk: `CASE#${caseId}`,
    sk: `LETTER#${padded(number, 3)}`,
  }),
  task: (taskId: string): ItemKey => ({ pk: `TASK#${taskId}`, sk: 'TASK' }),
  notice: (noticeId: string): ItemKey => ({ pk: `NOTICE#${noticeId}`, sk: 'NOTICE' }),
  objection: (noticeId: string, objectionId: string): ItemKey => ({
    pk: `NOTICE#${noticeId}`,
    sk: `OBJECTION#${objectionId}`,
  }),
  check: (requestId: string): ItemKey => ({ pk: `CHECK#${requestId}`, sk: 'CHECK' }),
  result: (requestId: string, sequence: number, resultId: string): ItemKey => ({
    pk: `CHECK#${requestId}`,
    sk: `RESULT#${padded(sequence, 6)}#${resultId}`,
  }),
  nonce: (keyId: string, nonce: string): ItemKey => ({ pk: `NONCE#${keyId}#${nonce}`, sk: 'NONCE' }),
  meeting: (meetingId: string): ItemKey => ({ pk: `MEETING#${meetingId}`, sk: 'MEETING' }),
  applicantGuard: (blindIndex: string): ItemKey => ({ pk: `APPLICANT#${blindIndex}`, sk: 'GUARD' }),
  personGuard: (blindIndex: string): ItemKey => ({ pk: `PERSON#${blindIndex}`, sk: 'GUARD' }),
  counter: (name: string): ItemKey => ({ pk: `COUNTER#${name}`, sk: 'COUNTER' }),
  transfer: (bundle: string): ItemKey => ({ pk: `TRANSFER#${bundle}`, sk: 'TRANSFER' }),
  ownerIndex: (subject: string): string => `OWNER#${subject}`,
  unionIndex: (organisation: string): string => `UNION#${organisation}`,
  inbox: (organisation: string): string => `INBOX#${organisation}`,
  notices: 'NOTICES',
} as const;

/** The outbox is spread over partitions, so that no single one takes every write of the system. */
const OUTBOX_SHARDS = 8;
export const OUTBOX_PREFIX = 'OUTBOX#';
export const outboxPartitions = Array.from(
  { length: OUTBOX_SHARDS },
  (_, shard) => `${OUTBOX_PREFIX}${shard}`,
);

/** Rows of one case share a partition, so that they are told in the order in which they were written. */
export const outboxPartition = (caseId: string): string => {
  const last = caseId.codePointAt(caseId.length - 1) ?? 0;
  return `${OUTBOX_PREFIX}${last % OUTBOX_SHARDS}`;
};
