/** JSON as a type, and the schemas that let nothing else through. */
import * as z from 'zod';

/** Any value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Deeper data than this is no record of ours, and would let a forged file exhaust the checker's stack. */
const MAX_DEPTH = 32;

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((part) => isJson(part, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(([key, part]) => key.isWellFormed() && isJson(part, depth + 1));
}

/** Not `z.json()`: that copies, and drops a key `__proto__`, which would leave it out of the hash. */
export const jsonObjectSchema = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value, 0),
  '不是合法的 JSON 对象',
);

/** The same at a place where it may be forgotten: an object at all, before it is held to be JSON. */
export const jsonObjectField = z.looseObject({}).pipe(jsonObjectSchema);
