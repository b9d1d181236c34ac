/** What every document store demands of keys, promises and locks, in one place so that the editions agree. */
import * as z from 'zod';
import { AppError } from '#functions/shared/errors.ts';
import type { DocumentHead, DownloadPromise, UploadPromise } from '#functions/shared/ports.ts';

/** S3's limit on a key, in bytes of UTF-8. */
const KEY_BYTES = 1024;
/** File systems allow 255 bytes a name; the embedded edition appends `@` and a SHA-256. */
const SEGMENT_BYTES = 180;
/** Control, format, private and unassigned characters; separators of lines; what S3 forms and file systems take amiss. */
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}\\@$:*?"<>|]/u;

const isSegment = (segment: string): boolean =>
  segment !== '' &&
  !segment.startsWith('.') &&
  !FORBIDDEN.test(segment) &&
  Buffer.byteLength(segment) <= SEGMENT_BYTES;

const isArea = (segment: string | undefined): boolean => segment === 'uploads' || segment === 'archive';

const wellFormed = (text: string): boolean =>
  text.isWellFormed() && text.normalize('NFC') === text && Buffer.byteLength(text) <= KEY_BYTES;

const refuse = (): never => {
  throw new AppError('invalid-document-key', 400, '文件的存放位置不合规范。');
};

/**
 * A key is an area (`uploads`, `archive`) and at least one more segment, joined by `/`; in normal form C, no
 * segment empty, none beginning with a dot. Throws `AppError` invalid-document-key.
 */
export function checkDocumentKey(key: string): void {
  const [area, ...segments] = key.split('/');
  if (!wellFormed(key) || !isArea(area) || segments.length === 0 || !segments.every(isSegment)) refuse();
}

/** A prefix is the beginning of a key that names its area whole: `uploads/`, `archive/2026`. */
export function checkDocumentPrefix(prefix: string): void {
  const [area, ...rest] = prefix.split('/');
  const whole = rest.slice(0, -1);
  if (!wellFormed(prefix) || !isArea(area) || rest.length === 0 || !whole.every(isSegment)) refuse();
}

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Printable ASCII: it travels in a header. */
export const ContentType = z.string().regex(/^[\x21-\x7e][\x20-\x7e]{0,254}$/);

const Promised = z
  .strictObject({
    key: z.string().startsWith('uploads/'),
    contentType: ContentType,
    minBytes: z.int().min(0),
    // S3 takes at most 5 GB in one POST.
    maxBytes: z.int().min(1).max(5_000_000_000),
    sha256: Sha256,
    // A signature of S3 lives seven days at most.
    expiresInSeconds: z.int().min(1).max(604_800),
  })
  .refine((promise) => promise.minBytes <= promise.maxBytes);

/** Refuses a promise that no store could keep: a fault of the caller's code, not of a person's input. */
export function checkUploadPromise(promise: UploadPromise): void {
  checkDocumentKey(promise.key);
  Promised.parse(promise);
}

/** A link for people: a name that every system takes, and a life of minutes. */
export const DownloadPromised = z.strictObject({
  key: z.string(),
  fileName: z
    .string()
    .min(1)
    .max(100)
    .refine((name) => name.isWellFormed() && !FORBIDDEN.test(name) && !name.includes('/')),
  contentType: z.enum(['application/pdf', 'image/jpeg', 'image/png']),
  expiresInSeconds: z.int().min(1).max(600),
});

/** Refuses a link that no store should give: a fault of the caller's code, not of a person's input. */
export function checkDownloadPromise(promise: DownloadPromise): void {
  checkDocumentKey(promise.key);
  DownloadPromised.parse(promise);
}

const IsoDate = z.iso.date();

/** The instant at which a retention ends: the end of the day `until` in Beijing, milliseconds since the epoch. */
export const retentionEnd = (until: string): number => Date.parse(`${IsoDate.parse(until)}T24:00:00+08:00`);

/** Held, or retained at this instant of wall time: it may be neither removed nor overwritten. */
export const isLocked = (head: DocumentHead, wall: number): boolean =>
  head.legalHold || (head.retainUntil !== undefined && wall < retentionEnd(head.retainUntil));
