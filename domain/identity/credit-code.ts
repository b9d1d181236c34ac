/**
 * Unified social credit codes of organisations by GB 32100-2015: department, category, six digits of the division, the
 * nine places of the organisation code (GB 11714-1997), a check character.
 */
import { type Checked, invalid, normalise, valid } from './checked.ts';

/** The 31 characters; I, O, S, V and Z are left out. */
const CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const ORGANISATION_CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const;

/** The i-th character weighs 3^i mod 31. */
function checkCharacter(first17: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of first17) {
    sum += CHARACTERS.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return CHARACTERS.charAt((31 - (sum % 31)) % 31);
}

function organisationCheckCharacter(first8: string): string {
  const sum = ORGANISATION_WEIGHTS.reduce(
    (total, weight, place) => total + weight * ORGANISATION_CHARACTERS.indexOf(first8.charAt(place)),
    0,
  );
  return '0123456789X0'.charAt(11 - (sum % 11));
}

/** Checks a unified social credit code; an organisation code that doesn't fit in it is a warning. */
export function checkCreditCode(text: string): Checked {
  const code = normalise(text);
  if (!/^[0-9A-HJ-NP-RT-UW-Y]{2}\d{6}[0-9A-HJ-NP-RT-UW-Y]{10}$/.test(code)) {
    return invalid('form', '统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z）。');
  }
  if (checkCharacter(code.slice(0, 17)) !== code.charAt(17)) {
    return invalid('check-character', '统一社会信用代码的校验位不符，请核对是否输错。');
  }
  if (organisationCheckCharacter(code.slice(8, 16)) !== code.charAt(16)) {
    const message = '统一社会信用代码中的组织机构代码校验位不符，请核对证照原件。';
    return valid(code, [{ code: 'organisation-code', message }]);
  }
  return valid(code);
}
