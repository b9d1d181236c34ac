/** How long a retrier waits. Source: Amazon States Language, "Retrying after error". */
import type { Retrier } from './definition.ts';

/**
 * Milliseconds before the next attempt, when this retrier has been used so many times before. The interval
 * grows by the backoff rate up to the longest delay; full jitter draws evenly from nothing to that delay.
 */
export function retryDelay(retrier: Retrier, used: number, random: () => number): number {
  const seconds = Math.min(retrier.interval * retrier.backoffRate ** used, retrier.maxDelay);
  return Math.round(seconds * 1000 * (retrier.jitter ? random() : 1));
}
