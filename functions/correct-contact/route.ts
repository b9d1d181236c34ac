import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import { correctContact, type Needs } from './correct-contact.ts';
import { contactSchema } from './schema.ts';

export const correctContactRoutes = [
  defineRoute({
    method: 'PUT',
    path: '/v1/cases/{caseId}/contact',
    access: 'jwt',
    operation: 'contact.correct',
    status: 200,
    maxBodyBytes: 16 * 1024,
    ifMatch: 'required',
    about: {
      operationId: 'correctContact',
      tag: 'privacy',
      summary: '更正电话、住址、银行卡',
      description:
        '由职工本人或受理工会更正，没有写的不变。办理过程只记更正了哪几项，不记内容。帮扶决定之后更正银行卡的通知中心；已建档的通知档案保管单位在15个工作日内同步纸质档案。',
      answer: caseViewSchema,
      refusals: { 404: ['case-not-found'], 409: ['case-busy'] },
      example: { because: 'changed', phone: '13900000001' },
    },
    request: { params: caseParams, body: contactSchema },
    handle: async (ports: Needs, { caller, ifMatch }, { params, body }) =>
      caseReply(await correctContact(ports, caller, params.caseId, body, ifMatch)),
  }),
];
