/**
 * Measures what waits: tasks that are open and since when, by level; cross-checks without their answer; rows of the
 * outbox that are not told yet; days left of the known calendar. Runs on a schedule; reads, and changes nothing.
 */
import { calendarAlarm } from '#domain/calendar/calendar.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import { timeOfId } from '#functions/shared/id-time.ts';
import { keys, outboxPartitions } from '#functions/shared/keys.ts';
import { METRICS } from '#functions/shared/metrics.ts';
import { pagesOf } from '#functions/shared/pages.ts';
import { type IndexName, ITEM_LIMITS, type ItemStore, type Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items' | 'clock' | 'metrics'>;

/** How many items there are, and the sort key of the first. */
const waiting = async (
  items: ItemStore,
  pk: string,
  index?: IndexName,
): Promise<{ readonly count: number; readonly first: string | undefined }> => {
  let count = 0;
  let first: string | undefined;
  const query = { pk, limit: ITEM_LIMITS.page, ...(index === undefined ? {} : { index }) };
  for await (const page of pagesOf(items, query)) {
    const [item] = page;
    if (item !== undefined) first ??= index === undefined ? item.sk : item.index?.[index]?.sk;
    count += page.length;
  }
  return { count, first };
};

/** Whole seconds, never below 0: clocks of several machines may differ a little. */
const secondsSince = (instant: number, now: number): number =>
  Math.max(0, Math.floor((now - instant) / 1000));

export const measureBacklog = async ({ items, clock, metrics }: Needs): Promise<void> => {
  for (const level of METRICS.OpenTasks.dimension.values) {
    const { count, first } = await waiting(items, keys.openTasks(level), 'gsi3');
    const [openedAt] = first?.split('#') ?? [];
    metrics.gauge('OpenTasks', count, level);
    metrics.gauge(
      'OldestOpenTask',
      openedAt === undefined ? 0 : secondsSince(Date.parse(openedAt), clock.now()),
      level,
    );
  }
  metrics.gauge('CrossChecksWaiting', (await waiting(items, keys.crossChecksWaiting, 'gsi3')).count);

  const rows = await Promise.all(outboxPartitions.map((pk) => waiting(items, pk)));
  const written = rows.flatMap(({ first }) => (first === undefined ? [] : [timeOfId(first)]));
  metrics.gauge(
    'OutboxRows',
    rows.reduce((sum, { count }) => sum + count, 0),
  );
  metrics.gauge('OutboxAge', written.length === 0 ? 0 : secondsSince(Math.min(...written), clock.wall()));

  metrics.gauge('CalendarDaysLeft', calendarAlarm(beijingDate(clock.now())).daysLeft);
};
