import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
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
    ifMatch: 'accepted',
    about: {
      operationId: 'submitCase',
      tag: 'cases',
      summary: '提交申请',
      description: '提交后等待上传签字的申请书。重复提交不改变什么，答复相同。',
      answer: caseViewSchema,
      refusals: {
        404: ['case-not-found'],
        409: ['wrong-stage', 'duplicate-application', 'member-already-filed', 'case-busy'],
      },
    },
    request: { params: caseParams },
    handle: async (ports: CasePorts, { caller, ifMatch }, { params }) =>
      caseReply(await submitCase(ports, caller, params.caseId, ifMatch)),
  }),
];
