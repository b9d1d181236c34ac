/** What every `Clock` does, run against each adapter. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '#functions/shared/ports.ts';

export type ClockHarness = {
  readonly clock: Clock;
  /** Lets so much case time pass, by whatever moves the clock. */
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly close: () => void;
};

export const clockContract = (adapter: string, open: () => ClockHarness): void => {
  describe(`Clock: ${adapter}`, () => {
    let harness: ClockHarness;
    let clock: Clock;
    beforeEach(() => {
      harness = open();
      clock = harness.clock;
    });
    afterEach(() => harness.close());

    it('tells whole or broken milliseconds since the epoch that never go back', async () => {
      const before = clock.now();
      expect(before).toBeGreaterThan(Date.parse('2000-01-01'));
      await harness.pass(1000);
      expect(clock.now()).toBeGreaterThanOrEqual(before + 1000);
    });

    it('calls back at the instant and not before', async () => {
      let fired: number | undefined;
      const instant = clock.now() + 60_000;
      clock.at(instant, () => {
        fired = clock.now();
      });
      await harness.pass(59_000);
      expect(fired).toBeUndefined();
      await harness.pass(1_001);
      expect(fired).toBeGreaterThanOrEqual(instant);
    });

    it('calls back for an instant that has come, but never before the call has returned', async () => {
      let fired = false;
      clock.at(clock.now() - 1, () => {
        fired = true;
      });
      expect(fired).toBe(false);
      await harness.pass(1);
      expect(fired).toBe(true);
    });

    it('calls back in the order of the instants', async () => {
      const order: string[] = [];
      const now = clock.now();
      clock.at(now + 3000, () => order.push('c'));
      clock.at(now + 1000, () => order.push('a'));
      clock.at(now + 2000, () => order.push('b'));
      await harness.pass(3001);
      expect(order).toEqual(['a', 'b', 'c']);
    });

    it('does not call back what was cancelled', async () => {
      let fired = false;
      const cancel = clock.at(clock.now() + 1000, () => {
        fired = true;
      });
      cancel();
      cancel();
      await harness.pass(2000);
      expect(fired).toBe(false);
    });

    it('waits for years', async () => {
      let fired = false;
      const year = 366 * 86_400_000;
      clock.at(clock.now() + 3 * year, () => {
        fired = true;
      });
      await harness.pass(2 * year);
      expect(fired).toBe(false);
      await harness.pass(year + 1);
      expect(fired).toBe(true);
    });
  });
};
