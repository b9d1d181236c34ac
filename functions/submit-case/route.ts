import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseView } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import { submitCase } from './submit-case.ts';

export const submitCaseRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/submission',
    access: 'jwt',
    operation: 'case.submit',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: CasePorts, { caller }, { params }) => ({
      body: caseView(await submitCase(ports, caller, params.caseId)),
    }),
  }),
];
