/** The kinds of items of the one table, told apart by their keys (`keys.ts`). */
import { OUTBOX_PREFIX } from './keys.ts';
import type { ItemKey } from './ports.ts';

/** The beginning of the partition key; of the sort key the beginning where it ends in `#` or is empty, else all of it. */
const KINDS = {
  case: { pk: 'CASE#', sk: 'CASE' },
  event: { pk: 'CASE#', sk: 'EVENT#' },
  document: { pk: 'CASE#', sk: 'DOC#' },
  assessment: { pk: 'CASE#', sk: 'ASSESSMENT#' },
  letter: { pk: 'CASE#', sk: 'LETTER#' },
  task: { pk: 'TASK#', sk: 'TASK' },
  notice: { pk: 'NOTICE#', sk: 'NOTICE' },
  objection: { pk: 'NOTICE#', sk: 'OBJECTION#' },
  check: { pk: 'CHECK#', sk: 'CHECK' },
  result: { pk: 'CHECK#', sk: 'RESULT#' },
  nonce: { pk: 'NONCE#', sk: 'NONCE' },
  meeting: { pk: 'MEETING#', sk: 'MEETING' },
  applicantGuard: { pk: 'APPLICANT#', sk: 'GUARD' },
  personGuard: { pk: 'PERSON#', sk: 'GUARD' },
  counter: { pk: 'COUNTER#', sk: 'COUNTER' },
  outbox: { pk: OUTBOX_PREFIX, sk: '' },
  transfer: { pk: 'TRANSFER#', sk: 'TRANSFER' },
} as const satisfies Readonly<Record<string, ItemKey>>;

export type ItemKind = keyof typeof KINDS;

const isKind = (name: string): name is ItemKind => Object.hasOwn(KINDS, name);
export const ITEM_KINDS: readonly ItemKind[] = Object.keys(KINDS).filter(isKind);

/** The kind of an item; undefined for a key of no kind that is known. */
export const kindOf = ({ pk, sk }: ItemKey): ItemKind | undefined =>
  ITEM_KINDS.find((name) => {
    const kind = KINDS[name];
    const whole = kind.sk !== '' && !kind.sk.endsWith('#');
    return pk.startsWith(kind.pk) && (whole ? sk === kind.sk : sk.startsWith(kind.sk));
  });
