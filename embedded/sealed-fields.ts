/** Every sealed field of an edition's items, and the context that each is bound to: for whoever changes keys or vaults. */
import { caseSchema } from '#domain/filing/case.ts';
import { sanctionSchema } from '#domain/filing/sanctions.ts';
import { type Json, jsonObjectSchema } from '#domain/json.ts';
import { type ItemKind, kindOf } from '#functions/shared/item-kinds.ts';
import { keys } from '#functions/shared/keys.ts';
import { objectionSchema } from '#functions/shared/notice-store.ts';
import { parsePerson } from '#functions/shared/people-store.ts';
import {
  type SealedPlace,
  sealedFieldsOfCase,
  sealedFieldsOfObjection,
  sealedFieldsOfPerson,
  sealedFieldsOfSanction,
} from '#functions/shared/personal-data.ts';
import type { Item } from '#functions/shared/ports.ts';
import { credentialSchema, sealedFieldsOfCredential } from './identity/accounts.ts';

/** A sealed field that no list names: nobody could open it in its context. */
export class UnknownSealedField extends Error {
  override readonly name = 'UnknownSealedField';
}

// ---------------------------------------------------------------- JSON by pointers

/**
 * The form of what any vault has sealed (`adapters/*`/vault.ts, `scripts/transfer/key.ts`): at least a nonce of 12 bytes and a
 * tag of 16. Two dots alone would be a version number.
 */
const SEALED = /^(?:v1\.[^.]+|kms1\.[\w-]+|t1)\.[\w-]{38,}$/;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const step = (name: string | number): string =>
  `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Every text in a value, by its pointer. */
export function* textsIn(value: Json, pointer = ''): Generator<readonly [pointer: string, text: string]> {
  if (typeof value === 'string') yield [pointer, value];
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) for (const [at, part] of value.entries()) yield* textsIn(part, pointer + step(at));
  else for (const [name, part] of Object.entries(value)) yield* textsIn(part, pointer + step(name));
}

/** Every sealed text in a value, told by its form, whatever it is called. */
export const sealedTexts = (value: Json): readonly (readonly [pointer: string, text: string])[] =>
  [...textsIn(value)].filter(([, text]) => SEALED.test(text));

/** The value with other texts at these pointers. */
export const withTexts = (value: Json, texts: ReadonlyMap<string, string>, pointer = ''): Json => {
  const text = texts.get(pointer);
  if (text !== undefined) return text;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((part, at) => withTexts(part, texts, pointer + step(at)));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withTexts(part, texts, pointer + step(name))]),
  );
};

// ---------------------------------------------------------------- records

const PLACES: { readonly [kind in ItemKind]?: (item: Item) => readonly SealedPlace[] } = {
  case: ({ data }) => sealedFieldsOfCase(caseSchema.parse(data)),
  objection: ({ data }) => sealedFieldsOfObjection(objectionSchema.parse(data)),
  sanction: ({ data }) => sealedFieldsOfSanction(sanctionSchema.parse(data)),
  person: (item) => sealedFieldsOfPerson(parsePerson(item)),
  // Whose credential it is stands in its key alone.
  credential: ({ pk, data }) =>
    sealedFieldsOfCredential(pk.slice(keys.person('').pk.length), credentialSchema.parse(data)),
};

/** Where the sealed fields of an item stand. Throws `UnknownSealedField` where one stands that no list names. */
export const sealedPlaces = (item: Item): readonly SealedPlace[] => {
  const kind = kindOf(item);
  const places = (kind === undefined ? undefined : PLACES[kind])?.(item) ?? [];
  const known = new Set(places.map(({ pointer }) => pointer));
  for (const [pointer] of sealedTexts(item.data)) {
    if (known.has(pointer)) continue;
    throw new UnknownSealedField(`${kind ?? '未知记录'} 的 ${pointer} 是密封字段，但不在清单中。`);
  }
  return places;
};

/**
 * The item with the sealed texts that `change` gives in place of those that are there; undefined where it changes none.
 * Throws `UnknownSealedField`, and what `change` throws.
 */
export const withSealedTexts = async (
  item: Item,
  change: (text: string, context: string) => Promise<string>,
): Promise<Item | undefined> => {
  const standing = new Map(textsIn(item.data));
  const texts = new Map<string, string>();
  for (const { pointer, context } of sealedPlaces(item)) {
    const text = standing.get(pointer) ?? '';
    const next = await change(text, context);
    if (next !== text) texts.set(pointer, next);
  }
  return texts.size === 0
    ? undefined
    : { ...item, data: jsonObjectSchema.parse(withTexts(item.data, texts)) };
};
