import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { noticeParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { objectionFormSchema, raiseObjection } from './raise-objection.ts';

export const raiseObjectionRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/notices/{noticeId}/objections',
    access: 'public',
    operation: 'objection.raise',
    status: 201,
    request: { params: noticeParams, body: objectionFormSchema },
    handle: async (ports: CasePorts & Pick<Ports, 'vault'>, _context, { params, body }) => ({
      body: await raiseObjection(ports, params.noticeId, body),
    }),
  }),
];
