/**
 * Dates of the law: Beijing dates, written `YYYY-MM-DD`. All arithmetic is on these strings, so that it comes
 * out the same in whatever time zone the process runs. China has kept UTC+8 without summer time since 1992;
 * instants before that are not asked for here.
 */
const DAY_MS = 24 * 60 * 60 * 1000;
const CHINA_OFFSET_MS = 8 * 60 * 60 * 1000;
const FORM = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the text is a date that exists, written `YYYY-MM-DD` (30 February is none). */
export function isDate(text: string): boolean {
  if (!FORM.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  // Some engines roll 31 April over to 1 May: only what comes back unchanged exists.
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

/** Days since 1970-01-01. Error: `RangeError` for what is no date. */
function dayNumber(date: string): number {
  if (!isDate(date)) throw new RangeError(`not a date of the form YYYY-MM-DD: ${date}`);
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The date so many calendar days later (earlier where negative). */
export function addDays(date: string, days: number): string {
  return dateOf(dayNumber(date) + days);
}

/** 0 for Sunday to 6 for Saturday. */
export function weekday(date: string): number {
  // 1970-01-01 was a Thursday (4); the double modulo keeps days before it positive.
  return (((dayNumber(date) + 4) % 7) + 7) % 7;
}

export function yearOf(date: string): number {
  dayNumber(date);
  return Number(date.slice(0, 4));
}

/** The Beijing date on which an instant (milliseconds since the epoch) falls. */
export function beijingDate(instant: number): string {
  return dateOf(Math.floor((instant + CHINA_OFFSET_MS) / DAY_MS));
}

/**
 * The instant at which a Beijing date is over: its 24:00, in milliseconds since the epoch (16:00 UTC of the same
 * date). It belongs to the next day already; the last minute of the date lies before it.
 */
export function endOfDayInstant(date: string): number {
  return (dayNumber(date) + 1) * DAY_MS - CHINA_OFFSET_MS;
}
