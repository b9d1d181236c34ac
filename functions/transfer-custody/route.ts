import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { pageQuery, transferParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { transferFormSchema, transferSchema } from './schema.ts';
import { acceptTransfer, listTransfers, openTransfer, readTransfer } from './transfer-custody.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

export const transferCustodyRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/custody-transfers',
    access: 'jwt',
    operation: 'custody.transfer',
    status: 201,
    about: {
      operationId: 'openCustodyTransfer',
      tag: 'custody',
      summary: '移交档案保管',
      description: '移交单位签字，接收单位签收后生效（第十二条）。more 表示还有未列入的档案，须另行移交。',
      answer: transferSchema.extend({ more: z.boolean() }),
      example: { from: 'ah-direct-1', to: 'ah-direct-2', originals: ['纸质档案一册'], reason: '企业关闭' },
      refusals: { 404: ['case-not-found'], 409: ['nothing-to-transfer', 'custody-moved', 'case-busy'] },
    },
    request: { body: transferFormSchema },
    handle: async (ports: Needs, { caller }, { body }) => {
      const { transfer, more } = await openTransfer(ports, caller, body);
      return {
        body: { ...transfer, more },
        headers: { location: `/v1/custody-transfers/${transfer.transferId}` },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/custody-transfers',
    access: 'jwt',
    operation: 'custody.read',
    status: 200,
    about: {
      operationId: 'listCustodyTransfers',
      tag: 'custody',
      summary: '移交单列表',
      answer: z.strictObject({ transfers: z.array(transferSchema), cursor: z.string().nullable() }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: {
      query: pageQuery.extend({
        side: z.enum(['given', 'taken']).default('taken'),
        union: organisationIdSchema.optional(),
      }),
    },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { transfers, cursor } = await listTransfers(ports, caller, query);
      return { body: { transfers: [...transfers], cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/custody-transfers/{transferId}',
    access: 'jwt',
    operation: 'custody.read',
    status: 200,
    about: {
      operationId: 'readCustodyTransfer',
      tag: 'custody',
      summary: '查看移交单',
      answer: transferSchema,
      refusals: { 404: ['transfer-not-found'] },
    },
    request: { params: transferParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await readTransfer(ports, caller, params.transferId),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/custody-transfers/{transferId}/acceptance',
    access: 'jwt',
    operation: 'custody.transfer',
    status: 200,
    about: {
      operationId: 'acceptCustodyTransfer',
      tag: 'custody',
      summary: '签收移交的档案',
      answer: transferSchema,
      refusals: {
        403: ['same-person'],
        404: ['transfer-not-found'],
        409: ['custody-moved', 'taker-dissolved', 'case-busy'],
      },
    },
    request: { params: transferParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await acceptTransfer(ports, caller, params.transferId),
    }),
  }),
];
