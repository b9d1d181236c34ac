/**
 * The one table: names of its attributes. `infra` makes the table with these keys and indexes, projecting ALL, and has
 * DynamoDB remove items by the time to live.
 */
import type { IndexName, Item } from '#functions/shared/ports.ts';

export const TABLE_KEY = { pk: 'pk', sk: 'sk' } as const;

/** As the item's own member is called: whole seconds, as DynamoDB takes them. */
export const TIME_TO_LIVE = 'expiresAt' satisfies keyof Item;

export const INDEX_KEYS = {
  gsi1: { pk: 'gsi1pk', sk: 'gsi1sk' },
  gsi2: { pk: 'gsi2pk', sk: 'gsi2sk' },
  gsi3: { pk: 'gsi3pk', sk: 'gsi3sk' },
} as const satisfies Record<IndexName, { pk: string; sk: string }>;
