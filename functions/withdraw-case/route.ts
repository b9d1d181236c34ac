import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import { withdrawalSchema, withdrawCase } from './withdraw-case.ts';

export const withdrawCaseRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/withdrawal',
    access: 'jwt',
    operation: 'case.withdraw',
    status: 200,
    maxBodyBytes: 16 * 1024,
    about: {
      operationId: 'withdrawCase',
      tag: 'cases',
      summary: '撤回申请',
      description: '建档之前都可以撤回。重复撤回不改变什么。',
      answer: caseViewSchema,
      refusals: { 404: ['case-not-found'], 409: ['wrong-stage', 'case-busy'] },
      example: { reason: '家庭情况好转。' },
    },
    request: { params: caseParams, body: withdrawalSchema },
    handle: async (ports: CasePorts, { caller }, { params, body }) =>
      caseReply(await withdrawCase(ports, caller, params.caseId, body.reason)),
  }),
];
