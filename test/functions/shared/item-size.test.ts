import { describe, expect, it } from 'vitest';
import { LimitExceeded } from '#functions/shared/errors.ts';
import { itemBytes, objectBytes, textBytes } from '#functions/shared/item-size.ts';

describe('the size of an item, by the rule that DynamoDB publishes', () => {
  it('text counts its UTF-8 bytes', () => {
    expect(textBytes('')).toBe(0);
    expect(textBytes('aé汉𠮷')).toBe(1 + 2 + 3 + 4);
  });

  it.each([
    // A map is 3 bytes; each member 1, its name and its value.
    [{}, 3],
    [{ ab: '汉' }, 3 + 1 + 2 + 3],
    [{ a: null, b: true, c: false }, 3 + 3 * (1 + 1 + 1)],
    [{ a: [] }, 3 + 1 + 1 + 3],
    [{ a: ['x', ['y']] }, 3 + 1 + 1 + (3 + 1 + 1 + 1 + (3 + 1 + 1))],
  ])('%j has %i bytes', (data, bytes) => {
    expect(objectBytes(data)).toBe(bytes);
  });

  it.each([
    // One byte for two digits, one more; at worst one for a digit that stands alone and one for the sign.
    [0, 1, 2],
    [7, 1, 2],
    [-7, 2, 3],
    [1_000_000, 1, 2],
    [123, 2, 3],
    [0.12345, 3, 4],
    [Number.MAX_SAFE_INTEGER, 9, 10],
    [-1.2345678901234567e-100, 10, 12],
  ])('the number %d has %i to %i bytes', (n, least, most) => {
    const bytes = objectBytes({ n }) - objectBytes({ n: '' });
    expect(bytes).toBeGreaterThanOrEqual(least);
    expect(bytes).toBeLessThanOrEqual(most);
  });

  it('an item counts the names of its attributes, and its places in the indexes', () => {
    const item = { pk: 'p', sk: 's', version: 1, schema: 1, data: {} };
    const plain = itemBytes(item);
    // pk, sk, version, schema, data with names; numbers 2 each, an empty map 3.
    expect(plain).toBe(3 + 3 + (7 + 2) + (6 + 2) + (4 + 3));
    expect(itemBytes({ ...item, index: { gsi1: { pk: 'x', sk: 'yz' } } })).toBe(plain + 7 + 8);
    expect(itemBytes({ ...item, index: { gsi1: { pk: 'x', sk: 'yz' }, gsi2: { pk: 'x', sk: 'y' } } })).toBe(
      plain + 7 + 8 + 7 + 7,
    );
  });

  it('what no store gives back unchanged is refused', () => {
    expect(() => textBytes('\ud800')).toThrow(LimitExceeded);
    expect(() => objectBytes({ n: Number.NaN })).toThrow(LimitExceeded);
    expect(() => objectBytes(JSON.parse('{"a":{"__proto__":1}}'))).toThrow(LimitExceeded);
    // Only a mistake in types could bring it here.
    expect(() => Reflect.apply(objectBytes, undefined, [{ a: undefined }])).toThrow(LimitExceeded);
  });
});
