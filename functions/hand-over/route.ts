import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { handoverParams, pageQuery } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { acceptHandover, handoverText, listHandovers, openHandover, readHandover } from './hand-over.ts';
import { handoverFormSchema } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

export const handOverRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/handovers',
    access: 'jwt',
    operation: 'handover.sign',
    status: 201,
    request: { body: handoverFormSchema },
    handle: async (ports: Needs, { caller }, { body }) => {
      const { handover, lines } = await openHandover(ports, caller, body);
      return {
        body: { ...handover, lines: [...lines] },
        headers: { location: `/v1/handovers/${handover.handoverId}` },
      };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/handovers',
    access: 'jwt',
    operation: 'handover.read',
    status: 200,
    request: { query: pageQuery },
    handle: async (ports: Needs, { caller }, { query }) => {
      const { handovers, cursor } = await listHandovers(ports, caller, query);
      return { body: { handovers: [...handovers], cursor } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/handovers/{handoverId}',
    access: 'jwt',
    operation: 'handover.read',
    status: 200,
    request: { params: handoverParams },
    handle: async (ports: Needs, { caller }, { params }) => {
      const { handover, lines } = await readHandover(ports, caller, params.handoverId);
      return { body: { ...handover, lines: [...lines] } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/handovers/{handoverId}/text',
    access: 'jwt',
    operation: 'handover.read',
    status: 200,
    request: { params: handoverParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      file: {
        contentType: 'text/plain; charset=utf-8',
        name: `handover-${params.handoverId}.txt`,
        bytes: Buffer.from(handoverText(await readHandover(ports, caller, params.handoverId))),
      },
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/handovers/{handoverId}/acceptance',
    access: 'jwt',
    operation: 'handover.sign',
    status: 200,
    request: { params: handoverParams },
    handle: async (ports: Needs, { caller }, { params }) => ({
      body: await acceptHandover(ports, caller, params.handoverId),
    }),
  }),
];
