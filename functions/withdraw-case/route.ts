import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseView } from '#functions/shared/case-view.ts';
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
    request: { params: caseParams, body: withdrawalSchema },
    handle: async (ports: CasePorts, { caller }, { params, body }) => ({
      body: caseView(await withdrawCase(ports, caller, params.caseId, body.reason)),
    }),
  }),
];
