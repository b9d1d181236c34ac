/**
 * Records on their way from one vault to another: every sealed field is opened by the one and sealed by the other, in its
 * context, and every blind index is reckoned anew. The same function takes a record into a bundle (from the source's
 * vault to the transfer key) and out of it (from the transfer key to the target's vault).
 */
import * as z from 'zod';
import { CASE_SCHEMA, type Case, caseSchema } from '#domain/filing/case.ts';
import type { JsonObject } from '#domain/json.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { sealedPlaces, textsIn, UnknownSealedField, withTexts } from '#embedded/sealed-fields.ts';
import { personsDigest } from '#functions/shared/check-store.ts';
import type { ItemKind } from '#functions/shared/item-kinds.ts';
import { keys } from '#functions/shared/keys.ts';
import type { SealedPlace } from '#functions/shared/personal-data.ts';
import type { Item, ItemKey } from '#functions/shared/ports.ts';
import { barsSchema } from '#functions/shared/sanction-store.ts';
import { TransferFault } from './fault.ts';
import type { Sealing } from './key.ts';

/** An item as a bundle holds it. `holder`: what its key is the blind index of, sealed in the context given. */
export type Parcel = { readonly item: Item; readonly holder?: Holder };

export const holderSchema = z.strictObject({ context: z.string(), sealed: z.string() });
type Holder = z.infer<typeof holderSchema>;

// ---------------------------------------------------------------- records

const parseCase = (item: Item): Case => {
  if (item.schema !== CASE_SCHEMA) {
    throw new TransferFault(
      'unknown-schema',
      2,
      `申请记录的版本为${item.schema}，本程序只认版本${CASE_SCHEMA}。`,
    );
  }
  return caseSchema.parse(item.data);
};

/** Where the sealed fields of an item stand; `unknown-sealed-field` where one stands that no list names. */
const placesIn = (kind: ItemKind, item: Item): readonly SealedPlace[] => {
  if (kind === 'case') parseCase(item);
  try {
    return sealedPlaces(item);
  } catch (error) {
    if (!(error instanceof UnknownSealedField)) throw error;
    throw new TransferFault('unknown-sealed-field', 2, `${error.message}无法迁移。`);
  }
};

/** The fingerprint of who was asked about follows the blind indexes, or the centre would be asked about all of them again. */
const digestFollows = (before: Case, after: JsonObject): JsonObject => {
  const { crossCheck } = before;
  if (crossCheck === null || crossCheck.personsDigest !== personsDigest(before)) return after;
  return {
    ...after,
    crossCheck: { ...crossCheck, personsDigest: personsDigest(caseSchema.parse(after)) },
  };
};

/**
 * The item under another vault. Throws `VaultRefused` where `from` can't open a field, `unknown-sealed-field` where one
 * stands that no list names.
 */
const resealed = async (kind: ItemKind, item: Item, from: Sealing, to: Sealing): Promise<Item> => {
  const places = placesIn(kind, item);
  const standing = new Map(textsIn(item.data));
  if (places.length === 0) return item;
  const texts = new Map<string, string>();
  for (const { pointer, context, index } of places) {
    const plaintext = await from.open(standing.get(pointer) ?? '', context);
    texts.set(pointer, await to.seal(plaintext, context));
    if (index !== undefined) texts.set(index, await to.blindIndex(plaintext));
  }
  const data = jsonObjectSchema.parse(withTexts(item.data, texts));
  return { ...item, data: kind === 'case' ? digestFollows(parseCase(item), data) : data };
};

// ---------------------------------------------------------------- keys that are blind indexes

/** Reads an item of the edition that a parcel is made of. */
type Read = (key: ItemKey) => Promise<Item | undefined>;

const ofCase = z.object({ caseId: z.string() });
const ofPerson = z.object({ subject: z.string() });
const caseOf = ({ data }: Item): readonly [ItemKind, ItemKey] => [
  'case',
  keys.case(ofCase.parse(data).caseId),
];
/** Every decision of a person's bars names that person. */
const decisionOf = ({ data }: Item): readonly [ItemKind, ItemKey] => [
  'sanction',
  keys.sanction(barsSchema.parse(data).bars[0]?.sanctionId ?? ''),
];
const subjectOf = ({ data }: Item): string => ofPerson.parse(data).subject;

/** For each kind whose key is a blind index: how it is made of one, and the record in which the same index stands. */
const INDEXED: {
  readonly [kind in ItemKind]?: {
    readonly key: (blindIndex: string) => ItemKey;
    readonly record: (item: Item) => readonly [ItemKind, ItemKey];
  };
} = {
  applicantGuard: { key: keys.applicantGuard, record: caseOf },
  personGuard: { key: keys.personGuard, record: caseOf },
  personCase: { key: (index) => keys.personCase(index, ''), record: caseOf },
  bars: { key: keys.bars, record: decisionOf },
  accountGuard: { key: keys.accountGuard, record: (item) => ['person', keys.person(subjectOf(item))] },
  login: { key: keys.login, record: (item) => ['credential', keys.credential(subjectOf(item))] },
};

/** What the key of an item is the index of, found in its record: a key is a hash, which can't be turned back. */
const holderOf = async (
  kind: ItemKind,
  item: Item,
  { key, record }: NonNullable<(typeof INDEXED)[ItemKind]>,
  from: Sealing,
  to: Sealing,
  read: Read,
): Promise<Holder> => {
  const [owner, place] = record(item);
  const found = await read(place);
  const texts = new Map(found === undefined ? [] : textsIn(found.data));
  const places = found === undefined ? [] : placesIn(owner, found);
  const held = places.find(({ index }) => index !== undefined && key(texts.get(index) ?? '').pk === item.pk);
  if (held === undefined) {
    throw new TransferFault('guard-without-person', 1, `${place.pk} 中没有登记（${kind}）所指的人。`);
  }
  const { pointer, context } = held;
  return { context, sealed: await to.seal(await from.open(texts.get(pointer) ?? '', context), context) };
};

// ---------------------------------------------------------------- into a bundle and out of it

/** An item of an edition, under the transfer key. `read` reads of that edition. */
export const pack = async (
  kind: ItemKind,
  item: Item,
  vault: Sealing,
  key: Sealing,
  read: Read,
): Promise<Parcel> => {
  const indexed = INDEXED[kind];
  if (indexed === undefined) return { item: await resealed(kind, item, vault, key) };
  const holder = await holderOf(kind, item, indexed, vault, key, read);
  const { pk } = indexed.key(await key.blindIndex(await key.open(holder.sealed, holder.context)));
  return { item: { ...item, pk }, holder };
};

/** The item of a parcel, under the vault of an edition. */
export const unpack = async (
  kind: ItemKind,
  { item, holder }: Parcel,
  vault: Sealing,
  key: Sealing,
): Promise<Item> => {
  const indexed = INDEXED[kind];
  if (indexed === undefined) return resealed(kind, item, key, vault);
  if (holder === undefined) throw new TransferFault('bundle-malformed', 1, `${kind} 缺少所属的人。`);
  const { pk } = indexed.key(await vault.blindIndex(await key.open(holder.sealed, holder.context)));
  return { ...item, pk };
};

/** What stands in an edition at the place of a parcel's item, in the parcel's own form: to compare the two. */
export const repack = async (
  kind: ItemKind,
  parcel: Parcel,
  standing: Item,
  vault: Sealing,
  key: Sealing,
): Promise<Item> =>
  INDEXED[kind] === undefined ? resealed(kind, standing, vault, key) : { ...standing, pk: parcel.item.pk };
