import { describe, expect, it } from 'vitest';
import { RandomIds } from '#adapters/shared/ids.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';

const START = Date.parse('2026-07-01T00:00:00Z');

/** The milliseconds in the first ten characters, decoded by the alphabet of the published standard. */
const timeOf = (id: string): number =>
  [...id.slice(0, 10)].reduce(
    (time, digit) => time * 32 + '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(digit),
    0,
  );

describe('RandomIds', () => {
  it('are 26 characters of Crockford base 32, lower case', () => {
    const ids = new RandomIds(new VirtualClock(START));
    for (let n = 0; n < 100; n++) expect(ids.next()).toMatch(/^[0-7][0-9a-hjkmnp-tv-z]{25}$/);
  });

  it('begin with the wall time of their making', () => {
    const clock = new VirtualClock(START);
    const ids = new RandomIds(clock);
    expect(timeOf(ids.next())).toBe(START);
    clock.advanceWallBy(86_400_000);
    expect(timeOf(ids.next())).toBe(START + 86_400_000);
  });

  it('are unique and ascend within a millisecond, over milliseconds and when the clock is set back', () => {
    const clock = new VirtualClock(START);
    const ids = new RandomIds(clock);
    const made: string[] = [];
    for (const step of [0, 1, 0, -5_000, 5_001]) {
      clock.advanceWallBy(step);
      for (let n = 0; n < 2_000; n++) made.push(ids.next());
    }
    expect(new Set(made).size).toBe(made.length);
    expect(made).toEqual(made.toSorted());
  });

  it('go on where the chance of a millisecond is used up', () => {
    const ids = new RandomIds(new VirtualClock(START));
    // Each step takes half of 2^64 on average out of 2^80: some 130,000 ids exhaust it.
    let last = '';
    for (let n = 0; n < 140_000; n++) {
      const id = ids.next();
      if (id <= last) expect.fail(`${id} after ${last}`);
      last = id;
    }
    expect(timeOf(last)).toBeGreaterThan(START);
  });

  it('cannot be foretold from another maker at the same instant', () => {
    const [a, b] = [new RandomIds(new VirtualClock(START)), new RandomIds(new VirtualClock(START))];
    expect(a.next().slice(10)).not.toBe(b.next().slice(10));
    const steps = Array.from({ length: 20 }, () => a.next().slice(13, 20));
    expect(new Set(steps).size).toBe(20);
  });
});
