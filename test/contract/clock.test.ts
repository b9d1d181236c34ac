import { vi } from 'vitest';
import { MovableClock } from '#adapters/embedded/clock.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { clockContract } from './clock.contract.ts';

clockContract('the system’s', () => {
  vi.useFakeTimers({ now: Date.parse('2026-07-01T00:00:00Z') });
  return {
    clock: new SystemClock(),
    pass: async (milliseconds) => {
      await vi.advanceTimersByTimeAsync(milliseconds);
    },
    close: () => {
      vi.useRealTimers();
    },
  };
});

clockContract('the one that can be moved', () => {
  const clock = new MovableClock({ offset: -86_400_000, persist: async () => {} });
  return {
    clock,
    pass: (milliseconds) => clock.advanceTo(clock.now() + milliseconds),
    close: () => {},
  };
});

clockContract('the tests’ own', () => {
  const clock = new VirtualClock('2026-07-01T00:00:00Z');
  return { clock, pass: (milliseconds) => clock.advanceBy(milliseconds), close: () => {} };
});
