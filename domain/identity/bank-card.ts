/**
 * Bank card numbers: ISO/IEC 7812 with the Luhn check digit. The table of issuers is small on purpose: a miss warns,
 * and the copy of the card decides.
 */
import { type Checked, invalid, normalise, valid } from './checked.ts';

const ISSUERS: Readonly<Record<string, readonly string[]>> = {
  中国工商银行: ['622202', '622203', '622208', '621226'],
  中国农业银行: ['622848', '622845', '622846'],
  中国银行: ['621661', '621660', '621663', '601382', '456351'],
  中国建设银行: ['622700', '621700', '436742'],
  交通银行: ['622260', '622261'],
  中国邮政储蓄银行: ['622188', '622150', '621098', '621799'],
  招商银行: ['622588', '622580', '622609', '621483'],
  中信银行: ['622690', '622691'],
  中国光大银行: ['622660', '622662'],
  中国民生银行: ['622622', '622617'],
  兴业银行: ['622908', '622909'],
  上海浦东发展银行: ['622521', '622518'],
  华夏银行: ['622630'],
  徽商银行: ['622877', '622879', '623203', '621775'],
};
const BANKS = new Map(
  Object.entries(ISSUERS).flatMap(([bank, prefixes]) => prefixes.map((six) => [six, bank])),
);

/** The check digit for the digits before it: from the right, every other one doubled, digits summed. */
export function luhnCheckDigit(digits: string): string {
  let sum = 0;
  let doubled = true;
  for (const digit of [...digits].reverse()) {
    const value = Number(digit) * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    doubled = !doubled;
  }
  return String((10 - (sum % 10)) % 10);
}

/** The bank that issued a card, as far as the table goes. */
export function bankOf(cardNumber: string): string | undefined {
  return BANKS.get(cardNumber.slice(0, 6));
}

/** Checks a card's number; hyphens between its groups are left out. */
export function checkBankCard(text: string): Checked {
  const number = normalise(text).replaceAll('-', '');
  if (!/^[1-9]\d{14,18}$/.test(number)) return invalid('form', '银行卡号应为15至19位数字。');
  if (luhnCheckDigit(number.slice(0, -1)) !== number.at(-1)) {
    return invalid('check-digit', '银行卡号的校验位不符，请核对是否输错。');
  }
  if (bankOf(number) === undefined) {
    return valid(number, [{ code: 'unknown-issuer', message: '未能识别发卡银行，请与银行卡复印件核对。' }]);
  }
  return valid(number);
}
