import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseSummary, caseSummarySchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import { claimCase, issueClaimCode } from './claim-case.ts';

export const claimCaseRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/claim-code',
    access: 'jwt',
    operation: 'case.handOver',
    status: 201,
    about: {
      operationId: 'issueClaimCode',
      tag: 'cases',
      summary: '发出认领码',
      description: '代为申请的，把认领码交给职工本人，职工登录后认领。',
      answer: z.strictObject({ code: z.string(), expiresAt: z.string() }),
      refusals: { 404: ['case-not-found'], 409: ['already-claimed', 'wrong-stage', 'case-busy'] },
    },
    request: { params: caseParams },
    handle: async (ports: CasePorts, { caller }, { params }) => ({
      body: await issueClaimCode(ports, caller, params.caseId),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/case-claims',
    access: 'jwt',
    operation: 'case.claim',
    status: 200,
    about: {
      operationId: 'claimCase',
      tag: 'cases',
      summary: '认领申请',
      answer: caseSummarySchema,
      refusals: {
        403: ['not-the-worker'],
        404: ['claim-code-invalid', 'case-not-found'],
        409: ['already-claimed', 'case-busy'],
      },
      example: { code: 'ABCD-EFGH-JKMN' },
    },
    request: { body: z.strictObject({ code: z.string().min(1).max(40) }) },
    handle: async (ports: CasePorts, { caller }, { body }) => ({
      body: caseSummary(await claimCase(ports, caller, body.code)),
    }),
  }),
];
