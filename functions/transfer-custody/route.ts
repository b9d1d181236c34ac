import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { pageQuery, transferParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { transferFormSchema } from './schema.ts';
import { acceptTransfer, listTransfers, openTransfer, readTransfer } from './transfer-custody.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

export const transferCustodyRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/custody-transfers',
    access: 'jwt',
    operation: 'custody.transfer',
    status: 201,
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
    request: { params: transferParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await acceptTransfer(ports, caller, params.transferId),
    }),
  }),
];
