/** Permits for uploads: the counterpart of S3's POST policies. They say exactly what may be sent where and until when. */
import * as z from 'zod';
import { ContentType, Sha256 } from '#adapters/shared/document-form.ts';
import { AppError } from '#functions/shared/errors.ts';
import type { UploadPromise } from '#functions/shared/ports.ts';
import { contentOfPermit, signPermit } from './permit.ts';

const Permit = z.strictObject({
  key: z.string(),
  contentType: ContentType,
  minBytes: z.int(),
  maxBytes: z.int(),
  sha256: Sha256,
  /** Milliseconds since the epoch. */
  expiresAt: z.int(),
});
export type Permit = z.infer<typeof Permit>;

const Fields = z.strictObject({
  key: z.string(),
  'Content-Type': z.string(),
  policy: z.string(),
  signature: z.string(),
});

const forbidden = () => new AppError('upload-forbidden', 403, '上传凭证无效，请返回材料页面重新上传。');

const KIND = 'upload-policy';

/** The fields of the form that carries the permit. */
export function issuePermit(
  secret: Uint8Array,
  promise: UploadPromise,
  wall: number,
): Readonly<Record<string, string>> {
  const { expiresInSeconds, ...promised } = promise;
  const permit: Permit = { ...promised, expiresAt: wall + expiresInSeconds * 1000 };
  return {
    key: promise.key,
    'Content-Type': promise.contentType,
    ...signPermit(secret, KIND, permit),
  };
}

/**
 * Reads the permit out of a form's fields. Throws `AppError`: upload-forbidden (no permit of ours, or another key),
 * upload-expired, upload-wrong-type.
 */
export function readPermit(
  secret: Uint8Array,
  fields: Readonly<Record<string, string>>,
  wall: number,
): Permit {
  const form = Fields.safeParse(fields);
  if (!form.success) throw forbidden();
  const { key, policy, signature, 'Content-Type': contentType } = form.data;
  const content = contentOfPermit(secret, KIND, { policy, signature });
  if (content === undefined) throw forbidden();
  const permit = Permit.parse(content);
  if (permit.key !== key) throw forbidden();
  if (wall >= permit.expiresAt) {
    throw new AppError('upload-expired', 403, '上传凭证已过期，请返回材料页面重新上传。');
  }
  if (permit.contentType !== contentType) {
    throw new AppError('upload-wrong-type', 415, '文件类型与申报的不一致，请按要求的格式上传。', {
      expected: permit.contentType,
    });
  }
  return permit;
}
