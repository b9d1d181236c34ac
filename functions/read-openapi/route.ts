/**
 * The API's description, for programs (`/docs` of the one-machine edition shows it to people). It is a file made from
 * the routes (`npm run -s openapi`), so that this function holds no other function's code.
 */
import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import document from './openapi.json' with { type: 'json' };

const body = jsonObjectSchema.parse(document);

export const readOpenapiRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/openapi.json',
    access: 'public',
    operation: 'description.read',
    status: 200,
    about: {
      operationId: 'readDescription',
      tag: 'description',
      summary: '接口说明（OpenAPI 3.1）',
      answer: z.looseObject({ openapi: z.string() }),
      refusals: {},
    },
    request: {},
    handle: async (_ports: object) => ({ body }),
  }),
];
