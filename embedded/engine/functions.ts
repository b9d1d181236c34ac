/**
 * The functions that Step Functions adds to JSONata. Arguments that the service answers with nothing (a chunk
 * size of zero, a range that runs the wrong way, no algorithm) give `undefined` here too, which fails the field
 * that they stand in. Whole numbers are wanted; others are cut towards zero.
 *
 * Source: AWS Step Functions developer guide, "Transforming data with JSONata", JSONata functions provided by
 * Step Functions.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Json } from '#functions/shared/ports.ts';

/** The service's bound on `$range`: one element more is refused. */
const RANGE_LIMIT = 360_145;

const HASHES: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** An argument of the wrong kind, in the form in which JSONata reports its own. */
class ArgumentError extends Error {
  readonly code = 'T0410';
}

function integer(value: unknown, position: number, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new ArgumentError(`Argument ${position} of function "${name}" does not match function signature`);
  }
  return Math.trunc(value);
}

function text(value: unknown, position: number, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new ArgumentError(`Argument ${position} of function "${name}" does not match function signature`);
}

function partition(array: unknown, size: unknown): unknown {
  const chunk = integer(size, 2, 'partition');
  if (array === undefined || chunk === undefined || chunk < 1) return undefined;
  const items: readonly unknown[] = Array.isArray(array) ? array : [array];
  if (items.length === 0) return undefined;
  return Array.from({ length: Math.ceil(items.length / chunk) }, (_, index) =>
    items.slice(index * chunk, (index + 1) * chunk),
  );
}

function range(from: unknown, to: unknown, step: unknown): unknown {
  const first = integer(from, 1, 'range');
  const last = integer(to, 2, 'range');
  const delta = integer(step, 3, 'range');
  if (first === undefined || last === undefined || delta === undefined || delta === 0) return undefined;
  const length = Math.floor((last - first) / delta) + 1;
  if (length < 1) return undefined;
  if (length > RANGE_LIMIT) throw new Error('Expression evaluation memory limit exceeded');
  const values = Array.from({ length }, (_, index) => first + index * delta);
  return values.length === 1 ? values[0] : values;
}

function hash(data: unknown, algorithm: unknown): unknown {
  const input = text(data, 1, 'hash');
  const name = text(algorithm, 2, 'hash');
  if (input === undefined || name === undefined) return undefined;
  const known = HASHES.get(name);
  if (known === undefined) {
    throw new ArgumentError(`Argument 2 of function "hash" is none of ${[...HASHES.keys()].join(', ')}`);
  }
  return createHash(known).update(input, 'utf8').digest('hex');
}

/**
 * The same seed gives the same number: one draw of the 48-bit linear congruential generator of POSIX `drand48`
 * (and of `java.util.Random`), scrambled seed, 53 bits.
 */
function seeded(seed: number): number {
  const multiplier = 0x5deece66dn;
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(seed) ^ multiplier) & mask;
  const next = (bits: bigint): bigint => {
    state = (state * multiplier + 0xbn) & mask;
    return state >> (48n - bits);
  };
  return Number((next(26n) << 27n) + next(27n)) / 2 ** 53;
}

function random(seed: unknown): unknown {
  const start = integer(seed, 1, 'random');
  return start === undefined ? Math.random() : seeded(start);
}

function parse(source: unknown): unknown {
  const json = text(source, 1, 'parse');
  if (json === undefined) return undefined;
  const value: Json = JSON.parse(json);
  return value;
}

/**
 * Bindings for every expression. `$eval` is taken away, as in the service: calling it is JSONata's T1006
 * ("attempted to invoke a non-function").
 */
export const SERVICE_FUNCTIONS: Readonly<Record<string, unknown>> = {
  partition,
  range,
  hash,
  random,
  uuid: () => randomUUID(),
  parse,
  eval: undefined,
};
