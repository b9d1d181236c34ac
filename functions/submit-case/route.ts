import { consentActsSchema } from '#domain/privacy/consent.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams } from '#functions/shared/params.ts';
import { consentAnew, type Needs, submitCase } from './submit-case.ts';

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
      description:
        '提交后等待上传签字的申请书。重复提交不改变什么，答复相同。家庭成员中有人在不得申报的期限内的，不予受理。',
      answer: caseViewSchema,
      refusals: {
        404: ['case-not-found'],
        409: [
          'wrong-stage',
          'duplicate-application',
          'member-already-filed',
          'barred',
          'privacy-notice-changed',
          'case-busy',
        ],
      },
    },
    request: { params: caseParams },
    handle: async (ports: Needs, { caller, ifMatch }, { params }) =>
      caseReply(await submitCase(ports, caller, params.caseId, ifMatch)),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/consent',
    access: 'jwt',
    operation: 'case.submit',
    status: 200,
    about: {
      operationId: 'consentAnew',
      tag: 'privacy',
      summary: '重新同意处理个人信息',
      description: '提交申请之前告知书有更新的，须阅读后重新表示同意；家庭成员按原来的方式重新同意。',
      answer: caseViewSchema,
      refusals: {
        404: ['case-not-found'],
        409: ['wrong-stage', 'privacy-notice-changed', 'consent-missing', 'case-busy'],
      },
      example: { notice: '2026-1', processing: true, sensitive: true },
    },
    request: { params: caseParams, body: consentActsSchema },
    handle: async (ports: Needs, { caller }, { params, body }) =>
      caseReply(await consentAnew(ports, caller, params.caseId, body)),
  }),
];
