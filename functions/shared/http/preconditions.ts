/**
 * Entity tags (RFC 9110, section 8.8.3): what a client has seen, held against what stands now, so that nobody changes
 * what another has changed in between without knowing it, and nothing is sent twice to someone who has it.
 */
import { AppError } from '../errors.ts';

type Headers = Readonly<Record<string, string>>;

/** The tags of an `If-Match`, as written, or `*`: whatever stands there. */
export type IfMatch = '*' | readonly string[];

const TAG = /(?:W\/)?"[\x21\x23-\x7e]*"/g;
const TAGS = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;

/** A list of tags; undefined where the text is none. */
const tagsOf = (text: string): IfMatch | undefined => {
  if (text.trim() === '*') return '*';
  return text.length <= 1000 && TAGS.test(text) ? (text.match(TAG) ?? []) : undefined;
};

/** A version as a strong tag. */
export const tagOf = (version: string): string => `"${version}"`;

/**
 * The `If-Match` of a request; undefined where there is none. Throws 428 `precondition-required` where there must be
 * one, 400 `invalid-if-match` where it cannot be read.
 */
export const ifMatchOf = (headers: Headers, need: 'required' | 'accepted'): IfMatch | undefined => {
  const header = headers['if-match'];
  if (header === undefined) {
    if (need === 'accepted') return undefined;
    throw new AppError(
      'precondition-required',
      428,
      '请先查看最新内容，并在 If-Match 中注明所查看的版本（查看时返回的 ETag），以免覆盖他人的修改。',
    );
  }
  const tags = tagsOf(header);
  if (tags === undefined)
    throw new AppError('invalid-if-match', 400, 'If-Match 的写法有误，应为查看时返回的 ETag。');
  return tags;
};

/** Throws 412 `changed-meanwhile` where a caller has seen another version than the one that stands. */
export const requireMatch = (ifMatch: IfMatch | undefined, version: string): void => {
  if (ifMatch === undefined || ifMatch === '*' || ifMatch.includes(tagOf(version))) return;
  throw new AppError('changed-meanwhile', 412, '内容在您查看之后又有变动，请重新查看最新内容，再作修改。');
};

/** Whether the client has this tag already (`If-None-Match`, compared weakly). */
export const isKnown = (headers: Headers, tag: string): boolean => {
  const tags = tagsOf(headers['if-none-match'] ?? '');
  return tags === '*' || (tags ?? []).some((one) => one.replace(/^W\//, '') === tag);
};
