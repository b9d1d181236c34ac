/** Tests and benchmarks ask more in a minute than people do. */
import type { RateLimits } from '#embedded/http/limits.ts';

export const UNLIMITED: RateLimits = { caller: 1e9, address: 1e9, signature: 1e9, upload: 1e9 };
