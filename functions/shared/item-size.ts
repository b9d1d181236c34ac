/**
 * The size of an item, counted one way for every edition: DynamoDB's published rule ("Item sizes and formats" in its
 * developer guide), rounded up where the guide is vague, so that what is let through here is let through there.
 * Counting also refuses the JSON that one of the stores could not give back unchanged.
 */
import { LimitExceeded } from './errors.ts';
import type { Item, ItemKey, Json, JsonObject } from './ports.ts';

/** DynamoDB nests 32 levels; `data` itself and the item are two of them. */
const MAX_DEPTH = 30;

/** DynamoDB's numbers start at 1E-130; its client refuses integers that a double cannot hold exactly. */
const SMALLEST_NUMBER = 1e-130;

/** The length of the UTF-8 form. Text that has none (a lone surrogate) is refused: stores would alter it. */
export function textBytes(text: string): number {
  if (!text.isWellFormed()) throw new LimitExceeded('text with a lone surrogate cannot be stored');
  return Buffer.byteLength(text);
}

function numberBytes(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude === 0 || (magnitude >= SMALLEST_NUMBER && magnitude <= Number.MAX_SAFE_INTEGER))) {
    throw new LimitExceeded('a number is not finite or outside the range that every store keeps exactly');
  }
  const digits = magnitude.toExponential().split('e', 1).join('').replace('.', '').length;
  // One byte for two digits of base 100 (which may straddle a boundary), one for the exponent, one for the sign.
  return Math.ceil((digits + 1) / 2) + 1 + (value < 0 ? 1 : 0);
}

/** DynamoDB takes no empty name; its client loses `__proto__` and takes `constructor` for the class of the object. */
const UNUSABLE_NAMES: ReadonlySet<string> = new Set(['', '__proto__', 'constructor']);

function nameBytes(name: string): number {
  if (UNUSABLE_NAMES.has(name)) throw new LimitExceeded('a name that cannot be stored');
  return textBytes(name);
}

function valueBytes(value: Json | undefined, depth: number): number {
  if (depth > MAX_DEPTH) throw new LimitExceeded(`data nests deeper than ${MAX_DEPTH} levels`);
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'number') return numberBytes(value);
  if (typeof value === 'string') return textBytes(value);
  if (typeof value !== 'object') throw new LimitExceeded(`a value of type ${typeof value} is not JSON`);
  // A list or a map: three bytes, and one for each element.
  let bytes = 3;
  if (Array.isArray(value)) {
    for (const element of value) bytes += 1 + valueBytes(element, depth + 1);
  } else {
    for (const [name, member] of Object.entries(value)) {
      bytes += 1 + nameBytes(name) + valueBytes(member, depth + 1);
    }
  }
  return bytes;
}

/** The bytes of a JSON object as DynamoDB counts a map. `LimitExceeded` where a store couldn't keep it as it is. */
export function objectBytes(data: JsonObject): number {
  return valueBytes(data, 0);
}

const keyBytes = (key: ItemKey, pkName: string, skName: string): number =>
  pkName.length + textBytes(key.pk) + skName.length + textBytes(key.sk);

/** The bytes of a whole item, names of attributes included; compare with `ITEM_LIMITS.itemBytes`. */
export function itemBytes(item: Item): number {
  let bytes = keyBytes(item, 'pk', 'sk');
  bytes += 'version'.length + numberBytes(item.version);
  bytes += 'schema'.length + numberBytes(item.schema);
  bytes += 'data'.length + objectBytes(item.data);
  if (item.expiresAt !== undefined) bytes += 'expiresAt'.length + numberBytes(item.expiresAt);
  if (item.index?.gsi1 !== undefined) bytes += keyBytes(item.index.gsi1, 'gsi1pk', 'gsi1sk');
  if (item.index?.gsi2 !== undefined) bytes += keyBytes(item.index.gsi2, 'gsi2pk', 'gsi2sk');
  if (item.index?.gsi3 !== undefined) bytes += keyBytes(item.index.gsi3, 'gsi3pk', 'gsi3sk');
  return bytes;
}
