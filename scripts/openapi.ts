/**
 * `npm run -s openapi`: writes `functions/read-openapi/openapi.json`, the API's description (OpenAPI 3.1), from the
 * routes themselves. A test builds it again and compares, so that the file served is never behind the code.
 */
import { writeFileSync } from 'node:fs';
import * as z from 'zod';
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi';
import { MAX_BODY_BYTES } from '#functions/shared/http/json.ts';
import { problemSchema, TITLES } from '#functions/shared/http/problem.ts';
import { refusalsOf } from '#functions/shared/http/refusals.ts';
import { type Route, TAGS } from '#functions/shared/http/route.ts';
import packageJson from '../package.json' with { type: 'json' };

export const OPENAPI_FILE = new URL('../functions/read-openapi/openapi.json', import.meta.url);

type Parameters = NonNullable<NonNullable<ZodOpenApiObject['components']>['parameters']>;
type Headers = NonNullable<NonNullable<ZodOpenApiObject['components']>['headers']>;

const visible = { type: 'string', pattern: '^[\\x21-\\x7e]+$' } as const;

const PARAMETERS = {
  CorrelationId: {
    name: 'X-Correlation-Id',
    in: 'header',
    description: '调用方自己的编号；答复和日志中用它。不填则由系统编一个。',
    schema: { type: 'string', pattern: '^[\\w.:-]{1,64}$' },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      '每次新的提交另取一个，例如 UUID。没有收到答复时以同一个键、同样的内容重发：24 小时内不会重复建立，答复与第一次相同。',
    schema: { ...visible, minLength: 8, maxLength: 128 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: '所依据的版本，即查看时答复的 ETag。其间有变动则答复 412。',
    schema: { ...visible, maxLength: 1000 },
    example: '"7"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: '已有内容的 ETag；没有变动则答复 304，不再传送内容。',
    schema: { type: 'string', maxLength: 1000 },
  },
} as const satisfies Parameters;

const HEADERS = {
  CorrelationId: { description: '本次请求的编号，查询日志用', schema: { type: 'string' }, required: true },
  ETag: { description: '内容的版本', schema: { type: 'string' } },
  Location: { description: '所建立内容的地址', schema: { type: 'string' } },
  Replayed: {
    description: 'true：这是第一次提交的结果，没有重复建立',
    schema: { type: 'string', enum: ['true'] },
  },
  RetryAfter: { description: '多少秒之后可以重试', schema: { type: 'integer' } },
} as const satisfies Headers;

const parameter = (name: keyof typeof PARAMETERS) => ({ $ref: `#/components/parameters/${name}` });
const header = (name: keyof typeof HEADERS) => ({ $ref: `#/components/headers/${name}` });

/** A problem document with one of these codes. */
const problem = (status: number, codes: ReadonlySet<string>) => ({
  description: `${TITLES[status] ?? '无法办理'}：${[...codes].join('、')}`,
  headers: {
    'X-Correlation-Id': header('CorrelationId'),
    ...(status === 429 ? { 'Retry-After': header('RetryAfter') } : {}),
  },
  content: {
    'application/problem+json': {
      schema: {
        allOf: [
          { $ref: '#/components/schemas/Problem' },
          {
            type: 'object' as const,
            properties: { status: { const: status }, code: { type: 'string' as const, enum: [...codes] } },
          },
        ],
      },
    },
  },
});

/** Many routes refuse with the same codes: each such response stands once, under a name made of its codes. */
const responseName = (status: number, codes: ReadonlySet<string>): string =>
  `${status}.${[...codes].join('.')}`;

const sharedResponses = (routes: readonly Route<never>[]) =>
  Object.fromEntries(
    routes.flatMap((route) =>
      [...refusalsOf(route)].map(([status, codes]) => [responseName(status, codes), problem(status, codes)]),
    ),
  );

const SECURITY = { jwt: [{ bearer: [] }], signature: [{ signature: [] }], public: [] };

/** Bytes, in one of these forms. */
const filesOf = (types: readonly string[]) =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } as const }]));

const operationOf = (route: Route<never>): ZodOpenApiOperationObject => {
  const { method, access, request, about, status, idempotent, ifMatch, maxBodyBytes, accepts } = route;
  const body = request.body ?? about.rawBody;
  const limit = `请求正文最多 ${(maxBodyBytes ?? MAX_BODY_BYTES) / 1024} KiB。`;
  const { params, query } = request;
  return {
    operationId: about.operationId,
    tags: [TAGS[about.tag]],
    summary: about.summary,
    description: [about.description, ...(body === undefined && accepts === undefined ? [] : [limit])].join(
      '',
    ),
    security: SECURITY[access],
    parameters: [
      parameter('CorrelationId'),
      ...(method === 'GET' ? [parameter('IfNoneMatch')] : []),
      ...(idempotent === undefined ? [] : [parameter('IdempotencyKey')]),
      ...(ifMatch === undefined ? [] : [parameter('IfMatch')]),
    ],
    requestParams: {
      ...(params instanceof z.ZodObject ? { path: params } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
    },
    ...(accepts === undefined ? {} : { requestBody: { required: true, content: filesOf(accepts) } }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: body,
                ...(about.example === undefined ? {} : { example: about.example }),
              },
            },
          },
        }),
    responses: {
      [`${status}` as `${1 | 2 | 3 | 4 | 5}${string}`]: {
        description: '成功',
        headers: {
          'X-Correlation-Id': header('CorrelationId'),
          ...(method === 'GET' || ifMatch !== undefined ? { ETag: header('ETag') } : {}),
          ...(status === 201 && about.operationId === 'openCase' ? { Location: header('Location') } : {}),
          ...(idempotent === undefined ? {} : { 'Idempotency-Replayed': header('Replayed') }),
        },
        content:
          about.file === undefined ? { 'application/json': { schema: about.answer } } : filesOf(about.file),
      },
      ...(method === 'GET'
        ? { 304: { description: '内容没有变动', headers: { 'X-Correlation-Id': header('CorrelationId') } } }
        : {}),
      ...Object.fromEntries(
        [...refusalsOf(route)].map(([code, codes]) => [
          code,
          { $ref: `#/components/responses/${responseName(code, codes)}` },
        ]),
      ),
    },
  };
};

const INTRODUCTION = `困难职工建档系统的接口。错误一律以 RFC 9457 问题文档答复：code 供程序判断，不会变动；detail 是给人看的中文说明；内容有误（422）时 faults 一次列出每一处的位置（JSON Pointer）、代码和说明。列表以 cursor 翻页：把答复中的 cursor 原样放进下一次查询，为 null 时到底。金额一律是文本形式的十进制数，null 表示尚不清楚，与零不同。`;

/** The description of these routes. */
export const describe = (routes: readonly Route<never>[]): unknown =>
  createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: '困难职工建档系统接口',
        version: packageJson.version,
        description: INTRODUCTION,
        license: { name: packageJson.license, identifier: packageJson.license },
      },
      servers: [{ url: '/', description: '本系统' }],
      tags: Object.values(TAGS).map((name) => ({ name })),
      paths: Object.fromEntries(
        [...Map.groupBy(routes, ({ path }) => path)].map(([path, of]) => [
          path,
          Object.fromEntries(of.map((route) => [route.method.toLowerCase(), operationOf(route)])),
        ]),
      ),
      components: {
        schemas: { Problem: problemSchema },
        parameters: PARAMETERS,
        headers: HEADERS,
        responses: sharedResponses(routes),
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: '登录后取得的凭证，置于 Authorization: Bearer 之后。',
          },
          signature: {
            type: 'apiKey',
            in: 'header',
            name: 'Signature',
            description: '民政信息中心的 RFC 9421 签名，见 docs/cross-check.md。',
          },
        },
      },
    },
    {
      allowEmptySchema: { unknown: true, custom: true, pipe: true },
      override: ({ zodSchema, jsonSchema }) => {
        // The one schema of ours that zod cannot describe: any JSON object.
        if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'object';
      },
    },
  );

/** The text of the file. */
export const textOf = (document: unknown): string => `${JSON.stringify(document, null, 1)}\n`;

if (import.meta.main) {
  const { routes } = await import('#functions/routes.ts');
  writeFileSync(OPENAPI_FILE, textOf(describe(routes)));
}
