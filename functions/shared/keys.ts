/**
 * Where things stand in the one table.
 *
 * | item | pk | sk | gsi1 | gsi2 | gsi3 |
 * |---|---|---|---|---|---|
 * | case | `CASE#id` | `CASE` | `OWNER#subject` / opened | `UNION#custodian` / opened | `WAITING#crossCheck` / opened, while it does; `ENDED#custodian` / ended, without a file |
 * | audit event | `CASE#id` | `EVENT#000001` | | |
 * | document | `CASE#id` | `DOC#id` | | |
 * | assessment | `CASE#id` | `ASSESSMENT#001` | | |
 * | letter | `CASE#id` | `LETTER#001` | `MAIL#person or union` / written # id | |
 * | mark of a read letter | `READER#subject` | written # id | | |
 * | message that could not go out | `DEADMESSAGES` | id # channel | | |
 * | task | `TASK#id` | `TASK` | `INBOX#organisation` / due | `INBOX#level above` once escalated | `OPEN#level` / opened, while open |
 * | open task, for those who watch | `WATCH#organisation` | due # id | | |
 * | notice | `NOTICE#id` | `NOTICE` | `NOTICES` / last day | |
 * | objection | `NOTICE#id` | `OBJECTION#id` | | |
 * | cross-check | `CHECK#id` | `CHECK` | | |
 * | result of one | `CHECK#id` | `RESULT#sequence#id` | | |
 * | nonce | `NONCE#key#nonce` | `NONCE` | | |
 * | record of an idempotency key | `REQUEST#hash` | `REQUEST` | | |
 * | meeting | `MEETING#id` | `MEETING` | | |
 * | guard: open application | `APPLICANT#blind index` | `GUARD` | | |
 * | guard: person in a file | `PERSON#blind index` | `GUARD` | | |
 * | application in which a person was named | `PERSON#blind index` | `CASE#id` | | |
 * | a person's bars after false declarations | `PERSON#blind index` | `BARS` | | |
 * | decision on a false declaration | `SANCTION#id` | `SANCTION` | `SANCTIONS#organisation` / decided | |
 * | protocol of a disposal | `DISPOSAL#id` | `DISPOSAL` | `DISPOSALS#organisation` / proposed | |
 * | what stays of a case that was disposed of | `CASE#id` | `TOMBSTONE` | | `DISPOSED#custodian` / ended | |
 * | person with an account | `SUBJECT#subject` | `PERSON` | `PEOPLE#organisation` / name | |
 * | event of the account | `SUBJECT#subject` | `EVENT#000001` | | |
 * | local password, second factor | `SUBJECT#subject` | `CREDENTIAL` | | |
 * | name of a local account | `LOGIN#blind index` | `LOGIN` | | |
 * | guard: one account a person | `ACCOUNT#blind index` | `GUARD` | | |
 * | code to claim a case | `CLAIM#SHA-256` | `CLAIM` | | |
 * | which code that is | `CASE#id` | `CLAIM` | | |
 * | installation: the link of its first administrator | `SETUP` | `SETUP` | | |
 * | counter | `COUNTER#name` | `COUNTER` | | |
 * | head of the tree of unions | `ORGANISATIONS` | `HEAD` | | |
 * | piece of the tree | `ORGANISATIONS` | `PIECE#hash` | | |
 * | change of the tree | `ORGANISATIONS` | `CHANGE#id` | | |
 * | what it did to one union | `ORGANISATION#id` | `CHANGE#id` | | |
 * | transfer of custody | `TRANSFER#id` | `TRANSFER` | `TRANSFERS#giver` / opened | `TRANSFERS#taker` / opened |
 * | handover | `HANDOVER#id` | `HANDOVER` | `HANDOVERS#organisation` / opened | |
 * | part of its list | `HANDOVER#id` | `PART#0001` | | |
 * | look into a case | `ACCESS#case` | instant # id, or hour # kind # who | `ACCESSOR#subject` / instant | `ACCESSES#union of who looked` / instant |
 * | access of an outsider | `EXTERNAL#id` | `EXTERNAL` | `EXTERNALS#case` / requested | | |
 * | code of one | `EXTERNALCODE#SHA-256` | `CODE` | | |
 * | openings of a person in a window | `OPENINGS#subject` | `hour` or `day` | | |
 * | outbox row | `OUTBOX#shard` | id | | |
 * | import of a bundle | `IMPORT#bundle` | `IMPORT` | | |
 *
 * An end of life (`expiresAt`) have: nonces (15 minutes), counts of openings (their hour or day), records of idempotency keys
 * (a day), codes for outsiders (30 days at most), codes to claim a case (90 days). What grows with the cases alone, or is one a person, has none.
 */
import type { Channel, ItemKey } from './ports.ts';

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
  mailbox: (to: { readonly subject: string } | { readonly organisation: string }): string =>
    'subject' in to ? `MAIL#PERSON#${to.subject}` : `MAIL#UNION#${to.organisation}`,
  readMark: (subject: string, place: string): ItemKey => ({ pk: `READER#${subject}`, sk: place }),
  deadMessages: 'DEADMESSAGES',
  deadMessage: (messageId: string, channel: Channel): ItemKey => ({
    pk: 'DEADMESSAGES',
    sk: `${messageId}#${channel}`,
  }),
  task: (taskId: string): ItemKey => ({ pk: `TASK#${taskId}`, sk: 'TASK' }),
  /** Every open task of the territory, by its due day. */
  watchedBy: (organisation: string): string => `WATCH#${organisation}`,
  watched: (organisation: string, place: string): ItemKey => ({ pk: `WATCH#${organisation}`, sk: place }),
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
  requestKey: (place: string): ItemKey => ({ pk: `REQUEST#${place}`, sk: 'REQUEST' }),
  meeting: (meetingId: string): ItemKey => ({ pk: `MEETING#${meetingId}`, sk: 'MEETING' }),
  applicantGuard: (blindIndex: string): ItemKey => ({ pk: `APPLICANT#${blindIndex}`, sk: 'GUARD' }),
  personGuard: (blindIndex: string): ItemKey => ({ pk: `PERSON#${blindIndex}`, sk: 'GUARD' }),
  personCase: (blindIndex: string, caseId: string): ItemKey => ({
    pk: `PERSON#${blindIndex}`,
    sk: `CASE#${caseId}`,
  }),
  bars: (blindIndex: string): ItemKey => ({ pk: `PERSON#${blindIndex}`, sk: 'BARS' }),
  sanction: (sanctionId: string): ItemKey => ({ pk: `SANCTION#${sanctionId}`, sk: 'SANCTION' }),
  sanctionsOf: (organisation: string): string => `SANCTIONS#${organisation}`,
  disposal: (disposalId: string): ItemKey => ({ pk: `DISPOSAL#${disposalId}`, sk: 'DISPOSAL' }),
  disposalsOf: (organisation: string): string => `DISPOSALS#${organisation}`,
  tombstone: (caseId: string): ItemKey => ({ pk: `CASE#${caseId}`, sk: 'TOMBSTONE' }),
  endedIndex: (organisation: string): string => `ENDED#${organisation}`,
  disposedIndex: (organisation: string): string => `DISPOSED#${organisation}`,
  person: (subject: string): ItemKey => ({ pk: `SUBJECT#${subject}`, sk: 'PERSON' }),
  personEvent: (subject: string, sequence: number): ItemKey => ({
    pk: `SUBJECT#${subject}`,
    sk: `EVENT#${padded(sequence, 6)}`,
  }),
  credential: (subject: string): ItemKey => ({ pk: `SUBJECT#${subject}`, sk: 'CREDENTIAL' }),
  login: (blindIndex: string): ItemKey => ({ pk: `LOGIN#${blindIndex}`, sk: 'LOGIN' }),
  accountGuard: (blindIndex: string): ItemKey => ({ pk: `ACCOUNT#${blindIndex}`, sk: 'GUARD' }),
  claim: (hash: string): ItemKey => ({ pk: `CLAIM#${hash}`, sk: 'CLAIM' }),
  claimOf: (caseId: string): ItemKey => ({ pk: `CASE#${caseId}`, sk: 'CLAIM' }),
  setup: { pk: 'SETUP', sk: 'SETUP' } satisfies ItemKey,
  counter: (name: string): ItemKey => ({ pk: `COUNTER#${name}`, sk: 'COUNTER' }),
  organisationHead: { pk: 'ORGANISATIONS', sk: 'HEAD' },
  organisationPiece: (hash: string): ItemKey => ({ pk: 'ORGANISATIONS', sk: `PIECE#${hash}` }),
  treeChange: (changeId: string): ItemKey => ({ pk: 'ORGANISATIONS', sk: `CHANGE#${changeId}` }),
  organisationChange: (id: string, changeId: string): ItemKey => ({
    pk: `ORGANISATION#${id}`,
    sk: `CHANGE#${changeId}`,
  }),
  transfer: (transferId: string): ItemKey => ({ pk: `TRANSFER#${transferId}`, sk: 'TRANSFER' }),
  transfersOf: (organisation: string): string => `TRANSFERS#${organisation}`,
  handover: (handoverId: string): ItemKey => ({ pk: `HANDOVER#${handoverId}`, sk: 'HANDOVER' }),
  handoverPart: (handoverId: string, number: number): ItemKey => ({
    pk: `HANDOVER#${handoverId}`,
    sk: `PART#${padded(number, 4)}`,
  }),
  handoversOf: (organisation: string): string => `HANDOVERS#${organisation}`,
  bundleImport: (bundle: string): ItemKey => ({ pk: `IMPORT#${bundle}`, sk: 'IMPORT' }),
  access: (caseId: string, place: string): ItemKey => ({ pk: `ACCESS#${caseId}`, sk: place }),
  accessesOf: (caseId: string): string => `ACCESS#${caseId}`,
  accessorIndex: (subject: string): string => `ACCESSOR#${subject}`,
  accessUnionIndex: (organisation: string): string => `ACCESSES#${organisation}`,
  external: (accessId: string): ItemKey => ({ pk: `EXTERNAL#${accessId}`, sk: 'EXTERNAL' }),
  externalsOf: (caseId: string): string => `EXTERNALS#${caseId}`,
  externalCode: (hash: string): ItemKey => ({ pk: `EXTERNALCODE#${hash}`, sk: 'CODE' }),
  openings: (subject: string, window: string): ItemKey => ({ pk: `OPENINGS#${subject}`, sk: window }),
  ownerIndex: (subject: string): string => `OWNER#${subject}`,
  unionIndex: (organisation: string): string => `UNION#${organisation}`,
  inbox: (organisation: string): string => `INBOX#${organisation}`,
  openTasks: (level: string): string => `OPEN#${level}`,
  crossChecksWaiting: 'WAITING#crossCheck',
  peopleIndex: (organisation: string): string => `PEOPLE#${organisation}`,
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
