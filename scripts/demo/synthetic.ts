/**
 * Numbers of people who don't exist. The division of an ID number is 340000, Anhui itself: in the table of codes, and given
 * to nobody, since a number names a county. The card's prefix exists, its account is made of zeros.
 */
import { luhnCheckDigit } from '#domain/identity/bank-card.ts';
import { idCheckCharacter } from '#domain/identity/id-number.ts';

/**
 * A valid ID number. `birthDate` is `YYYY-MM-DD`; `serial`, from 0 to 499, tells apart people of one birthday and
 * sex. The same input gives the same number.
 */
export function syntheticIdNumber(person: {
  readonly birthDate: string;
  readonly sex: 'male' | 'female';
  readonly serial: number;
}): string {
  const { birthDate, sex, serial } = person;
  if (!Number.isInteger(serial) || serial < 0 || serial > 499) throw new RangeError(`serial: ${serial}`);
  const sequence = String(serial * 2 + (sex === 'male' ? 1 : 0)).padStart(3, '0');
  const first17 = `340000${birthDate.replaceAll('-', '')}${sequence}`;
  return first17 + idCheckCharacter(first17);
}

/** A valid card number of 19 digits; `serial` from 0 to 9999. */
export function syntheticCardNumber(serial: number): string {
  if (!Number.isInteger(serial) || serial < 0 || serial > 9999) throw new RangeError(`serial: ${serial}`);
  const digits = `622202${String(serial).padStart(12, '0')}`;
  return digits + luhnCheckDigit(digits);
}
