/**
 * Stands in for `adapters/aws/clock.ts` in a process of the tests: case time that is moved by hand. The instant at
 * which it starts is the process's first argument.
 */
import { MovableClock } from '#adapters/embedded/clock.ts';

export const clock = new MovableClock({
  offset: Number(process.argv[2]) - Date.now(),
  persist: async () => {},
});
