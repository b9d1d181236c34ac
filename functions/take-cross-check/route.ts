import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { requestParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { takeCrossCheck } from './take-cross-check.ts';

export const takeCrossCheckRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cross-checks/{requestId}/results',
    access: 'signature',
    status: 200,
    request: { params: requestParams },
    handle: async (ports: CasePorts & Pick<Ports, 'settings'>, { message }, { params }) => ({
      body: await takeCrossCheck(ports, message, params.requestId),
    }),
  }),
];
