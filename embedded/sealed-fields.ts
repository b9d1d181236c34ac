/** Every sealed field of an edition's items, and the context that each is bound to. */
import { caseSchema } from '#domain/filing/case.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { personSchema } from '#domain/people/person.ts';
import { objectionSchema } from '#functions/shared/notice-store.ts';
import { sealedFieldsOfCase, sealedFieldsOfObjection } from '#functions/shared/personal-data.ts';
import type { Item, Json, JsonObject } from '#functions/shared/ports.ts';
import { personContext, secondFactorContext } from './identity/contexts.ts';

/** A sealed field that no list names: nobody could open it in its context. */
export class UnknownSealedField extends Error {
  override readonly name = 'UnknownSealedField';
}

type Contexts = ReadonlyMap<string, string>;

const contextsOfPerson = (data: JsonObject): Contexts => {
  const { subject } = personSchema.parse(data);
  const fields = ['idNumber', 'phone'] as const;
  return new Map(fields.map((field) => [`/${field}/sealed`, personContext(subject, field)]));
};

/** The contexts of an item's sealed texts, by the JSON Pointers of where they stand. */
const contextsOf = ({ pk, sk, data }: Item): Contexts => {
  const listed = (fields: ReturnType<typeof sealedFieldsOfCase>): Contexts =>
    new Map(fields.map(({ pointer, context }) => [`${pointer}/sealed`, context]));
  if (pk.startsWith('CASE#') && sk === 'CASE') return listed(sealedFieldsOfCase(caseSchema.parse(data)));
  if (pk.startsWith('NOTICE#') && sk.startsWith('OBJECTION#')) {
    return listed(sealedFieldsOfObjection(objectionSchema.parse(data)));
  }
  if (pk.startsWith('SUBJECT#') && sk === 'PERSON') return contextsOfPerson(data);
  if (pk.startsWith('SUBJECT#') && sk === 'CREDENTIAL') {
    return new Map([['/secondFactor/sealedKey', secondFactorContext(pk.slice('SUBJECT#'.length))]]);
  }
  return new Map();
};

/** The members under which a sealed text stands, and nothing else does. */
const NAMES: ReadonlySet<string> = new Set(['sealed', 'sealedKey']);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const step = (name: string | number): string =>
  `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Every sealed text in a value, with its pointer. */
export function* sealedTexts(
  value: Json,
  pointer = '',
): Generator<{ readonly pointer: string; readonly text: string }> {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) {
    for (const [at, part] of value.entries()) yield* sealedTexts(part, pointer + step(at));
    return;
  }
  for (const [name, part] of Object.entries(value)) {
    if (NAMES.has(name) && typeof part === 'string') yield { pointer: pointer + step(name), text: part };
    else yield* sealedTexts(part, pointer + step(name));
  }
}

const replaced = (value: Json, texts: ReadonlyMap<string, string>, pointer = ''): Json => {
  const text = texts.get(pointer);
  if (text !== undefined) return text;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((part, at) => replaced(part, texts, pointer + step(at)));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, replaced(part, texts, pointer + step(name))]),
  );
};

/**
 * The item with the sealed texts that `change` gives in place of those that are there; undefined where it changes none.
 * Throws `UnknownSealedField`, and what `change` throws.
 */
export const withSealedTexts = async (
  item: Item,
  change: (text: string, context: string) => Promise<string>,
): Promise<Item | undefined> => {
  const found = [...sealedTexts(item.data)];
  if (found.length === 0) return undefined;
  const contexts = contextsOf(item);
  const texts = new Map<string, string>();
  for (const { pointer, text } of found) {
    const context = contexts.get(pointer);
    if (context === undefined) {
      throw new UnknownSealedField(`记录 ${item.sk} 的 ${pointer} 是密封字段，但不在清单中。`);
    }
    const next = await change(text, context);
    if (next !== text) texts.set(pointer, next);
  }
  return texts.size === 0 ? undefined : { ...item, data: jsonObjectSchema.parse(replaced(item.data, texts)) };
};
