import * as z from 'zod';
import { disposalSchema, remainsSchema, tombstoneSchema } from '#domain/filing/disposal.ts';
import { organisationIdSchema } from '#domain/filing/organisations.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { caseParams, cursorSchema, disposalParams, pageQuery } from '#functions/shared/params.ts';
import {
  approveDisposal,
  listDisposals,
  listDue,
  type Needs,
  proposeDisposal,
  readDisposal,
  readTombstone,
} from './dispose-cases.ts';
import { disposalFormSchema } from './schema.ts';

const answer = disposalSchema.meta({ id: 'Disposal' });
const query = pageQuery.extend({ union: organisationIdSchema.optional() });

export const disposeCasesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/disposals/due',
    access: 'jwt',
    operation: 'disposal.read',
    status: 200,
    about: {
      operationId: 'listDueDisposals',
      tag: 'disposals',
      summary: '到期可销毁的申请',
      description:
        '未建档或撤回、办结满本单位规定年限的申请，早的在前。years 是本单位规定的年限。已建档的不在其中：自撤档之日起保管10年（51号第十四条）。',
      answer: z.strictObject({
        years: z.int().meta({ description: '本单位规定' }),
        due: z.array(remainsSchema),
        cursor: cursorSchema,
      }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: { query },
    handle: async (ports: Needs, { caller }, input) => {
      const { due, cursor } = await listDue(ports, caller, input.query);
      return { body: { years: ports.settings.retention.endedYears, due: [...due], cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/disposals',
    access: 'jwt',
    operation: 'disposal.read',
    status: 200,
    about: {
      operationId: 'listDisposals',
      tag: 'disposals',
      summary: '销毁清册列表',
      answer: z.strictObject({ disposals: z.array(answer), cursor: cursorSchema }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: { query },
    handle: async (ports: Needs, { caller }, input) => {
      const { disposals, cursor } = await listDisposals(ports, caller, input.query);
      return { body: { disposals: [...disposals], cursor } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/disposals',
    access: 'jwt',
    operation: 'disposal.make',
    status: 201,
    maxBodyBytes: 16 * 1024,
    about: {
      operationId: 'proposeDisposal',
      tag: 'disposals',
      summary: '提出销毁',
      description: '列出要销毁的申请并写明理由；由另一人批准后才销毁。',
      answer,
      refusals: {},
      example: { union: 'ah-direct-1', caseIds: ['01j9z3k4m5n6p7q8r9s0t1v2w3'], reason: '保存期满。' },
    },
    request: { body: disposalFormSchema },
    handle: async (ports: Needs, { caller }, { body }) => {
      const disposal = await proposeDisposal(ports, caller, body);
      return { body: disposal, headers: { location: `/v1/disposals/${disposal.disposalId}` } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/disposals/{disposalId}',
    access: 'jwt',
    operation: 'disposal.read',
    status: 200,
    about: {
      operationId: 'readDisposal',
      tag: 'disposals',
      summary: '查看销毁清册',
      answer,
      refusals: { 404: ['disposal-not-found'] },
    },
    request: { params: disposalParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await readDisposal(ports, caller, params.disposalId),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/disposals/{disposalId}/approval',
    access: 'jwt',
    operation: 'disposal.make',
    status: 200,
    about: {
      operationId: 'approveDisposal',
      tag: 'disposals',
      summary: '批准并销毁',
      description:
        '由提出人以外的同志批准，随即销毁，只留下编号、日期、处理结果和记录的摘要。中断后再次批准即接着办。',
      answer,
      refusals: { 403: ['same-person'], 404: ['disposal-not-found'], 409: ['case-busy'] },
    },
    request: { params: disposalParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await approveDisposal(ports, caller, params.disposalId),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/tombstone',
    access: 'jwt',
    operation: 'disposal.read',
    status: 200,
    about: {
      operationId: 'readTombstone',
      tag: 'disposals',
      summary: '已销毁的申请留下的记录',
      description: 'chain 是全部办理记录的哈希，按先后排列：持有其中一条记录的人可以据此证明它。',
      answer: tombstoneSchema.meta({ id: 'Tombstone' }),
      refusals: { 404: ['case-not-found'] },
    },
    request: { params: caseParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await readTombstone(ports, caller, params.caseId),
    }),
  }),
];
