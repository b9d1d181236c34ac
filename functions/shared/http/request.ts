/**
 * A request as it came in, and its parsed sections: path parameters, query, body. All faults of all sections are
 * reported together.
 */
import type * as z from 'zod';
import type { Caller } from '../access/policy.ts';
import { AppError, type Fault, InvalidInput } from '../errors.ts';
import { pointerTo, zodFaults } from '../faults.ts';
import { bodyTooLarge, readJson, requireSize } from './json.ts';

/** A request as it came in, before anything is parsed. */
export type Call = {
  /** The target as the client sent it, path and query: what a signature covers. */
  readonly target: string;
  /** Path parameters, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The raw query string, without the question mark. */
  readonly query: string;
  /** By lower-case name; values of repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Uint8Array;
  /** Who has signed in; always `null` on routes that are not `jwt`. */
  readonly caller: Caller | null;
  readonly correlationId: string;
};

/** One schema a section; a section without schema must be empty. Objects refuse unknown keys (`z.strictObject`). */
export type Sections = {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
};
export type RequestSchemas = Readonly<Record<string, z.ZodType>> & Sections;

/** The parsed sections, as far as the route has schemas for them. */
export type Input<S extends RequestSchemas> = z.output<
  z.ZodObject<{ -readonly [section in keyof S]: S[section] }, z.core.$strict>
>;

type Query = { readonly values: Readonly<Record<string, string>>; readonly faults: readonly Fault[] };

const parameterFault = (key: string, code: string, message: string): Fault => ({
  pointer: pointerTo([key]),
  code,
  message,
  in: 'query',
});

const readQuery = (raw: string, expected: boolean): Query => {
  const byKey = Map.groupBy(new URLSearchParams(raw), ([key]) => key);
  return {
    values: Object.fromEntries([...byKey.values()].flat()),
    faults: [...byKey].flatMap(([key, pairs]) => {
      if (!expected) return [parameterFault(key, 'unknown-key', '不认识的项目，请删去。')];
      return pairs.length > 1 ? [parameterFault(key, 'duplicate-key', '该参数只能出现一次。')] : [];
    }),
  };
};

/** A fault of the whole request tells its section apart from the place in it. */
const inSection = (fault: Fault): Fault => {
  const [, section, ...rest] = fault.pointer.split('/');
  const pointer = rest.map((part) => `/${part}`).join('');
  switch (section) {
    case 'params':
      return { ...fault, pointer, in: 'path' };
    case 'query':
      return { ...fault, pointer, in: 'query' };
    default:
      return { ...fault, pointer };
  }
};

const refuseBody = (bytes: Uint8Array): void => {
  if (bytes.length > 0)
    throw new AppError('unexpected-body', 400, '此操作不需要提交正文，请去掉正文后重试。');
};

/** A body that is a file. Throws 415 `unsupported-media-type`, 413 `too-large`, 400 `empty-file`. */
export const readFile = (
  { types, maxBytes }: { readonly types: readonly string[]; readonly maxBytes: number },
  { headers, rawBody }: Call,
): Uint8Array => {
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';', 1);
  if (!types.includes(type.trim())) {
    throw new AppError('unsupported-media-type', 415, `文件类型应为：${types.join('、')}。`);
  }
  if (rawBody.length > maxBytes) throw bodyTooLarge(maxBytes);
  if (rawBody.length === 0) throw new AppError('empty-file', 400, '没有提交文件。');
  return rawBody;
};

/**
 * Parses the sections of a call. `rawBody` leaves the body to the use case. Throws what `readJson` throws, 400
 * `unexpected-body`, and `InvalidInput` (422) with every fault; a fault outside the body says so in `in`.
 */
export const readSections = <T extends z.ZodType>(
  schema: T,
  schemas: RequestSchemas,
  call: Call,
  options: { readonly rawBody: boolean; readonly maxBodyBytes?: number } = { rawBody: false },
): z.output<T> => {
  const query = readQuery(call.query, schemas.query !== undefined);
  requireSize(call.rawBody, options.maxBodyBytes);
  if (schemas.body === undefined && !options.rawBody) refuseBody(call.rawBody);
  const value = {
    ...(schemas.params && { params: call.params }),
    ...(schemas.query && { query: query.values }),
    ...(schemas.body && { body: readJson(call.headers, call.rawBody) }),
  };
  const parsed = schema.safeParse(value);
  const faults = [...query.faults, ...(parsed.success ? [] : zodFaults(parsed.error, value).map(inSection))];
  if (!parsed.success || faults.length > 0) throw new InvalidInput(faults);
  return parsed.data;
};
