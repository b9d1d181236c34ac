import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseView } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { editDeclaration } from './edit-declaration.ts';
import { editDeclarationSchema } from './schema.ts';

export const editDeclarationRoutes = [
  defineRoute({
    method: 'PUT',
    path: '/v1/cases/{caseId}/declaration',
    access: 'jwt',
    operation: 'case.edit',
    status: 200,
    request: { params: caseParams, body: editDeclarationSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'organisations'>, { caller }, { params, body }) => ({
      body: caseView(await editDeclaration(ports, caller, params.caseId, body)),
    }),
  }),
];
