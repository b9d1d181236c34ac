import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';
import { isInForce, type Sanction } from '#domain/filing/sanctions.ts';
import { caseReply, caseViewSchema } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import {
  caseParams,
  clawBackParams,
  cursorSchema,
  pageQuery,
  sanctionParams,
} from '#functions/shared/params.ts';
import type { JsonObject } from '#functions/shared/ports.ts';
import {
  confirmSanction,
  demandClawBack,
  enterSanction,
  listSanctions,
  type Needs,
  noteReturn,
  readSanction,
} from './keep-sanctions.ts';
import { clawBackFormSchema, returnFormSchema, sanctionFormSchema, sanctionViewSchema } from './schema.ts';

/** The blind indexes are the back end's own. */
const sanctionView = (sanction: Sanction): JsonObject => {
  const { persons, organisationPath: _, ...shown } = sanction;
  return { ...shown, persons: persons.map(({ memberId }) => memberId), inForce: isInForce(sanction) };
};

const exampleId = '01j9z3k4m5n6p7q8r9s0t1v2w3';

export const keepSanctionsRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/sanctions',
    access: 'jwt',
    operation: 'sanction.decide',
    status: 201,
    maxBodyBytes: 64 * 1024,
    about: {
      operationId: 'enterSanction',
      tag: 'sanctions',
      summary: '录入弄虚作假处理决定',
      description:
        '由审核该申请的中心录入，须经另一人确认后生效。决定列明的人员本年度和下年度不得申报（51号第八条第一款）。更正原决定的，写明 corrects，原决定和新决定都保留。',
      answer: sanctionViewSchema,
      refusals: {
        403: ['own-household'],
        404: ['case-not-found', 'sanction-not-found'],
        409: ['not-in-force', 'case-busy'],
      },
      example: {
        caseId: exampleId,
        number: '示工处〔2019〕1号',
        decidedOn: '2019-01-07',
        facts: '隐瞒房产。',
        persons: ['worker'],
      },
    },
    request: { body: sanctionFormSchema },
    handle: async (ports: Needs, { caller }, { body }) => {
      const sanction = await enterSanction(ports, caller, body);
      return {
        body: sanctionView(sanction),
        headers: { location: `/v1/sanctions/${sanction.sanctionId}` },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/sanctions',
    access: 'jwt',
    operation: 'sanction.read',
    status: 200,
    about: {
      operationId: 'listSanctions',
      tag: 'sanctions',
      summary: '弄虚作假处理决定列表',
      answer: z.strictObject({ sanctions: z.array(sanctionViewSchema), cursor: cursorSchema }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: { query: pageQuery.extend({ union: organisationIdSchema.optional() }) },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { sanctions, cursor } = await listSanctions(ports, caller, query);
      return { body: { sanctions: sanctions.map(sanctionView), cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/sanctions/{sanctionId}',
    access: 'jwt',
    operation: 'sanction.read',
    status: 200,
    about: {
      operationId: 'readSanction',
      tag: 'sanctions',
      summary: '查看弄虚作假处理决定',
      answer: sanctionViewSchema,
      refusals: { 404: ['sanction-not-found'] },
    },
    request: { params: sanctionParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: sanctionView(await readSanction(ports, caller, params.sanctionId)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/sanctions/{sanctionId}/confirmation',
    access: 'jwt',
    operation: 'sanction.decide',
    status: 200,
    about: {
      operationId: 'confirmSanction',
      tag: 'sanctions',
      summary: '确认弄虚作假处理决定',
      description: '由录入人以外的同志确认，随即生效；重复确认不改变什么。',
      answer: sanctionViewSchema,
      refusals: {
        403: ['same-person', 'own-household'],
        404: ['sanction-not-found', 'case-not-found'],
        409: ['not-in-force', 'case-busy'],
      },
    },
    request: { params: sanctionParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: sanctionView(await confirmSanction(ports, caller, params.sanctionId)),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/claw-backs',
    access: 'jwt',
    operation: 'sanction.decide',
    status: 201,
    about: {
      operationId: 'demandClawBack',
      tag: 'sanctions',
      summary: '追回救助款物',
      description: '记明追回什么、多少、何时退回（51号第十九条）。',
      answer: caseViewSchema,
      refusals: {
        403: ['own-household'],
        404: ['case-not-found', 'sanction-not-found'],
        409: ['no-aid', 'not-in-force', 'case-busy'],
      },
      example: {
        sanctionId: exampleId,
        kind: 'money',
        what: '生活救助',
        amount: '3000.00',
        dueOn: '2019-03-31',
      },
    },
    request: { params: caseParams, body: clawBackFormSchema },
    handle: async (ports: Needs, { caller }, { params, body }) =>
      caseReply(await demandClawBack(ports, caller, params.caseId, body)),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/claw-backs/{clawBackId}/return',
    access: 'jwt',
    operation: 'sanction.decide',
    status: 200,
    about: {
      operationId: 'noteClawBackReturned',
      tag: 'sanctions',
      summary: '记明已退回',
      answer: caseViewSchema,
      refusals: {
        403: ['own-household'],
        404: ['case-not-found', 'claw-back-not-found'],
        409: ['case-busy'],
      },
      example: { on: '2019-03-01', note: '现金缴回，收据存档。' },
    },
    request: { params: clawBackParams, body: returnFormSchema },
    handle: async (ports: Needs, { caller }, { params, body }) =>
      caseReply(await noteReturn(ports, caller, params, body)),
  }),
];
