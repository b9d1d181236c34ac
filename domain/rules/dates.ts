/** Dates and months of the law are strings; all arithmetic is on them, so that no time zone can interfere. */

const HYPHEN = 0x2d;
const ZERO = 0x30;

/** The number in plain digits from one place of a text to another; NaN where there is anything else. */
const numberIn = (text: string, from: number, to: number): number => {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

/** Whether the text is a day of the Gregorian calendar, `YYYY-MM-DD`. */
export const isDate = (text: string): boolean => {
  if (text.length !== 10 || text.charCodeAt(7) !== HYPHEN || !isMonth(text.slice(0, 7))) return false;
  const day = numberIn(text, 8, 10);
  return day >= 1 && day <= daysIn(numberIn(text, 0, 4), numberIn(text, 5, 7));
};

/** Whether the text is a month, `YYYY-MM`. */
export const isMonth = (text: string): boolean => {
  const month = numberIn(text, 5, 7);
  return (
    text.length === 7 &&
    text.charCodeAt(4) === HYPHEN &&
    numberIn(text, 0, 4) >= 0 &&
    month >= 1 &&
    month <= 12
  );
};

/** The ordinal of the month that a date or month lies in: months since January of year 0. */
export const monthNumber = (text: string): number => numberIn(text, 0, 4) * 12 + numberIn(text, 5, 7) - 1;
