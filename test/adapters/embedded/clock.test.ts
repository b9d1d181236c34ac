import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MovableClock } from '#adapters/embedded/clock.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import type { Clock } from '#functions/shared/ports.ts';

const START = Date.parse('2026-07-01T00:00:00Z');
const DAY = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const movable = (offset = 0, persist: (offset: number) => Promise<void> = async () => {}) =>
  new MovableClock({ offset, persist });

describe.each<[string, () => Clock]>([
  ['SystemClock', () => new SystemClock()],
  ['MovableClock', () => movable()],
])('%s', (_name, make) => {
  it('calls back at the instant and not before', () => {
    const clock = make();
    const fired: number[] = [];
    clock.at(START + 1_000, () => fired.push(clock.now()));
    vi.advanceTimersByTime(999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([START + 1_000]);
    vi.advanceTimersByTime(DAY);
    expect(fired).toHaveLength(1);
  });

  it('calls back at once for an instant that has come, but never before the call has returned', () => {
    const clock = make();
    const fired: string[] = [];
    clock.at(START - 1, () => fired.push('past'));
    clock.at(START, () => fired.push('now'));
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(['past', 'now']);
  });

  it('calls back in the order of the instants, then of the calls', () => {
    const clock = make();
    const fired: string[] = [];
    for (const [name, after] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
    ] as const) {
      clock.at(START + after, () => fired.push(name));
    }
    vi.advanceTimersByTime(30);
    expect(fired).toEqual(['a', 'b1', 'b2', 'c']);
  });

  it('waits longer than a timer of Node can', () => {
    const clock = make();
    const fired: number[] = [];
    clock.at(START + 60 * DAY, () => fired.push(clock.now()));
    vi.advanceTimersByTime(60 * DAY - 1);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([START + 60 * DAY]);
  });

  it('notices within a minute when the clock of the machine is set ahead', () => {
    const clock = make();
    const fired: string[] = [];
    clock.at(START + 10 * DAY, () => fired.push('due'));
    vi.setSystemTime(START + 11 * DAY);
    vi.advanceTimersByTime(60_000);
    expect(fired).toEqual(['due']);
  });

  it('does not call back once cancelled, nor disturb the others', () => {
    const clock = make();
    const fired: string[] = [];
    const cancel = clock.at(START + 10, () => fired.push('cancelled'));
    clock.at(START + 20, () => fired.push('kept'));
    cancel();
    cancel();
    vi.advanceTimersByTime(20);
    expect(fired).toEqual(['kept']);
  });

  it('a callback may set and cancel others', () => {
    const clock = make();
    const fired: string[] = [];
    const cancel = clock.at(START + 10, () => fired.push('cancelled'));
    clock.at(START + 5, () => {
      cancel();
      clock.at(START + 1, () => fired.push('set by a callback'));
    });
    vi.advanceTimersByTime(10);
    expect(fired).toEqual(['set by a callback']);
  });

  it('refuses an instant that is none', () => {
    expect(() => make().at(Number.NaN, () => {})).toThrow(RangeError);
  });
});

describe('a callback that throws', () => {
  it('surfaces as an uncaught error and leaves the others alone', async () => {
    const clock = new SystemClock();
    const fired: string[] = [];
    const uncaught: unknown[] = [];
    const surface = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => {
      try {
        task();
      } catch (error) {
        uncaught.push(error);
      }
    });
    clock.at(START + 1, () => {
      throw new Error('broken');
    });
    clock.at(START + 1, () => fired.push('next'));
    vi.advanceTimersByTime(1);
    surface.mockRestore();
    expect(fired).toEqual(['next']);
    expect(uncaught).toEqual([new Error('broken')]);
  });
});

describe('MovableClock', () => {
  it('moves case time and leaves wall time', async () => {
    const clock = movable();
    await clock.advanceTo(START + 5 * DAY);
    expect(clock.now()).toBe(START + 5 * DAY);
    expect(clock.wall()).toBe(START);
    vi.advanceTimersByTime(1_000);
    expect(clock.now()).toBe(START + 5 * DAY + 1_000);
  });

  it('a jump calls back, in order, what is due by then, and only that', async () => {
    const clock = movable();
    const fired: string[] = [];
    clock.at(START + 3 * DAY, () => fired.push('third'));
    clock.at(START + DAY, () => {
      fired.push('first');
      clock.at(START + 2 * DAY, () => fired.push('second, set on the way'));
    });
    clock.at(START + 6 * DAY, () => fired.push('later'));
    await clock.advanceTo(START + 5 * DAY);
    expect(fired).toEqual(['first', 'second, set on the way', 'third']);
    vi.advanceTimersByTime(DAY);
    expect(fired.at(-1)).toBe('later');
  });

  it('keeps the offset before anything is called back, and starts with the one kept', async () => {
    const events: string[] = [];
    const clock = movable(0, async (offset) => {
      events.push(`kept ${offset} at ${clock.now() - START}`);
    });
    clock.at(START + DAY, () => events.push('fired'));
    await clock.advanceTo(START + 2 * DAY);
    expect(events).toEqual([`kept ${2 * DAY} at 0`, 'fired']);
    expect(movable(2 * DAY).now()).toBe(START + 2 * DAY);
  });

  it('stays where it is when the offset cannot be kept', async () => {
    const clock = movable(0, async () => {
      throw new Error('disk full');
    });
    await expect(clock.advanceTo(START + DAY)).rejects.toThrow('disk full');
    expect(clock.now()).toBe(START);
  });

  it('never goes back', async () => {
    const clock = movable(DAY);
    await expect(clock.advanceTo(START)).rejects.toBeInstanceOf(RangeError);
    await expect(clock.advanceTo(Number.NaN)).rejects.toBeInstanceOf(RangeError);
    expect(clock.now()).toBe(START + DAY);
    await clock.advanceTo(START + DAY);
    expect(clock.now()).toBe(START + DAY);
  });

  it('moves asked for at the same time happen one after another', async () => {
    const kept: number[] = [];
    const clock = movable(0, async (offset) => {
      kept.push(offset);
    });
    const outcomes = await Promise.allSettled([3, 1, 4].map((days) => clock.advanceTo(START + days * DAY)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(kept).toEqual([3 * DAY, 4 * DAY]);
  });
});
