import * as z from 'zod';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { type External, externalSchema, getExternal } from '#functions/shared/external-store.ts';
import { createOnce } from '#functions/shared/http/idempotency.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { accessParams, caseParams } from '#functions/shared/params.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import {
  decideExternal,
  decisionSchema,
  listExternals,
  papersOf,
  requestExternal,
  requestSchema,
  revocationSchema,
  revokeExternal,
} from './manage-external.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

const signedView = z.strictObject({ name: z.string(), organisation: z.string().nullable(), at: z.string() });
const { shape } = externalSchema;

const externalView = z
  .strictObject({
    accessId: z.string(),
    caseId: z.string(),
    requested: signedView,
    outsider: shape.outsider,
    purpose: z.string(),
    documents: z.array(z.string()),
    days: z.int(),
    status: z.enum(['requested', 'refused', 'approved', 'revoked']),
    decided: signedView.nullable(),
    reason: z.string().nullable(),
    expiresAt: z.string().nullable(),
    openings: z.int(),
  })
  .meta({ id: 'ExternalAccess' });

const signedBy = ({ name, organisation, at }: External['requested']): JsonObject => ({
  name,
  organisation,
  at,
});

const viewOf = ({ state, requested, ...external }: External): JsonObject => ({
  ...external,
  requested: signedBy(requested),
  status: state.status,
  decided: state.status === 'requested' ? null : signedBy(state.by),
  reason: state.status === 'refused' || state.status === 'revoked' ? state.reason : null,
  expiresAt: state.status === 'approved' ? state.expiresAt : null,
});

const BUSY = ['case-busy', 'archiving'];

export const manageExternalRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/external-accesses',
    access: 'jwt',
    operation: 'external.request',
    status: 201,
    maxBodyBytes: 16 * 1024,
    idempotent: true,
    about: {
      operationId: 'requestExternalAccess',
      tag: 'access',
      summary: '登记外单位查阅',
      description: '写明何人、何单位、凭何文件、作何用途、查阅哪些材料、几天；由保管工会的档案管理员审核。',
      answer: externalView,
      refusals: { 404: ['case-not-found', 'document-not-found'], 409: BUSY },
      example: {
        name: '钱七',
        body: '样例市审计局',
        bodyCode: '91350100M000100Y43',
        authority: '样审函〔2026〕7号',
        purpose: '核对救助资金发放',
        documents: ['01j9z3k4m5n6p7q8r9s0t1v2w3'],
        days: 7,
      },
    },
    request: { params: caseParams, body: requestSchema },
    handle: (ports: CasePorts, { caller, requestKey }, { params, body }) =>
      createOnce(ports, requestKey, {
        create: async (all, id) => ({
          body: viewOf(await requestExternal(all, caller, params.caseId, body, id)),
        }),
        recall: async (id) => ({ body: viewOf((await getExternal(ports, id)).external) }),
      }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/external-accesses',
    access: 'jwt',
    operation: 'external.read',
    status: 200,
    about: {
      operationId: 'listExternalAccesses',
      tag: 'access',
      summary: '外单位查阅登记',
      answer: z.strictObject({ externalAccesses: z.array(externalView) }),
      refusals: { 404: ['case-not-found'] },
    },
    request: { params: caseParams },
    handle: async (ports: Pick<Ports, 'items'>, { caller }, { params }) => ({
      body: { externalAccesses: (await listExternals(ports, caller, params.caseId)).map(viewOf) },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/external-accesses/{accessId}/decision',
    access: 'jwt',
    operation: 'external.decide',
    status: 200,
    about: {
      operationId: 'decideExternalAccess',
      tag: 'access',
      summary: '审核外单位查阅',
      description:
        '同意的，答复查阅码和材料编号，交给对方；查阅码只显示这一次，到期作废。不同意的，写明理由。',
      answer: z.strictObject({
        external: externalView,
        code: z.string().nullable(),
        papers: z.array(z.strictObject({ documentId: z.string(), paperName: z.string() })),
      }),
      refusals: {
        403: ['same-person'],
        404: ['case-not-found', 'external-access-not-found'],
        409: ['external-access-decided', ...BUSY],
      },
      example: { decision: 'approve' },
    },
    request: { params: accessParams, body: decisionSchema },
    handle: async (ports: Needs, { caller }, { params, body }) => {
      const { external, code } = await decideExternal(ports, caller, params.accessId, body);
      return {
        body: { external: viewOf(external), code, papers: [...(await papersOf(ports, external))] },
        headers: { 'cache-control': 'no-store' },
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/external-accesses/{accessId}/revocation',
    access: 'jwt',
    operation: 'external.decide',
    status: 200,
    about: {
      operationId: 'revokeExternalAccess',
      tag: 'access',
      summary: '终止外单位查阅',
      answer: externalView,
      refusals: {
        404: ['case-not-found', 'external-access-not-found'],
        409: ['external-access-decided', ...BUSY],
      },
      example: { reason: '查阅事项已办结。' },
    },
    request: { params: accessParams, body: revocationSchema },
    handle: async (ports: CasePorts, { caller }, { params, body }) => ({
      body: viewOf(await revokeExternal(ports, caller, params.accessId, body.reason)),
    }),
  }),
];
