import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Bar, barOn, lastDayOfBar } from '#domain/filing/bars.ts';
import { isInForce, sanctionSchema } from '#domain/filing/sanctions.ts';

const bar = (decidedOn: string, number = '示工处〔2019〕1号'): Bar => ({
  sanctionId: number,
  number,
  decidedOn,
  lastDay: lastDayOfBar(decidedOn),
});

describe('弄虚作假的，本年度和下年度不得申报（B-8.1，R-14）', () => {
  test.each([
    ['年初作出', '2019-01-01', '2020-12-31'],
    ['年末作出', '2019-12-31', '2020-12-31'],
    ['次日即下一年作出', '2020-01-01', '2021-12-31'],
    ['闰日作出', '2020-02-29', '2021-12-31'],
  ])('%s的决定（%s），期限到次年12月31日（%s）为止', (_, decidedOn, lastDay) => {
    expect(lastDayOfBar(decidedOn)).toBe(lastDay);
    expect(barOn([bar(decidedOn)], decidedOn)).toMatchObject({ lastDay });
    expect(barOn([bar(decidedOn)], lastDay)).toMatchObject({ lastDay });
    const next = `${Number(lastDay.slice(0, 4)) + 1}-01-01`;
    expect(barOn([bar(decidedOn)], next)).toBeUndefined();
  });

  test('作出决定之前不受影响', () => {
    expect(barOn([bar('2019-06-01')], '2019-05-31')).toBeUndefined();
  });

  test('有几份决定的，以期限最长的为准', () => {
    const bars = [bar('2018-03-01', '甲'), bar('2019-03-01', '乙'), bar('2017-03-01', '丙')];
    expect(barOn(bars, '2019-06-01')?.number).toBe('乙');
    expect(barOn(bars, '2020-12-31')?.number).toBe('乙');
    expect(barOn(bars, '2021-01-01')).toBeUndefined();
  });

  test('任何一天作出的决定，期限都跨到下一年年底，不足两年', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2018-01-01'), max: new Date('2080-12-30'), noInvalidDate: true }),
        (day) => {
          const decidedOn = beijingDate(day.getTime());
          const lastDay = lastDayOfBar(decidedOn);
          const days = (Date.parse(lastDay) - Date.parse(decidedOn)) / 86_400_000;
          expect(lastDay.endsWith('-12-31')).toBe(true);
          expect(days).toBeGreaterThanOrEqual(365);
          expect(days).toBeLessThanOrEqual(731);
        },
      ),
    );
  });
});

test('决定经另一人确认才生效，被更正后不再有效', () => {
  const signature = { subject: 'a', name: '甲', organisation: 'ah', at: '2019-01-07T01:00:00.000Z' };
  const entered = sanctionSchema.parse({
    sanctionId: 's',
    number: '示工处〔2019〕1号',
    decidedOn: '2019-01-07',
    lastDay: '2020-12-31',
    organisation: 'ah',
    organisationPath: ['ah'],
    caseId: 'c',
    facts: '隐瞒房产。',
    persons: [{ memberId: 'worker', idIndex: 'x', idNumber: { sealed: 's', masked: 'm' } }],
    dishonest: true,
    corrects: null,
    entered: signature,
    confirmed: null,
    correctedBy: null,
  });
  expect(isInForce(entered)).toBe(false);
  expect(isInForce({ ...entered, confirmed: signature })).toBe(true);
  expect(isInForce({ ...entered, confirmed: signature, correctedBy: 't' })).toBe(false);
});
