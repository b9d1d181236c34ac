import { crossCheckResultSchema } from '#domain/filing/cross-check.ts';
import type { CasePorts } from '#functions/shared/case-store.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { SIGNATURE_REFUSALS } from '#functions/shared/http-signature.ts';
import { requestParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { replySchema, takeCrossCheck } from './take-cross-check.ts';

export const takeCrossCheckRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cross-checks/{requestId}/results',
    access: 'signature',
    status: 200,
    about: {
      operationId: 'takeCrossCheckResult',
      tag: 'crossChecks',
      summary: '接收信息比对结果',
      description:
        '由民政信息中心调用，以 RFC 9421 签名；重复送达同一消息得到同一答复。协议见 docs/cross-check.md。',
      answer: replySchema,
      rawBody: crossCheckResultSchema,
      example: {
        requestId: '01kx0000000000000000000000',
        resultId: 'r-1',
        sequence: 1,
        final: true,
        categories: [
          {
            category: 'housing',
            source: '合肥市不动产登记中心',
            asOf: '2019-01-07',
            status: 'clean',
            items: [],
          },
        ],
      },
      refusals: {
        400: ['not-json', 'too-deep', 'too-many-values', 'duplicate-key'],
        401: SIGNATURE_REFUSALS,
        404: ['request-not-found', 'case-not-found'],
        409: ['nonce-reused', 'result-changed', 'case-busy'],
        415: ['unsupported-media-type'],
      },
    },
    request: { params: requestParams },
    handle: async (ports: CasePorts & Pick<Ports, 'settings'>, { message }, { params }) => ({
      body: await takeCrossCheck(ports, message, params.requestId),
    }),
  }),
];
