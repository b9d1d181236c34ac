import { z } from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseSummary } from '#functions/shared/case-view.ts';
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
    request: { body: z.strictObject({ code: z.string().min(1).max(40) }) },
    handle: async (ports: CasePorts, { caller }, { body }) => ({
      body: caseSummary(await claimCase(ports, caller, body.code)),
    }),
  }),
];
