import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { createOnce } from '#functions/shared/http/idempotency.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { noticeParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { objectionFormSchema, raiseObjection } from './raise-objection.ts';

export const raiseObjectionRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/notices/{noticeId}/objections',
    access: 'public',
    operation: 'objection.raise',
    status: 201,
    maxBodyBytes: 32 * 1024,
    idempotent: true,
    about: {
      operationId: 'raiseObjection',
      tag: 'notices',
      summary: '对公示提出异议',
      description: '任何人都可以提出，可以不留姓名；联系方式加密保存。',
      answer: z.strictObject({ objectionId: z.string() }),
      refusals: { 404: ['notice-not-found', 'case-not-found'], 409: ['notice-over', 'case-busy'] },
      example: { text: '该户另有住房出租，没有申报。', contact: '张某，傍晚可联系' },
    },
    request: { params: noticeParams, body: objectionFormSchema },
    handle: (ports: CasePorts & Pick<Ports, 'vault'>, { requestKey }, { params, body }) =>
      createOnce(ports, requestKey, {
        create: async (all, id) => ({ body: await raiseObjection(all, params.noticeId, body, id) }),
        recall: async (objectionId) => ({ body: { objectionId } }),
      }),
  }),
];
