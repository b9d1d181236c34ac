/**
 * A JSON body, read strictly: the right content type, valid UTF-8, whole characters, one value, no key twice (parsers
 * differ on which one wins), no deeper than any document of ours.
 */
import { AppError } from '../errors.ts';
import type { Json } from '../ports.ts';

/** Of a body of the API, in bytes, where a route says nothing else. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Our deepest document nests 6 levels; the bound keeps recursive readers far from the end of the stack. */
const MAX_DEPTH = 32;
/**
 * Our largest documents hold about 1,000 values. 1 MiB can hold half a million, and naming a fault in each of them
 * would keep a server busy for 1.4 s.
 */
const MAX_VALUES = 20_000;

export const bodyTooLarge = (maxBytes: number = MAX_BODY_BYTES): AppError =>
  new AppError('too-large', 413, `提交的内容过大，最多 ${maxBytes / 1024} KiB。`, { maxBytes });

/** Throws 413 `too-large`, naming the limit. The embedded server reads no more than that; a gateway may. */
export const requireSize = (bytes: Uint8Array, maxBytes: number = MAX_BODY_BYTES): void => {
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes);
};

const notJson = (message: string): AppError => new AppError('not-json', 400, message);

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** Throws 415 `unsupported-media-type`. */
export const requireJsonType = (headers: Readonly<Record<string, string>>): void => {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (JSON_TYPE.test((headers['content-type'] ?? '').trim()) && encoding === 'identity') return;
  throw new AppError(
    'unsupported-media-type',
    415,
    '请以 application/json（UTF-8 编码，不压缩）提交内容，并注明 Content-Type。',
  );
};

/** Strings (whole, so that marks in them don't count) and the marks that open, close and part. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[[\]{},]/g;

/** What may be half of a surrogate pair: UTF-8 has no way to write one but by its escape. */
const HALF_PAIR = /\\u[dD][89a-fA-F]/;

/** The string that a token spells. Half a character is none: no store takes it, and no digest can be made of it. */
const requireWellFormed = (token: string): string => {
  const string = String(JSON.parse(token));
  if (string.isWellFormed()) return string;
  throw notJson('内容含有不完整的字符（不成对的代理码元），请检查后重新提交。');
};

/** Checks depth, size, keys and characters of a text that is valid JSON already. */
const checkStructure = (text: string): void => {
  const open: Set<string>[] = [];
  let values = 1;
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > MAX_DEPTH) {
        throw new AppError('too-deep', 400, `内容嵌套过深，最多 ${MAX_DEPTH} 层。`);
      }
      values += 1;
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',') {
      values += 1;
    } else if (colon === undefined) {
      if (HALF_PAIR.test(token)) requireWellFormed(token);
    } else {
      // Two spellings of one key ("a", "\u0061") are one key.
      const key = requireWellFormed(token.slice(0, -colon.length));
      const keys = open.at(-1);
      if (keys?.has(key)) {
        throw new AppError('duplicate-key', 400, `同一对象中的键“${key.slice(0, 64)}”出现了两次。`);
      }
      keys?.add(key);
    }
    if (values > MAX_VALUES) {
      throw new AppError('too-many-values', 400, `内容的项目过多，最多 ${MAX_VALUES} 项。`);
    }
  }
};

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notJson('内容不是有效的 UTF-8 文本。');
  }
};

const parse = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold personal data.
    throw notJson('内容不是有效的 JSON，请检查后重新提交。');
  }
};

/**
 * Reads a body whose size is known to be right. Throws 415 `unsupported-media-type`, 400 `not-json`, `too-deep`,
 * `too-many-values` or `duplicate-key`.
 */
export const readJson = (headers: Readonly<Record<string, string>>, bytes: Uint8Array): Json => {
  requireJsonType(headers);
  if (bytes.length === 0) throw notJson('没有提交内容。');
  const text = decode(bytes);
  const value = parse(text);
  checkStructure(text);
  return value;
};
