import type { Case } from '#domain/filing/case.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { EXAMPLE_HOUSEHOLD } from '#functions/shared/examples.ts';
import { createOnce } from '#functions/shared/http/idempotency.ts';
import { defineRoute, type Reply } from '#functions/shared/http/route.ts';
import { type Needs, openCase, openedCase } from './open-case.ts';
import { openCaseSchema } from './schema.ts';

const created = (record: Case): Reply => ({
  ...caseReply(record),
  headers: { location: `/v1/cases/${record.caseId}` },
});

export const openCaseRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases',
    access: 'jwt',
    operation: 'case.open',
    status: 201,
    maxBodyBytes: 256 * 1024,
    idempotent: true,
    about: {
      operationId: 'openCase',
      tag: 'cases',
      summary: '建立申请',
      description:
        '职工本人或其基层工会建立一份填写中的申请，须先阅读个人信息处理告知书并表示同意。证件号码、银行卡、电话和住址加密保存，此后只显示掩码。',
      answer: caseViewSchema,
      refusals: { 404: ['case-not-found'], 409: ['privacy-notice-changed'] },
      example: EXAMPLE_HOUSEHOLD,
    },
    request: { body: openCaseSchema },
    handle: (ports: Needs, { caller, requestKey }, { body }) =>
      createOnce(ports, requestKey, {
        create: async (all, caseId) => created(await openCase(all, caller, body, caseId)),
        recall: async (caseId) => created(await openedCase(ports, caller, caseId)),
      }),
  }),
];
