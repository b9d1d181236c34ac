import chineseDays from 'chinese-days';
import fc from 'fast-check';
import { LegalHoliday } from 'tyme4ts';
import { describe, expect, it } from 'vitest';
import {
  addWorkingDays,
  CalendarUnknown,
  calendarAlarm,
  countWorkingDays,
  isWorkingDay,
  noticeEnd,
} from '#domain/calendar/calendar.ts';
import { addDays, beijingDate, endOfDayInstant, isDate, weekday } from '#domain/calendar/dates.ts';
import { noticesOf } from '#domain/calendar/notices.ts';

const FIRST = '2017-01-01';
const LAST = '2026-12-31';
const everyDay: string[] = [];
for (let day = FIRST; day <= LAST; day = addDays(day, 1)) everyDay.push(day);

const anyDay = fc.constantFrom(...everyDay);

function byTyme(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return LegalHoliday.fromYmd(year, month, day)?.isWork() ?? weekday(date) % 6 !== 0;
}

describe('the calendar against two libraries', () => {
  it('covers ten years, day by day', () => {
    expect(everyDay).toHaveLength(3652);
  });

  it('agrees with chinese-days on each day', () => {
    expect(everyDay.filter((day) => isWorkingDay(day) !== chineseDays.isWorkday(day))).toEqual([]);
  });

  it('agrees with tyme4ts on each day', () => {
    expect(everyDay.filter((day) => isWorkingDay(day) !== byTyme(day))).toEqual([]);
  });
});

describe('国务院办公厅的放假通知', () => {
  it('每一年都有通知文号，且发文日期早于其安排的节假日', () => {
    for (let year = 2017; year <= 2026; year += 1) {
      const notices = noticesOf(year);
      expect(notices.length, `${year}`).toBeGreaterThan(0);
      for (const { number, title, date, holidays } of notices) {
        expect(title).toContain(`${year}年`);
        expect(number).toContain(`〔${date.slice(0, 4)}〕`);
        for (const { to } of holidays) expect(to > date).toBe(true);
      }
    }
    expect(noticesOf(2026).map(({ number }) => number)).toEqual(['国办发明电〔2025〕7号']);
  });

  it('2019年劳动节调整后放假四天，4月28日和5月5日（星期日）上班', () => {
    const days = ['2019-04-28', '2019-05-01', '2019-05-02', '2019-05-03', '2019-05-05'];
    expect(days.map(isWorkingDay)).toEqual([true, false, false, false, true]);
  });

  it('2020年春节假期延长至2月2日，原定2月1日（星期六）不再上班', () => {
    const days = ['2020-01-19', '2020-01-31', '2020-02-01', '2020-02-02', '2020-02-03'];
    expect(days.map(isWorkingDay)).toEqual([true, false, false, false, true]);
  });

  it('下一年度的通知可以调整上一年十二月的日子：2018年12月29日上班、31日放假', () => {
    expect(['2018-12-29', '2018-12-30', '2018-12-31'].map(isWorkingDay)).toEqual([true, false, false]);
  });
});

describe('工作日的推算（R-13）', () => {
  it('公示当日为第0日，第5个工作日为最后一日', () => {
    // Monday 2026-03-02 to the Monday after.
    expect(noticeEnd('2026-03-02')).toBe('2026-03-09');
  });

  it('周末公示的，从下一个工作日起数', () => {
    expect(noticeEnd('2026-03-07')).toBe('2026-03-13');
    expect(noticeEnd('2026-03-08')).toBe('2026-03-13');
  });

  it('跨国庆节的公示跳过放假日、计入调休上班日', () => {
    // From Monday 2026-09-28: 29 and 30 September, 8 and 9 October, and Saturday 10 October (worked).
    expect(noticeEnd('2026-09-28')).toBe('2026-10-10');
    // From Friday 2026-02-13: Saturday 14 February (worked), then 24, 25, 26 and 27 February.
    expect(noticeEnd('2026-02-13')).toBe('2026-02-27');
  });

  it('跨年的公示按两年的通知数', () => {
    // From Friday 2025-12-26: 29, 30, 31 December, Sunday 4 January (worked), Monday 5 January.
    expect(noticeEnd('2025-12-26')).toBe('2026-01-05');
  });

  it('未公布安排的年份拒绝推算，并指明年份', () => {
    expect(() => noticeEnd('2026-12-28')).toThrow(CalendarUnknown);
    expect(() => noticeEnd('2026-12-28')).toThrow(expect.objectContaining({ year: 2027 }));
    expect(() => isWorkingDay('2016-12-31')).toThrow(expect.objectContaining({ year: 2016 }));
    expect(() => countWorkingDays('2026-12-30', '2027-01-01')).toThrow(CalendarUnknown);
    // Thursday 2026-12-24: its fifth working day is the last one that is known.
    expect(noticeEnd('2026-12-24')).toBe('2026-12-31');
  });

  it('counting undoes adding, and a working day is reached by the number counted to it', () => {
    fc.assert(
      fc.property(
        anyDay.filter((day) => day < '2026-06-01'),
        fc.nat(60),
        (day, n) => {
          const end = addWorkingDays(day, n);
          expect(countWorkingDays(day, end)).toBe(n);
          if (n > 0) expect(isWorkingDay(end)).toBe(true);
        },
      ),
    );
  });

  it('one more working day is always a later date', () => {
    fc.assert(
      fc.property(
        anyDay.filter((day) => day < '2026-09-01'),
        fc.nat(40),
        (day, n) => {
          expect(addWorkingDays(day, n + 1) > addWorkingDays(day, n)).toBe(true);
        },
      ),
    );
  });

  it('refuses what is no date and what is no count', () => {
    for (const text of ['2026-02-30', '2026-2-3', '20260203', '2026-13-01', '', '2026-01-01T00:00']) {
      expect(() => isWorkingDay(text), text).toThrow(RangeError);
      expect(() => addWorkingDays(text, 0), text).toThrow(RangeError);
    }
    for (const n of [-1, 0.5, Number.NaN]) expect(() => addWorkingDays('2026-03-02', n)).toThrow(RangeError);
    expect(() => countWorkingDays('2026-03-02', '2026-03-01')).toThrow(RangeError);
    expect(countWorkingDays('2026-03-02', '2026-03-02')).toBe(0);
  });
});

describe('the end of the known calendar', () => {
  it('is seen 60 days ahead', () => {
    expect(calendarAlarm('2018-06-01')).toEqual({ alarm: false, daysLeft: 60 });
    expect(calendarAlarm('2026-11-01')).toEqual({ alarm: false, daysLeft: 60 });
    expect(calendarAlarm('2026-11-02')).toEqual({ alarm: true, daysLeft: 59 });
    expect(calendarAlarm('2026-12-31')).toEqual({ alarm: true, daysLeft: 0 });
    expect(calendarAlarm('2027-03-01')).toEqual({ alarm: true, daysLeft: 0 });
    expect(() => calendarAlarm('2026-02-30')).toThrow(RangeError);
  });
});

describe('Beijing dates and instants', () => {
  it('a Beijing date ends at 16:00 UTC', () => {
    expect(new Date(endOfDayInstant('2026-03-09')).toISOString()).toBe('2026-03-09T16:00:00.000Z');
    expect(beijingDate(Date.parse('2026-03-09T15:59:59.999Z'))).toBe('2026-03-09');
    expect(beijingDate(Date.parse('2026-03-09T16:00:00.000Z'))).toBe('2026-03-10');
  });

  it('the last millisecond of each date belongs to it, the next one does not', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        expect(beijingDate(endOfDayInstant(day) - 1)).toBe(day);
        expect(beijingDate(endOfDayInstant(day))).toBe(addDays(day, 1));
      }),
    );
  });

  it('comes out the same in whatever time zone the process runs', () => {
    const before = process.env.TZ;
    try {
      for (const zone of ['Asia/Shanghai', 'America/Los_Angeles', 'Pacific/Kiritimati']) {
        process.env.TZ = zone;
        expect(noticeEnd('2026-09-28'), zone).toBe('2026-10-10');
        expect(beijingDate(Date.parse('2026-03-09T16:00:00Z')), zone).toBe('2026-03-10');
        expect(endOfDayInstant('2026-03-09'), zone).toBe(Date.UTC(2026, 2, 9, 16));
      }
    } finally {
      process.env.TZ = before;
    }
  });

  it('knows leap years and weekdays', () => {
    expect(isDate('2024-02-29')).toBe(true);
    expect(isDate('2023-02-29')).toBe(false);
    expect(isDate('2100-02-29')).toBe(false);
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(weekday('2026-03-08')).toBe(0);
    expect(weekday('1969-12-31')).toBe(3);
  });
});
