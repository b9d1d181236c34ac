import type { CasePorts } from '#functions/shared/case-store.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { EXAMPLE_DECLARATION } from '#functions/shared/examples.ts';
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
    maxBodyBytes: 256 * 1024,
    // It replaces the whole declaration: who hasn't seen the last one would undo what another has entered.
    ifMatch: 'required',
    about: {
      operationId: 'editDeclaration',
      tag: 'cases',
      summary: '修改申报内容',
      description: '整份替换申报内容并写明理由；每次修改都留有记录。须在 If-Match 中注明所依据的申请版本。',
      answer: caseViewSchema,
      refusals: { 404: ['case-not-found'], 409: ['wrong-stage', 'case-busy'] },
      example: { declaration: EXAMPLE_DECLARATION, reason: '补报一项医疗支出。' },
    },
    request: { params: caseParams, body: editDeclarationSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'organisations'>, { caller, ifMatch }, { params, body }) =>
      caseReply(await editDeclaration(ports, caller, params.caseId, body, ifMatch)),
  }),
];
