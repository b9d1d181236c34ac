/**
 * What people are told before their data are processed (Personal Information Protection Law, articles 17 and 30), in
 * versions: a text that somebody has consented to is never changed, a new one stands after it. To issue one, add its
 * file and its line.
 */
import * as z from 'zod';
import { canonicalJson, sha256 } from '#domain/filing/audit.ts';
import notice2026v1 from './notices/2026-1.json' with { type: 'json' };

/** As `2026-1`: the year and the number in it. */
export const noticeVersionSchema = z.string().regex(/^\d{4}-[1-9]\d{0,2}$/, '告知书的版本形如 2026-1。');

const text = z.string().min(1);

export const privacyNoticeSchema = z.strictObject({
  version: noticeVersionSchema,
  title: text,
  sections: z.array(z.strictObject({ title: text, paragraphs: z.array(text).min(1) })).min(1),
});
export type PrivacyNotice = z.infer<typeof privacyNoticeSchema>;

/** Every version there was, oldest first; the last one is in force. */
export type PrivacyNotices = readonly [PrivacyNotice, ...PrivacyNotice[]];

export const PRIVACY_NOTICES: PrivacyNotices = [privacyNoticeSchema.parse(notice2026v1)];

/** The text that has to be shown now. */
export const currentNotice = (notices: PrivacyNotices): PrivacyNotice => notices.at(-1) ?? notices[0];

/** SHA-256 of the text (RFC 8785 canonical JSON), as lower-case hex: which words somebody has consented to. */
export const noticeDigest = (notice: PrivacyNotice): string => sha256(canonicalJson(notice));
