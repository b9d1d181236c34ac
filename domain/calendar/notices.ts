/**
 * The State Council's notices on holidays, a file a year. A year is known once its notice is in `years/`; later
 * notices of the same year (2019: Labour Day; 2020: the Spring Festival extended) stand after it and win, day by day.
 *
 * To add a year: add its file from the notice's text, and its line below; the tests compare each day with two
 * libraries and say where they disagree.
 */
import * as z from 'zod';
import { addDays, isDate, weekday, yearOf } from './dates.ts';
import year2017 from './years/2017.json' with { type: 'json' };
import year2018 from './years/2018.json' with { type: 'json' };
import year2019 from './years/2019.json' with { type: 'json' };
import year2020 from './years/2020.json' with { type: 'json' };
import year2021 from './years/2021.json' with { type: 'json' };
import year2022 from './years/2022.json' with { type: 'json' };
import year2023 from './years/2023.json' with { type: 'json' };
import year2024 from './years/2024.json' with { type: 'json' };
import year2025 from './years/2025.json' with { type: 'json' };
import year2026 from './years/2026.json' with { type: 'json' };

const dateSchema = z.string().refine(isDate, '不是有效的日期');

const noticeSchema = z.strictObject({
  /** The document number, as 国办发明电〔2025〕7号. */
  number: z.string().regex(/^国办发明电〔\d{4}〕\d+号$/),
  title: z.string().min(1),
  /** The day on which it was issued. */
  date: dateSchema,
  /** Days off, both ends included; as the notice names them, weekends inside a span too. */
  holidays: z.array(z.strictObject({ name: z.string().min(1), from: dateSchema, to: dateSchema })).min(1),
  /** Saturdays and Sundays that are worked. */
  workingDays: z.array(dateSchema.refine((date) => weekday(date) % 6 === 0, '调休上班日应为周末')),
});

const yearSchema = z.strictObject({ year: z.int(), notices: z.array(noticeSchema).min(1) }).refine(
  ({ year, notices }) =>
    notices.every(({ holidays, workingDays }) =>
      // New Year's days off reach back into the last days of December.
      [...holidays.flatMap(({ from, to }) => [from, to]), ...workingDays].every(
        (date) => yearOf(date) === year || date >= `${year - 1}-12-25`,
      ),
    ),
  '日期不在本年度内',
);

type HolidayNotice = z.infer<typeof noticeSchema>;

const YEARS = z
  .array(yearSchema)
  .parse([
    year2017,
    year2018,
    year2019,
    year2020,
    year2021,
    year2022,
    year2023,
    year2024,
    year2025,
    year2026,
  ]);

const noticesByYear = new Map(YEARS.map(({ year, notices }) => [year, notices]));

/** The days that the notices move away from Monday to Friday: true where worked. */
const ruled = new Map<string, boolean>();
for (const { notices } of YEARS) {
  for (const { holidays, workingDays } of notices) {
    for (const { from, to } of holidays) {
      for (let date = from; date <= to; date = addDays(date, 1)) ruled.set(date, false);
    }
    for (const date of workingDays) ruled.set(date, true);
  }
}

/** The notices of a year in the order in which they were issued; none where the year is not known. */
export function noticesOf(year: number): readonly HolidayNotice[] {
  return noticesByYear.get(year) ?? [];
}

/** What the notices say of a day: worked (true), off (false), or nothing (undefined: weekday decides). */
export function ruledDay(date: string): boolean | undefined {
  return ruled.get(date);
}
