import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute, NO_BODY } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { openExternal } from './open-external.ts';

export const openExternalRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/external-openings',
    access: 'public',
    operation: 'external.open',
    status: 200,
    maxBodyBytes: 1024,
    about: {
      operationId: 'openExternally',
      tag: 'access',
      summary: '外单位凭查阅码查阅一份材料',
      description:
        '答复每页都盖有查阅编号、单位代码、日期和“仅供查阅 不得外传”的 PDF；每次都记入该档案的办理过程。',
      answer: NO_BODY,
      file: ['application/pdf'],
      refusals: {
        404: ['external-code-invalid', 'document-not-found'],
        409: ['case-busy', 'archiving'],
        413: ['paper-too-large'],
        422: ['paper-not-stampable'],
        429: ['too-many-openings'],
      },
      example: { code: 'ABCD-EFGH-JKMN-PQRS', documentId: '01j9z3k4m5n6p7q8r9s0t1v2w3' },
    },
    request: {
      body: z.strictObject({
        code: z.string().min(1).max(40),
        documentId: z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。'),
      }),
    },
    handle: async (ports: CasePorts & Pick<Ports, 'documents'>, _context, { body }) => ({
      file: await openExternal(ports, body),
      headers: { 'cache-control': 'no-store' },
    }),
  }),
];
