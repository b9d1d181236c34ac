/** Chinese telephone numbers: mobile, and landline with its area code (an extension may follow). */
import { type Checked, invalid, normalise, valid } from './checked.ts';

const MOBILE = /^1[3-9]\d{9}$/;
/** Two-digit area codes (010, 02x) go with eight digits; the others with seven or eight. */
const LANDLINE = /^(010|02\d)-?([2-9]\d{7})(?:-(\d{1,6}))?$|^(0[3-9]\d{2})-?([2-9]\d{6,7})(?:-(\d{1,6}))?$/;

/** Without the country's code, with which the 0 of an area code is left out. */
function national(typed: string): string {
  const match = /^(?:\+|00)86-?0?(.*)$/.exec(typed);
  if (match === null) return typed;
  const [, rest = ''] = match;
  return MOBILE.test(rest.replaceAll('-', '')) ? rest : `0${rest}`;
}

/** Checks a number. The normal form is 11 digits, or `0551-62345678`, `0551-62345678-801`. */
export function checkPhone(text: string): Checked {
  const typed = national(normalise(text).replace(/[\u2010-\u2015\u2212]/gu, '-'))
    .replace(/^\((0\d+)\)/, '$1-')
    .replace(/(?:转|EXT\.?|#)/u, '-');
  const mobile = typed.replaceAll('-', '');
  if (MOBILE.test(mobile)) return valid(mobile);
  const match = LANDLINE.exec(typed);
  if (match === null)
    return invalid('form', '电话号码应为11位手机号，或带区号的固定电话（如0551-62345678）。');
  const [, city, cityNumber, cityExtension, area, areaNumber, areaExtension] = match;
  const extension = cityExtension ?? areaExtension;
  const number = `${city ?? area}-${cityNumber ?? areaNumber}`;
  return valid(extension === undefined ? number : `${number}-${extension}`);
}
