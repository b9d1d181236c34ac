/** The alarm that the known calendar of working days comes to its end: someone has to enter the next notice. */
import { calendarAlarm } from '#domain/calendar/calendar.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import type { Logger } from '#functions/shared/log.ts';
import type { Clock } from '#functions/shared/ports.ts';

/** Warns where fewer than 60 days lie between case time and the last known day; `count` is how many are left. */
export const warnOfCalendarEnd = (clock: Pick<Clock, 'now'>, logger: Pick<Logger, 'warn'>): void => {
  const { alarm, daysLeft } = calendarAlarm(beijingDate(clock.now()));
  if (alarm) logger.warn('the known calendar of working days ends soon', { count: daysLeft });
};
