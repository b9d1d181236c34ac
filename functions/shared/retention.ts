/** How long applications that came to no file are kept, where a unit sets no other time. */
import type { Retention } from './settings.ts';

/** Three years: as long as a claim can be brought (Civil Code, article 188). */
export const DEFAULT_RETENTION: Retention = { endedYears: 3 };
