import * as z from 'zod';
import { sealedFieldNameSchema } from '#domain/filing/accesses.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import type { OpeningPorts } from '#functions/shared/openings.ts';
import { caseParams } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { openField, openFieldSchema } from './open-field.ts';

export const openFieldRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/openings',
    access: 'jwt',
    operation: 'field.open',
    status: 200,
    maxBodyBytes: 4096,
    about: {
      operationId: 'openField',
      tag: 'access',
      summary: '查看一项明文',
      description:
        '须写明用途；先记入办理过程，再答复明文。每人每小时、每天的次数有限。答复不留存、不缓存，重复提交即再查看一次。',
      answer: z.strictObject({ field: sealedFieldNameSchema, value: z.string() }),
      refusals: {
        403: ['purpose-not-allowed'],
        404: ['case-not-found', 'field-not-found'],
        409: ['case-busy', 'archiving'],
        429: ['too-many-openings'],
      },
      example: { field: 'phone', purpose: 'visit', note: '约定走访时间' },
    },
    request: { params: caseParams, body: openFieldSchema },
    handle: async (ports: OpeningPorts & Pick<Ports, 'vault'>, { caller }, { params, body }) => ({
      body: { field: body.field, value: await openField(ports, caller, params.caseId, body) },
      headers: { 'cache-control': 'no-store' },
    }),
  }),
];
