/**
 * The clock of the cloud edition: case time is wall time, always. A module of its own, so that a test can load another
 * in its place; nothing that a deployment can set moves it.
 */
import { SystemClock } from '#adapters/shared/clock.ts';
import type { Clock } from '#functions/shared/ports.ts';

export const clock: Clock = new SystemClock();
