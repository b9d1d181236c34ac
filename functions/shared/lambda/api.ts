/** The entry of the functions behind the HTTP API (API Gateway, payload format 2.0). */
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { chain, type LambdaHandler } from './chain.ts';

/** A request as the gateway has let it through. */
export type ApiRequest = {
  readonly method: string;
  /** The declared path that matched: `/v1/cases/{caseId}`. */
  readonly route: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they came: signatures are verified over them. */
  readonly body: Uint8Array;
  /** The claims of the token that the authorizer has verified; absent where the route has no authorizer. */
  readonly claims?: Readonly<Record<string, unknown>>;
};

export type ApiResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

type ApiResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
};

const strings = z.record(z.string(), z.string());

const ApiEvent = z.object({
  version: z.literal('2.0'),
  routeKey: z.string().regex(/^[A-Z]+ \//),
  rawPath: z.string(),
  rawQueryString: z.string(),
  headers: strings,
  pathParameters: strings.default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean(),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }) }).optional(),
  }),
});

/**
 * `dispatch` answers every request, refusals included; what it throws is a fault and becomes the gateway's 500.
 */
export function apiHandler(
  dispatch: (request: ApiRequest) => Promise<ApiResponse>,
): LambdaHandler<ApiResult> {
  return chain(ApiEvent.parse, async (event) => result(await dispatch(requestOf(event))));
}

function requestOf(event: z.output<typeof ApiEvent>): ApiRequest {
  return {
    method: event.requestContext.http.method,
    route: event.routeKey.slice(event.routeKey.indexOf('/')),
    path: event.rawPath,
    parameters: event.pathParameters,
    query: new URLSearchParams(event.rawQueryString),
    headers: event.headers,
    body: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'),
    // The gateway flattens the claims that it passes on (a list becomes "[a b]"), so they are read from the token
    // itself, and only where the authorizer has verified it.
    ...(event.requestContext.authorizer && { claims: decodeJwt(bearer(event.headers)) }),
  };
}

function bearer(headers: Readonly<Record<string, string>>): string {
  return (headers.authorization ?? '').replace(/^Bearer +/i, '');
}

function result(response: ApiResponse): ApiResult {
  const binary = typeof response.body !== 'string';
  return {
    statusCode: response.status,
    headers: response.headers,
    body: typeof response.body === 'string' ? response.body : Buffer.from(response.body).toString('base64'),
    isBase64Encoded: binary,
  };
}
