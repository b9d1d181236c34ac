import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new VirtualClock('2026-07-01T00:00:00Z');
    const start = clock.now();
    await new Promise((resolve) => setImmediate(resolve));
    expect([clock.now(), clock.wall()]).toEqual([start, start]);
    clock.advanceWallBy(7);
    expect([clock.now(), clock.wall()]).toEqual([start, start + 7]);
    await clock.advanceBy(5);
    expect([clock.now(), clock.wall()]).toEqual([start + 5, start + 12]);
  });

  it('stops at each instant on the way, in order, also at those set on the way', async () => {
    const clock = new VirtualClock(0);
    const fired: [string, number][] = [];
    clock.at(30, () => fired.push(['c', clock.now()]));
    clock.at(10, () => {
      fired.push(['a', clock.now()]);
      setImmediate(() => clock.at(20, () => fired.push(['b', clock.now()])));
    });
    const cancel = clock.at(15, () => fired.push(['cancelled', clock.now()]));
    clock.at(99, () => fired.push(['later', clock.now()]));
    cancel();
    expect(clock.waiting).toEqual([10, 30, 99]);
    await clock.advanceTo(50);
    expect(fired).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ]);
    expect([clock.now(), clock.waiting]).toEqual([50, [99]]);
    await expect(clock.advanceTo(49)).rejects.toBeInstanceOf(RangeError);
  });

  it('calls back for an instant that has come, but never before the call has returned', async () => {
    const clock = new VirtualClock(100);
    const fired: string[] = [];
    clock.at(100, () => fired.push('now'));
    clock.at(1, () => fired.push('cancelled'))();
    expect(fired).toEqual([]);
    await Promise.resolve();
    expect(fired).toEqual(['now']);
  });
});
