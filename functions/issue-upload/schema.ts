/** What an uploader promises about a paper before its bytes come. */
import * as z from 'zod';
import { expenditureKindSchema, paperKindSchema } from '#domain/filing/terms.ts';
import { contentTypeSchema } from '#functions/shared/document-store.ts';

const common = {
  contentType: contentTypeSchema,
  bytes: z.number().int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '应为文件的 SHA-256（64位小写十六进制）。'),
};

const PER_MEMBER = ['identity', 'incomeProof'] as const;

/** Some papers belong to a member of the household, proofs of expenditure to a kind of expenditure. */
export const issueUploadSchema = z.discriminatedUnion('paper', [
  z.strictObject({ ...common, paper: z.enum(PER_MEMBER), memberId: z.string().min(1) }),
  z.strictObject({ ...common, paper: z.literal('expenditureProof'), expenditure: expenditureKindSchema }),
  z.strictObject({ ...common, paper: paperKindSchema.exclude([...PER_MEMBER, 'expenditureProof']) }),
]);
export type UploadRequest = z.infer<typeof issueUploadSchema>;
