import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseView } from '#functions/shared/case-view.ts';
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
    request: { params: caseParams, body: visitFormSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'settings'>, { caller }, { params, body }) => ({
      body: caseView(await recordVisit(ports, caller, params.caseId, body)),
    }),
  }),
];
