import { expect, test } from 'vitest';
import { warnOfCalendarEnd } from '#embedded/calendar-watch.ts';
import type { LogFields } from '#functions/shared/log.ts';

const warnings = (instant: string) => {
  const told: [string, LogFields | undefined][] = [];
  warnOfCalendarEnd(
    { now: () => Date.parse(instant) },
    { warn: (message, fields) => void told.push([message, fields]) },
  );
  return told;
};

test('warns from 60 days before the known calendar ends, by the Beijing date', () => {
  // 2026-11-02 in Beijing begins at 16:00 UTC of the day before.
  expect(warnings('2026-11-01T15:59:59Z')).toEqual([]);
  expect(warnings('2026-11-01T16:00:00Z')).toEqual([
    ['the known calendar of working days ends soon', { count: 59 }],
  ]);
  expect(warnings('2027-05-01T00:00:00Z')[0]?.[1]).toEqual({ count: 0 });
  expect(warnings('2020-01-01T00:00:00Z')).toEqual([]);
});
