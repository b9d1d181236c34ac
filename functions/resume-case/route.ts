import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseSummary, caseSummarySchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { resumeCase } from './resume-case.ts';

export const resumeCaseRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/resumption',
    access: 'jwt',
    operation: 'case.resume',
    status: 200,
    maxBodyBytes: 16 * 1024,
    about: {
      operationId: 'resumeCase',
      tag: 'cases',
      summary: '恢复办理',
      description: '系统处理失败、流程中断的申请，由管理员在原环节恢复。',
      answer: caseSummarySchema,
      refusals: { 404: ['case-not-found'], 409: ['wrong-stage', 'case-busy'] },
      example: { reason: '故障已排除。' },
    },
    request: { params: caseParams, body: z.strictObject({ reason: z.string().trim().min(1).max(1000) }) },
    handle: async (ports: CasePorts & Pick<Ports, 'settings'>, { caller }, { params, body }) => ({
      body: caseSummary(await resumeCase(ports, caller, params.caseId, body.reason)),
    }),
  }),
];
