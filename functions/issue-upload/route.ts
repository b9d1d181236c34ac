import * as z from 'zod';
import { createOnce } from '#functions/shared/http/idempotency.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import { issueUpload, type Needs, reissueUpload } from './issue-upload.ts';
import { issueUploadSchema } from './schema.ts';

export const issueUploadRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/documents',
    access: 'jwt',
    operation: 'document.upload',
    status: 201,
    maxBodyBytes: 16 * 1024,
    idempotent: true,
    about: {
      operationId: 'issueUpload',
      tag: 'documents',
      summary: '登记一份材料，取得上传表单',
      description:
        '先说明材料的种类、格式、字节数和 SHA-256，再把答复中的 fields 逐项放入 multipart/form-data 表单，最后放文件（名称为 file），以 POST 发到 url。表单只收这一份文件，过期作废。',
      answer: z.strictObject({
        documentId: z.string(),
        form: z.strictObject({ url: z.string(), fields: z.record(z.string(), z.string()) }),
        expiresInSeconds: z.number().int(),
      }),
      refusals: {
        404: ['case-not-found'],
        409: ['wrong-stage', 'too-many-documents', 'documents-too-large'],
        413: ['upload-too-large'],
      },
      example: {
        paper: 'identity',
        memberId: 'worker',
        contentType: 'image/jpeg',
        bytes: 183_204,
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
    },
    request: { params: caseParams, body: issueUploadSchema },
    handle: (ports: Needs, { caller, requestKey }, { params, body }) =>
      createOnce(ports, requestKey, {
        create: async (all, id) => ({ body: await issueUpload(all, caller, params.caseId, body, id) }),
        // The promise stands; its form is signed anew, for its time runs from now.
        recall: async (id) => ({ body: await reissueUpload(ports, caller, params.caseId, id) }),
      }),
  }),
];
