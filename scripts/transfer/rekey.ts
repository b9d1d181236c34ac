/**
 * Records on their way from one vault to another: every sealed field is opened by the one and sealed by the other, in its
 * context, and every blind index is reckoned anew. The same function takes a record into a bundle (from the source's
 * vault to the transfer key) and out of it (from the transfer key to the target's vault).
 */
import { z } from 'zod';
import { CASE_SCHEMA, type Case, caseSchema } from '#domain/filing/case.ts';
import type { Json, JsonObject } from '#domain/json.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { personsDigest } from '#functions/shared/check-store.ts';
import type { ItemKind } from '#functions/shared/item-kinds.ts';
import { keys } from '#functions/shared/keys.ts';
import { objectionSchema } from '#functions/shared/notice-store.ts';
import {
  idNumberContext,
  type SealedPlace,
  sealedFieldsOfCase,
  sealedFieldsOfObjection,
} from '#functions/shared/personal-data.ts';
import type { Item } from '#functions/shared/ports.ts';
import { TransferFault } from './fault.ts';
import type { Sealing } from './key.ts';

/** An item as a bundle holds it. `holder`: whose ID number a guard's key is reckoned from, sealed. */
export type Parcel = { readonly item: Item; readonly holder?: Holder };

export const holderSchema = z.strictObject({ caseId: z.string(), memberId: z.string(), sealed: z.string() });
type Holder = z.infer<typeof holderSchema>;

const GUARDS = {
  applicantGuard: keys.applicantGuard,
  personGuard: keys.personGuard,
} satisfies { readonly [kind in ItemKind]?: (blindIndex: string) => { pk: string; sk: string } };
type GuardKind = keyof typeof GUARDS;

const isGuard = (kind: ItemKind): kind is GuardKind => Object.hasOwn(GUARDS, kind);

// ---------------------------------------------------------------- JSON by pointers

const sealedSchema = z.strictObject({ sealed: z.string(), masked: z.string() });
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const step = (name: string | number): string =>
  `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Every `{ sealed, masked }` in a value, by its pointer. */
function* sealedIn(value: Json, pointer = ''): Generator<readonly [pointer: string, sealed: string]> {
  if (typeof value !== 'object' || value === null) return;
  const field = sealedSchema.safeParse(value);
  if (field.success) yield [pointer, field.data.sealed];
  else if (isList(value)) for (const [at, part] of value.entries()) yield* sealedIn(part, pointer + step(at));
  else for (const [name, part] of Object.entries(value)) yield* sealedIn(part, pointer + step(name));
}

/** The value with other texts at these pointers. */
const withTexts = (value: Json, texts: ReadonlyMap<string, string>, pointer = ''): Json => {
  const text = texts.get(pointer);
  if (text !== undefined) return text;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((part, at) => withTexts(part, texts, pointer + step(at)));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withTexts(part, texts, pointer + step(name))]),
  );
};

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

const placesOf = (kind: ItemKind, item: Item): readonly SealedPlace[] => {
  if (kind === 'case') return sealedFieldsOfCase(parseCase(item));
  return kind === 'objection' ? sealedFieldsOfObjection(objectionSchema.parse(item.data)) : [];
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
  const found = new Map(sealedIn(item.data));
  const places = placesOf(kind, item);
  const known = new Set(places.map(({ pointer }) => pointer));
  const unknown = [...found.keys()].find((pointer) => !known.has(pointer));
  if (unknown !== undefined) {
    throw new TransferFault(
      'unknown-sealed-field',
      2,
      `${kind} 的 ${unknown} 是密封字段，但不在迁移清单中，无法迁移。`,
    );
  }
  if (places.length === 0) return item;
  const texts = new Map<string, string>();
  for (const { pointer, context, index } of places) {
    const plaintext = await from.open(found.get(pointer) ?? '', context);
    texts.set(`${pointer}/sealed`, await to.seal(plaintext, context));
    if (index !== undefined) texts.set(index, await to.blindIndex(plaintext));
  }
  const data = jsonObjectSchema.parse(withTexts(item.data, texts));
  return { ...item, data: kind === 'case' ? digestFollows(parseCase(item), data) : data };
};

// ---------------------------------------------------------------- into a bundle and out of it

const guardDataSchema = z.strictObject({ caseId: z.string() });

/** Whose guard it is: the key alone doesn't tell, it is a hash. */
const holderOf = async (
  kind: GuardKind,
  item: Item,
  from: Sealing,
  to: Sealing,
  caseOf: (caseId: string) => Promise<Case | undefined>,
): Promise<Holder> => {
  const { caseId } = guardDataSchema.parse(item.data);
  const person = (await caseOf(caseId))?.persons.find(({ idIndex }) => GUARDS[kind](idIndex).pk === item.pk);
  if (person === undefined) {
    throw new TransferFault(
      'guard-without-person',
      1,
      `申请 ${caseId} 中没有占用登记（${kind}）所指的家庭成员。`,
    );
  }
  const context = idNumberContext(caseId, person.memberId);
  const sealed = await to.seal(await from.open(person.idNumber.sealed, context), context);
  return { caseId, memberId: person.memberId, sealed };
};

const idNumberOf = ({ caseId, memberId, sealed }: Holder, by: Sealing): Promise<string> =>
  by.open(sealed, idNumberContext(caseId, memberId));

/** An item of an edition, under the transfer key. `caseOf` reads a case of that edition. */
export const pack = async (
  kind: ItemKind,
  item: Item,
  vault: Sealing,
  key: Sealing,
  caseOf: (caseId: string) => Promise<Case | undefined>,
): Promise<Parcel> => {
  if (!isGuard(kind)) return { item: await resealed(kind, item, vault, key) };
  const holder = await holderOf(kind, item, vault, key, caseOf);
  const { pk } = GUARDS[kind](await key.blindIndex(await idNumberOf(holder, key)));
  return { item: { ...item, pk }, holder };
};

/** The item of a parcel, under the vault of an edition. */
export const unpack = async (
  kind: ItemKind,
  { item, holder }: Parcel,
  vault: Sealing,
  key: Sealing,
): Promise<Item> => {
  if (!isGuard(kind)) return resealed(kind, item, key, vault);
  if (holder === undefined) throw new TransferFault('bundle-malformed', 1, '占用登记缺少持有人。');
  const { pk } = GUARDS[kind](await vault.blindIndex(await idNumberOf(holder, key)));
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
  isGuard(kind) ? { ...standing, pk: parcel.item.pk } : resealed(kind, standing, vault, key);
