import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { recordVisit } from './record-visit.ts';
import { visitFormSchema } from './schema.ts';

export const recordVisitRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/visits',
    access: 'jwt',
    operation: 'visit.record',
    status: 201,
    about: {
      operationId: 'recordVisit',
      tag: 'cases',
      summary: '记录入户走访',
      description: '走访核实共同生活的成员（R-11）；县级以上工会走访农民工家庭可代替信息比对（75号第二条）。',
      answer: caseViewSchema,
      refusals: {
        403: ['own-household'],
        404: ['case-not-found'],
        409: ['wrong-stage', 'notice-published', 'case-busy'],
      },
      example: {
        visitedOn: '2026-03-02',
        place: 'home',
        visitors: ['王走访', '李走访'],
        findings: { text: '家中两人，住房一套。' },
        photos: [],
        signature: { kind: 'unsigned', reason: '户主住院，由配偶在场确认' },
      },
    },
    request: { params: caseParams, body: visitFormSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'organisations'>, { caller }, { params, body }) =>
      caseReply(await recordVisit(ports, caller, params.caseId, body)),
  }),
];
