/**
 * Exact decimals. Money is counted in fen, area in hundredths of a square metre, multiples in hundredths: every
 * decimal string that the contract admits is a whole number of hundredths, held as a bigint, never a float.
 */

/** A whole number of hundredths: fen, or hundredths of a square metre, or of a multiple. */
export type Hundredths = bigint;

/** The contract's decimal string: up to 15 digits, at most two decimals, no sign, no leading zeros. */
export const DECIMAL = /^(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$/;

/** `"958.5"` → 95850n. The string must match `DECIMAL`. */
export const hundredths = (decimal: string): Hundredths => {
  const point = decimal.indexOf('.');
  return point < 0
    ? BigInt(decimal) * 100n
    : BigInt(decimal.slice(0, point) + decimal.slice(point + 1).padEnd(2, '0'));
};

/** 95850n → `"958.50"`; −1n → `"-0.01"`. Zero has no sign. */
export const twoDecimals = (value: Hundredths): string => {
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** A quotient rounded to whole hundredths, half away from zero. The divisor is positive. */
export const rounded = (dividend: bigint, divisor: bigint): Hundredths => {
  const magnitude = dividend < 0n ? -dividend : dividend;
  const nearest = (2n * magnitude + divisor) / (2n * divisor);
  return dividend < 0n ? -nearest : nearest;
};
