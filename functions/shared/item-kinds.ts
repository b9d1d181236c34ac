/**
 * The kinds of items of the one table, told apart by their keys (`keys.ts`), and what becomes of each when an edition moves.
 * Each builder of keys has its kind: the compiler asks for it.
 */
import { keys, OUTBOX_PREFIX } from './keys.ts';
import type { ItemKey } from './ports.ts';

/** The builders of items' keys; the others name partitions of an index or a part of the table. */
type Builder = {
  [name in keyof typeof keys]: (typeof keys)[name] extends ItemKey | ((...parts: never) => ItemKey)
    ? name
    : never;
}[keyof typeof keys];

/**
 * - `moves`: into any edition.
 * - `accounts`: only into an edition that keeps passwords itself. Elsewhere they are the identity provider's.
 * - `stays`: it means something to its own edition alone, or for a few minutes.
 */
type Fate = 'moves' | 'accounts' | 'stays';

/** `key`: with empty parts, so that what is left of it up to the first `#` is common to the kind. */
const KINDS = {
  case: { key: keys.case(''), fate: 'moves' },
  event: { key: keys.event('', 0), fate: 'moves' },
  document: { key: keys.document('', ''), fate: 'moves' },
  assessment: { key: keys.assessment('', 0), fate: 'moves' },
  letter: { key: keys.letter('', 0), fate: 'moves' },
  readMark: { key: keys.readMark('', ''), fate: 'moves' },
  // Its sort key begins with the message's id.
  deadMessage: { key: { ...keys.deadMessage('', 'file'), sk: '' }, fate: 'moves' },
  task: { key: keys.task(''), fate: 'moves' },
  watched: { key: keys.watched('', ''), fate: 'moves' },
  notice: { key: keys.notice(''), fate: 'moves' },
  objection: { key: keys.objection('', ''), fate: 'moves' },
  check: { key: keys.check(''), fate: 'moves' },
  result: { key: keys.result('', 0, ''), fate: 'moves' },
  // Guards against a replay for the minutes that its signature is good.
  nonce: { key: keys.nonce('', ''), fate: 'stays' },
  // Who sends a request again after the move gets the first answer, as before: hashes without a key, ids that move.
  requestKey: { key: keys.requestKey(''), fate: 'moves' },
  meeting: { key: keys.meeting(''), fate: 'moves' },
  applicantGuard: { key: keys.applicantGuard(''), fate: 'moves' },
  personGuard: { key: keys.personGuard(''), fate: 'moves' },
  personCase: { key: keys.personCase('', ''), fate: 'moves' },
  bars: { key: keys.bars(''), fate: 'moves' },
  sanction: { key: keys.sanction(''), fate: 'moves' },
  disposal: { key: keys.disposal(''), fate: 'moves' },
  tombstone: { key: keys.tombstone(''), fate: 'moves' },
  person: { key: keys.person(''), fate: 'moves' },
  personEvent: { key: keys.personEvent('', 0), fate: 'moves' },
  credential: { key: keys.credential(''), fate: 'accounts' },
  login: { key: keys.login(''), fate: 'accounts' },
  accountGuard: { key: keys.accountGuard(''), fate: 'moves' },
  // The hash of a code has no key: the paper that a worker holds stays good.
  claim: { key: keys.claim(''), fate: 'moves' },
  claimOf: { key: keys.claimOf(''), fate: 'moves' },
  // That there is a first administrator, whose password moves with it or doesn't.
  setup: { key: keys.setup, fate: 'accounts' },
  counter: { key: keys.counter(''), fate: 'moves' },
  organisationHead: { key: keys.organisationHead, fate: 'moves' },
  organisationPiece: { key: keys.organisationPiece(''), fate: 'moves' },
  treeChange: { key: keys.treeChange(''), fate: 'moves' },
  organisationChange: { key: keys.organisationChange('', ''), fate: 'moves' },
  transfer: { key: keys.transfer(''), fate: 'moves' },
  handover: { key: keys.handover(''), fate: 'moves' },
  handoverPart: { key: keys.handoverPart('', 0), fate: 'moves' },
  access: { key: keys.access('', ''), fate: 'moves' },
  external: { key: keys.external(''), fate: 'moves' },
  externalCode: { key: keys.externalCode(''), fate: 'moves' },
  // A person's openings of this hour and day.
  openings: { key: keys.openings('', ''), fate: 'stays' },
  // What it has for executions stays: they don't move (`scripts/transfer/export.ts`).
  outbox: { key: { pk: OUTBOX_PREFIX, sk: '' }, fate: 'moves' },
  // How far an import into this edition is.
  bundleImport: { key: keys.bundleImport(''), fate: 'stays' },
} as const satisfies Readonly<Record<Builder | 'outbox', { readonly key: ItemKey; readonly fate: Fate }>>;

export type ItemKind = keyof typeof KINDS;

const isKind = (name: string): name is ItemKind => Object.hasOwn(KINDS, name);
export const ITEM_KINDS: readonly ItemKind[] = Object.keys(KINDS).filter(isKind);

/** Whether a part of a key has the form of a kind's: the same, or behind its `#` (behind nothing) anything. */
const fits = (form: string, part: string): boolean => {
  const open = form === '' || form.includes('#');
  return open ? part.startsWith(form.slice(0, form.indexOf('#') + 1)) : part === form;
};

/** The kind of an item; undefined for a key of no kind that is known. */
export const kindOf = ({ pk, sk }: ItemKey): ItemKind | undefined =>
  ITEM_KINDS.find((name) => fits(KINDS[name].key.pk, pk) && fits(KINDS[name].key.sk, sk));

export const fateOf = (kind: ItemKind): Fate => KINDS[kind].fate;
