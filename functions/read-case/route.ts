import * as z from 'zod';
import { choiceSchema, MATTER_KINDS, SOURCES } from '#domain/filing/matter-values.ts';
import { assessmentSchema } from '#functions/shared/assessment-view.ts';
import {
  caseReply,
  caseSummary,
  caseSummarySchema,
  caseViewSchema,
  settlementViewSchema,
} from '#functions/shared/case-view.ts';
import { readDocuments } from '#functions/shared/document-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams, cursorSchema, pageQuery } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import {
  documentView,
  documentViewSchema,
  eventView,
  eventViewSchema,
  letterViewSchema,
} from '#functions/shared/record-views.ts';
import {
  adjudicationTable,
  applicantAccount,
  type LookPorts,
  latestAssessment,
  listCases,
  showCase,
  showEvents,
  showLetters,
} from './read-case.ts';

/** Of one case. */
const refusals = { 404: ['case-not-found'] };

const provenanceSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  source: choiceSchema,
  words: z.string(),
  clause: z.string().nullable(),
  reason: z.string().nullable(),
  evidence: z.array(z.string()),
});

const tableSchema = z.strictObject({
  persons: z.array(z.strictObject({ personId: z.string(), memberId: z.string(), supporter: z.boolean() })),
  unsettled: z.int(),
  matters: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(MATTER_KINDS),
      title: z.string(),
      memberId: z.string().nullable(),
      columns: settlementViewSchema.shape.columns,
      evidence: z.strictObject({ registry: z.array(z.string()), visit: z.array(z.string()) }),
      flag: z.strictObject({ clause: z.string(), detail: z.string() }).nullable(),
      suggested: z.enum(SOURCES).nullable(),
      basis: z.string(),
      open: z.boolean(),
      settlement: settlementViewSchema.nullable(),
    }),
  ),
});

export const readCaseRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/cases',
    about: {
      operationId: 'listCases',
      tag: 'cases',
      summary: '申请列表',
      description: '新的在前。职工看自己的；工会人员看本工会的，或以 union 指定管理范围内的一个基层工会。',
      answer: z.strictObject({ cases: z.array(caseSummarySchema), cursor: cursorSchema }),
      refusals: { 400: ['invalid-cursor'] },
    },
    access: 'jwt',
    operation: 'case.list',
    status: 200,
    request: { query: pageQuery.extend({ union: z.string().min(1).max(40).optional() }) },
    handle: async (ports: Pick<Ports, 'items' | 'organisations'>, { caller }, { query }) => {
      const { cases, cursor } = await listCases(ports, caller, query);
      return { body: { cases: cases.map(caseSummary), cursor: cursor ?? null } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}',
    about: {
      operationId: 'readCase',
      tag: 'cases',
      summary: '查看申请',
      description: '答复的 ETag 是申请的版本，修改时在 If-Match 中注明。',
      answer: caseViewSchema.extend({
        /** Whether the worker has an account, and who vouched for it. */
        applicantAccount: z.strictObject({ registered: z.boolean(), provedBy: z.string().nullable() }),
      }),
      refusals,
    },
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: LookPorts, { caller }, { params }) => {
      const record = await showCase(ports, caller, params.caseId, 'detail');
      return caseReply(record, { applicantAccount: await applicantAccount(ports, record) });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/documents',
    about: {
      operationId: 'listDocuments',
      tag: 'documents',
      summary: '材料清单',
      answer: z.strictObject({ documents: z.array(documentViewSchema) }),
      refusals,
    },
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: LookPorts, { caller }, { params }) => {
      const { caseId } = await showCase(ports, caller, params.caseId, 'papers');
      const documents = await readDocuments(ports.items, caseId);
      return { body: { documents: documents.map(documentView) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/assessment',
    about: {
      operationId: 'readAssessment',
      tag: 'cases',
      summary: '最近一次测算及其说明',
      description: '尚未测算时为 null。',
      answer: z.strictObject({
        assessment: assessmentSchema.nullable(),
        provenance: z.array(provenanceSchema).nullable(),
      }),
      refusals,
    },
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: LookPorts, { caller }, { params }) => ({
      body: await latestAssessment(ports, await showCase(ports, caller, params.caseId, 'assessment')),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/adjudication',
    about: {
      operationId: 'readAdjudication',
      tag: 'crossChecks',
      summary: '申报、比对、走访三列对照',
      description: '每一项内容、建议采用的来源和认定情况；待认定的（open）须在“比对差异认定”任务中一次认定。',
      answer: tableSchema,
      refusals,
    },
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: LookPorts, { caller }, { params }) => ({
      body: await adjudicationTable(ports, await showCase(ports, caller, params.caseId, 'adjudication')),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/events',
    about: {
      operationId: 'listEvents',
      tag: 'cases',
      summary: '办理过程',
      description: '按先后排列的记录，每条以 SHA-256 与上一条相连。',
      answer: z.strictObject({ events: z.array(eventViewSchema) }),
      refusals,
    },
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: LookPorts, { caller }, { params }) => {
      const events = await showEvents(ports, caller, params.caseId);
      return { body: { events: events.map(eventView) } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/letters',
    about: {
      operationId: 'listLetters',
      tag: 'cases',
      summary: '办理通知',
      answer: z.strictObject({ letters: z.array(letterViewSchema) }),
      refusals,
    },
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    request: { params: caseParams },
    handle: async (ports: LookPorts, { caller }, { params }) => ({
      body: { letters: await showLetters(ports, caller, params.caseId) },
    }),
  }),
];
