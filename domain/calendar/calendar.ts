/**
 * Working days by the State Council's calendar: Monday to Friday, less the days off, plus the weekends
 * worked in exchange. A year is known when its notice is published; it is never guessed.
 *
 * A limit that lies in the nature of the notices: that of the next year, issued in October to December, may still
 * move the last days of this December (2018-12-29 was worked, 2018-12-31 was off). Who waits for a day counted here
 * reads it again on waking.
 */
import { addDays, weekday, yearOf } from './dates.ts';
import { noticesOf, ruledDay } from './notices.ts';

/** The working days of a public notice (B-8.2): at least 5. */
const NOTICE_WORKING_DAYS = 5;

/** The year's holiday notice is not known (not published, or not yet entered): a person sets the day. */
export class CalendarUnknown extends Error {
  override readonly name = 'CalendarUnknown';
  readonly year: number;
  constructor(year: number) {
    super(`尚未录入国务院办公厅关于${year}年部分节假日安排的通知，不能推算工作日，须由人工确定日期。`);
    this.year = year;
  }
}

/** Errors: `CalendarUnknown`; `RangeError` for what is no date. */
export function isWorkingDay(date: string): boolean {
  const year = yearOf(date);
  if (noticesOf(year).length === 0) throw new CalendarUnknown(year);
  return ruledDay(date) ?? weekday(date) % 6 !== 0;
}

/**
 * The n-th working day after a date, which itself is day 0 whether worked or not.
 * `addWorkingDays(date, 0)` is the date. Errors: `CalendarUnknown` where a day to be counted lies in an unknown
 * year; `RangeError` for what is no date, or no whole number from 0.
 */
export function addWorkingDays(date: string, n: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`not a number of working days: ${n}`);
  yearOf(date);
  let day = date;
  for (let left = n; left > 0; ) {
    day = addDays(day, 1);
    if (isWorkingDay(day)) left -= 1;
  }
  return day;
}

/**
 * The working days after `from` up to and with `to`: what `addWorkingDays` has to be given to reach a working day
 * `to`. Errors: as there; `RangeError` where `to` is before `from`.
 */
export function countWorkingDays(from: string, to: string): number {
  if (yearOf(to) < yearOf(from) || to < from) throw new RangeError(`${to} is before ${from}`);
  let count = 0;
  for (let day = from; day < to; ) {
    day = addDays(day, 1);
    if (isWorkingDay(day)) count += 1;
  }
  return count;
}

/** The last day of a public notice published on a date: it runs to that day's 24:00 (R-13, B-8.2). */
export function noticeEnd(publicationDate: string): string {
  return addWorkingDays(publicationDate, NOTICE_WORKING_DAYS);
}

/** How far ahead the alarm looks: the next year's notice comes in October to December. */
const ALARM_DAYS = 60;

/**
 * How many calendar days after a date the known calendar still covers, at most `ALARM_DAYS`: fewer is an alarm, and
 * someone has to enter the next notice. 0 where the date is the last known day or no year is known for it.
 */
export function calendarAlarm(date: string): { readonly alarm: boolean; readonly daysLeft: number } {
  let daysLeft = 0;
  while (daysLeft < ALARM_DAYS && noticesOf(yearOf(addDays(date, daysLeft + 1))).length > 0) daysLeft += 1;
  return { alarm: daysLeft < ALARM_DAYS, daysLeft };
}
