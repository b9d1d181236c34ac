/**
 * Looking into a JSON value that no schema has admitted yet: for faults between fields, which are reported together
 * with faults of shape.
 */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the value is a record with this key of its own. */
export const has = (value: unknown, key: string): boolean => isRecord(value) && Object.hasOwn(value, key);

/** The own property of a record; undefined where there is none, or no record. */
export const own = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The elements of a list; none where it is no list. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const among = (values: readonly unknown[], value: unknown): boolean => values.includes(value);
