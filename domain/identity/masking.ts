/**
 * Personal data as it is shown to those who need not read it in full. Names are cut between graphemes, so that
 * characters beyond the BMP and with variation selectors stay whole. What comes in need not be valid: whatever it is, no
 * more of it shows than said here.
 */
import { leadingDivision } from './divisions.ts';

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

function split(text: string): readonly string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

const stars = (count: number) => '*'.repeat(Math.max(0, count));

/** 张三 → 张*, 欧阳小明 → 欧**明; a single character → *. */
export function maskName(name: string): string {
  const [first = '', ...rest] = split(name.trim());
  if (rest.length === 0) return stars(first === '' ? 0 : 1);
  if (rest.length === 1) return `${first}*`;
  return `${first}${stars(rest.length - 1)}${rest.at(-1)}`;
}

/** Shows a number of characters at either end of something that is at least four longer; else nothing. */
function maskMiddle(text: string, head: number, tail: number): string {
  const parts = split(text.trim());
  const hidden = parts.length - head - tail;
  if (hidden < 4) return stars(parts.length);
  return [...parts.slice(0, head), stars(hidden), ...parts.slice(head + hidden)].join('');
}

/** The province and the last four places: 340***********0017. */
export function maskIdNumber(number: string): string {
  return maskMiddle(number, 3, 4);
}

/** 138****5678; of a landline the area code and the last two digits: 0551-******78; no extension. */
export function maskPhone(phone: string): string {
  const landline = /^(0\d{2,3})-(\d{7,8})(?:-\d+)?$/.exec(phone.trim());
  if (landline === null) return maskMiddle(phone, 3, 4);
  const [, area = '', number = ''] = landline;
  return `${area}-${stars(number.length - 2)}${number.slice(-2)}`;
}

/** The first character and the domain: z***@example.cn. How long the rest is doesn't show. */
export function maskEmail(address: string): string {
  const [, first = '', domain = ''] = /^(.).*@([^@]*)$/su.exec(address.trim()) ?? [];
  return domain === '' ? '***' : `${first}***@${domain}`;
}

/** The last four digits alone. */
export function maskCard(number: string): string {
  return maskMiddle(number, 0, 4);
}

/** Outside Anhui: a municipality or province, and the city after it. Inside, the table of divisions knows better. */
const ELSEWHERE =
  /^(?:(?:北京|天津|上海|重庆)市|\p{Script=Han}{2,5}?(?:省|自治区)(?:\p{Script=Han}{1,6}?(?:市|自治州|地区|盟))?)/u;

/**
 * 安徽省合肥市蜀山区某某路1号 → 安徽省合肥市蜀山区****. In Anhui the county shows, elsewhere the city; the length of the
 * rest doesn't. Only names of divisions show: 滨湖苑东区 ends like a district and is a housing estate.
 */
export function maskAddress(address: string): string {
  const text = address.trim();
  let shown = '';
  for (let level = 0; level < 3; level += 1) shown += leadingDivision(text.slice(shown.length));
  if (shown === '') shown = ELSEWHERE.exec(text)?.[0] ?? '';
  return text === '' ? '' : `${shown}****`;
}
