/** Path parameters. Ids are ours: 26 characters of Crockford's base 32; tasks' are 32 hexadecimal digits. */
import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';

const id = z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。');

export const caseParams = z.strictObject({ caseId: id });
export const documentParams = z.strictObject({ caseId: id, documentId: id });
export const taskParams = z.strictObject({ taskId: z.string().regex(/^[0-9a-f]{32}$/, '编号格式有误。') });
export const noticeParams = z.strictObject({ noticeId: id });
/** A subject is the identity provider's word for a person, and may be any text. */
export const personParams = z.strictObject({ subject: z.string().min(1).max(256) });
export const postParams = personParams.extend({ postId: id });
export const requestParams = z.strictObject({ requestId: id });

export const organisationParams = z.strictObject({ organisationId: organisationIdSchema });
export const transferParams = z.strictObject({ transferId: id });
export const sanctionParams = z.strictObject({ sanctionId: id });
export const clawBackParams = caseParams.extend({ clawBackId: id });
export const disposalParams = z.strictObject({ disposalId: id });
export const accessParams = z.strictObject({ accessId: id });
export const handoverParams = z.strictObject({ handoverId: id });

export const messageParams = z.strictObject({
  messageId: z.string().regex(/^[0-9a-z]{26}-[1-9][0-9]{0,5}$/, '编号格式有误。'),
});

/** Paging of every list. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, '应为 1 到 999 的整数。')
    .transform(Number)
    .optional(),
  cursor: z.string().min(1).max(2000).optional(),
});

/** The mark of a list's next page; null at its end. */
export const cursorSchema = z.string().nullable();
