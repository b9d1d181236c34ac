/**
 * `npm run -s cross-check-openapi`: writes `docs/cross-check.openapi.json`, the exchange with the centre as OpenAPI 3.1,
 * made of the schemas that stand at both ends of the wire. A test makes it again and compares.
 */
import { writeFileSync } from 'node:fs';
import * as z from 'zod';
import {
  crossCheckReceiptSchema,
  crossCheckRequestSchema,
  crossCheckResultSchema,
} from '#domain/filing/cross-check.ts';

export const OPENAPI_DOCUMENT = new URL('../docs/cross-check.openapi.json', import.meta.url);

const schemaOf = (schema: z.ZodType): unknown => {
  // OpenAPI 3.1 has this dialect for its own; it need not be named in each schema.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // An empty tuple is an empty list; no keyword may hold an empty list of places.
      if (jsonSchema.prefixItems?.length === 0) {
        delete jsonSchema.prefixItems;
        delete jsonSchema.items;
        jsonSchema.maxItems = 0;
      }
    },
  });
  return rest;
};

const signature = (tag: string) =>
  [
    ['content-digest', 'RFC 9530: `sha-256` or `sha-512` over the raw bytes of the body.'],
    [
      'signature-input',
      `RFC 9421, one signature: covers "@method" "@authority" "@path" "content-digest" "content-type"; parameters created (at most 5 minutes old), nonce, keyid, alg, tag="${tag}".`,
    ],
    ['signature', 'RFC 9421: Ed25519 or HMAC-SHA-256.'],
  ].map(([name, description]) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string' },
  }));

const json = (name: string, description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
});
const body = (name: string) => ({
  required: true,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
});

/** The document, ready to be written. */
export const openApi = (): Readonly<Record<string, unknown>> => ({
  openapi: '3.1.0',
  info: {
    title: '困难职工家庭信息比对（Cross-check with the civil-affairs information centre）',
    version: '1.0.0',
    description: 'docs/cross-check.md is the whole protocol: signatures, keys, repetitions, sheets.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: 'https://centre.example', description: 'The centre' }],
  paths: {
    '/requests': {
      post: {
        operationId: 'requestCrossCheck',
        summary: 'The system asks the centre',
        parameters: signature('cross-check-request'),
        requestBody: body('Request'),
        responses: {
          202: json('Receipt', 'Taken; the same request again gets the same answer.'),
          401: json('Refusal', 'The signature was refused.'),
          409: json('Refusal', 'The id is taken by another request.'),
          422: json('Refusal', 'The request is wrong.'),
          503: { description: 'Not now: sent again, with pauses that grow.' },
        },
        callbacks: {
          result: {
            '{$request.body#/callback}': {
              post: {
                operationId: 'sendResult',
                summary: 'The centre answers, once or in parts',
                parameters: signature('cross-check-result'),
                requestBody: body('Result'),
                responses: {
                  200: json('Taken', 'Taken; the same nonce with the same bytes gets the recorded answer.'),
                  401: json('Refusal', 'The signature was refused: forged, expired, truncated.'),
                  404: json('Refusal', 'No such request.'),
                  409: json('Refusal', 'A nonce or a result id that was used for other content.'),
                  422: json('Refusal', 'The result is wrong, or names persons or categories not asked for.'),
                  503: { description: 'Not now: to be sent again with the same nonce and bytes.' },
                },
              },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Request: schemaOf(crossCheckRequestSchema),
      Receipt: schemaOf(crossCheckReceiptSchema),
      Result: schemaOf(crossCheckResultSchema),
      Taken: {
        type: 'object',
        required: ['received', 'complete'],
        properties: { received: { const: true }, complete: { type: 'boolean' } },
      },
      Refusal: {
        type: 'object',
        required: ['code'],
        properties: { code: { type: 'string' } },
      },
    },
  },
});

export const openApiText = (): string => `${JSON.stringify(openApi(), null, 2)}\n`;

if (import.meta.main) writeFileSync(OPENAPI_DOCUMENT, openApiText());
