/**
 * Citizens' ID numbers by GB 11643-1999 (ISO 7064 MOD 11-2), and the numbers of the same form on the residence permits
 * for people of Hong Kong, Macao and Taiwan (810000, 820000, 830000) and on the permanent residence cards of
 * foreigners (9, two digits of the province, three of the nationality).
 */
import { isDate } from '../calendar/dates.ts';
import { type Checked, invalid, type Note, normalise, valid } from './checked.ts';
import { divisionOf } from './divisions.ts';

const CHECK_CHARACTERS = '10X98765432';
const OLDEST_YEARS = 130;

/** The provinces' first two digits. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71'.split(
    ' ',
  ),
);
const PERMITS = new Set(['810000', '820000', '830000']);

/** The check character of the first 17 digits: the i-th from the right, the check character's own 0, weighs 2^i mod 11. */
export function idCheckCharacter(digits: string): string {
  let sum = 0;
  for (const digit of digits) sum = (sum + Number(digit)) * 2;
  return CHECK_CHARACTERS.charAt(sum % 11);
}

export type IdNumberFacts = {
  readonly kind: 'citizen' | 'residencePermit' | 'foreignPermanentResident';
  /** `YYYY-MM-DD` */
  readonly birthDate: string;
  readonly sex: 'male' | 'female';
  readonly divisionCode: string;
};

/** What a number says that `checkIdNumber` has found valid. */
export function idNumberFacts(number: string): IdNumberFacts {
  const divisionCode = number.slice(0, 6);
  return {
    kind: number.startsWith('9')
      ? 'foreignPermanentResident'
      : number.startsWith('8')
        ? 'residencePermit'
        : 'citizen',
    birthDate: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
    sex: Number(number.charAt(16)) % 2 === 1 ? 'male' : 'female',
    divisionCode,
  };
}

/** Full years of age on a date; both `YYYY-MM-DD`. Born on 29 February, one turns older on 1 March of a common year. */
export function ageOn(birthDate: string, date: string): number {
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return date.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** From the 15 digits of before 1999. The sequences 996 to 999 were kept for people born before 1900. */
function fromFifteen(digits: string): string {
  const century = digits.slice(12) >= '996' ? '18' : '19';
  const first17 = `${digits.slice(0, 6)}${century}${digits.slice(6)}`;
  return first17 + idCheckCharacter(first17);
}

function regionWarning({ kind, divisionCode }: IdNumberFacts): Note | undefined {
  const known =
    kind === 'foreignPermanentResident'
      ? PROVINCES.has(divisionCode.slice(1, 3))
      : kind === 'residencePermit'
        ? PERMITS.has(divisionCode)
        : divisionCode.startsWith('34')
          ? divisionOf(divisionCode) !== undefined
          : PROVINCES.has(divisionCode.slice(0, 2));
  if (known) return undefined;
  return { code: 'unknown-region', message: '身份证号码的地区代码未收录，请核对证件原件。' };
}

/**
 * Checks an ID number as of a Beijing date `on`. An unknown region is a warning only: tables lag behind the codes that
 * people carry. `fifteenDigits: 'convert'` takes an old number and returns it in its 18 places.
 */
export function checkIdNumber(
  text: string,
  options: { readonly on: string; readonly fifteenDigits?: 'convert' },
): Checked {
  const typed = normalise(text);
  const old = /^\d{15}$/.test(typed);
  if (old && options.fifteenDigits !== 'convert') {
    return invalid('fifteen-digits', '15位的旧身份证号码已停止使用，请填写18位号码。');
  }
  const number = old ? fromFifteen(typed) : typed;
  if (!/^[1-9]\d{16}[\dX]$/.test(number)) {
    return invalid('form', '身份证号码应为18位：前17位为数字，末位为数字或X。');
  }
  const facts = idNumberFacts(number);
  const { birthDate } = facts;
  if (!isDate(birthDate)) return invalid('birth-date', '身份证号码中的出生日期不存在，请核对。');
  if (birthDate > options.on)
    return invalid('birth-date-future', '身份证号码中的出生日期晚于当前日期，请核对。');
  if (ageOn(birthDate, options.on) >= OLDEST_YEARS) {
    return invalid('birth-date-past', '身份证号码中的出生日期过早，请核对。');
  }
  if (idCheckCharacter(number.slice(0, 17)) !== number.charAt(17)) {
    return invalid('check-character', '身份证号码的校验位不符，请核对是否输错。');
  }
  const region = regionWarning(facts);
  const converted: Note = { code: 'converted', message: '已将15位旧号码换算为18位，请核对证件原件。' };
  return valid(number, [...(region === undefined ? [] : [region]), ...(old ? [converted] : [])]);
}
