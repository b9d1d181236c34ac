import { defineConfig } from 'vitest/config';

/**
 * One test run for the whole house. Two workers at most: the machines this is built for have two cores,
 * and the fault tests start processes of their own.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  },
});
