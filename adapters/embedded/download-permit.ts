/** Permits for downloads: the counterpart of S3's presigned links. */
import * as z from 'zod';
import { DownloadPromised } from '#adapters/shared/document-form.ts';
import { AppError } from '#functions/shared/errors.ts';
import type { DownloadPromise } from '#functions/shared/ports.ts';
import { contentOfPermit, signPermit } from './permit.ts';

const KIND = 'download-permit';

/** `expiresAt` in milliseconds since the epoch. */
const Permit = DownloadPromised.omit({ expiresInSeconds: true }).extend({ expiresAt: z.int() });
export type DownloadPermit = z.infer<typeof Permit>;

const forbidden = (): AppError =>
  new AppError('download-forbidden', 403, '下载地址无效，请返回材料页面重新打开。');

/** The last segment of the link. */
export const issueDownloadPermit = (secret: Uint8Array, promise: DownloadPromise, wall: number): string => {
  const { expiresInSeconds, ...promised } = promise;
  const permit: DownloadPermit = { ...promised, expiresAt: wall + expiresInSeconds * 1000 };
  const { policy, signature } = signPermit(secret, KIND, permit);
  return `${policy}.${signature}`;
};

/** Throws `AppError`: download-forbidden (no permit of ours), download-expired. */
export const readDownloadPermit = (secret: Uint8Array, text: string, wall: number): DownloadPermit => {
  const [policy = '', signature = '', ...rest] = text.split('.');
  const content = rest.length > 0 ? undefined : contentOfPermit(secret, KIND, { policy, signature });
  if (content === undefined) throw forbidden();
  const permit = Permit.parse(content);
  if (wall >= permit.expiresAt) {
    throw new AppError('download-expired', 403, '下载地址已过期，请返回材料页面重新打开。');
  }
  return permit;
};
