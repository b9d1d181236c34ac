/** What an id of the `Ids` port tells: when it was made. */

/** Crockford's base 32, lower case: no i, l, o, u. */
export const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Bits of chance, after those of time. */
export const ID_CHANCE_BITS = 80n;

/** Wall time in milliseconds at which an id was made. `RangeError` for what is no id. */
export const timeOfId = (id: string): number => {
  let value = 0n;
  for (const letter of id) {
    const digit = ID_ALPHABET.indexOf(letter);
    if (digit === -1) throw new RangeError('not an id');
    value = (value << 5n) | BigInt(digit);
  }
  return Number(value >> ID_CHANCE_BITS);
};
