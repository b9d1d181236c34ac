import * as z from 'zod';
import { defineRoute } from '#functions/shared/http/route.ts';
import { type OpeningPorts, reasonShape } from '#functions/shared/openings.ts';
import { documentParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { openPaper } from './open-paper.ts';

export const openPaperRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/documents/{documentId}/openings',
    access: 'jwt',
    operation: 'paper.open',
    status: 200,
    maxBodyBytes: 4096,
    about: {
      operationId: 'openPaper',
      tag: 'access',
      summary: '打开一份材料',
      description: '须写明用途；先记入办理过程，再答复 60 秒内有效的下载地址。材料一律以附件下载。',
      answer: z.strictObject({ url: z.string(), expiresInSeconds: z.int() }),
      refusals: {
        403: ['purpose-not-allowed'],
        404: ['case-not-found', 'document-not-found'],
        409: ['case-busy', 'archiving'],
        429: ['too-many-openings'],
      },
      example: { purpose: 'review' },
    },
    request: { params: documentParams, body: z.strictObject(reasonShape) },
    handle: async (ports: OpeningPorts & Pick<Ports, 'documents'>, { caller }, { params, body }) => ({
      body: await openPaper(ports, caller, params.caseId, params.documentId, body),
      headers: { 'cache-control': 'no-store' },
    }),
  }),
];
