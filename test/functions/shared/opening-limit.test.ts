import { afterAll, describe, expect, test } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { ConditionFailed } from '#functions/shared/errors.ts';
import { countOpening, TooManyOpenings } from '#functions/shared/opening-limit.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';

const database = new Database(':memory:');
afterAll(() => database.close());
const items = new SqliteItemStore(database);

const HOUR = 3_600_000;

/** A person of whom nothing is known yet, at a wall time, with limits of 3 an hour and 5 a day. */
const person = (subject: string, start: string) => {
  const clock = new VirtualClock(start);
  const settings = { openings: { perHour: 3, perDay: 5 } };
  const count = () => countOpening({ items, clock, settings }, subject);
  return {
    clock,
    count,
    /** 0 where it was let through, else the seconds until it may come again. */
    open: async (): Promise<number> => {
      try {
        await items.transact(await count());
        return 0;
      } catch (error) {
        if (!(error instanceof TooManyOpenings)) throw error;
        expect(error).toMatchObject({ status: 429, code: 'too-many-openings' });
        return Number(error.details.retryAfterSeconds);
      }
    },
  };
};

describe('每人查看次数', () => {
  test('每小时、每天（北京时间）各有上限；到了下一小时、下一天重新计算', async () => {
    // 20:59 in Beijing.
    const { clock, open } = person('p1', '2026-07-01T12:59:00Z');
    expect([await open(), await open(), await open(), await open()]).toEqual([0, 0, 0, 60]);
    clock.advanceWallBy(60_000);
    expect([await open(), await open()]).toEqual([0, 0]);
    // Now the day's limit holds, until midnight in Beijing.
    expect(await open()).toBe(3 * 3600);
    clock.advanceWallBy(3 * HOUR - 1);
    expect(await open()).toBe(1);
    clock.advanceWallBy(1);
    expect(await open()).toBe(0);
  });

  test('各人分开计算', async () => {
    const one = person('p2', '2026-07-01T01:00:00Z');
    const other = person('p3', '2026-07-01T01:00:00Z');
    for (let round = 0; round < 3; round += 1) expect(await one.open()).toBe(0);
    expect(await one.open()).toBe(3600);
    expect(await other.open()).toBe(0);
  });

  test('同时来的两次，只有一次能记下', async () => {
    const { count } = person('p4', '2026-07-01T01:00:00Z');
    const [first, second] = [await count(), await count()];
    await items.transact(first);
    await expect(items.transact(second)).rejects.toBeInstanceOf(ConditionFailed);
  });

  test('一个人只占两条计数，不随时间增多', async () => {
    const { clock, open } = person('p5', '2026-07-01T01:00:00Z');
    for (let day = 0; day < 5; day += 1) {
      await open();
      clock.advanceWallBy(24 * HOUR);
    }
    expect((await items.query({ pk: 'OPENINGS#p5' })).items).toHaveLength(2);
  });
});
