/**
 * The entry of the functions behind the HTTP API (API Gateway, payload format 2.0): the function's own routes, by the
 * same `dispatch` as in the embedded edition.
 */
import * as z from 'zod';
import { unverifiedClaims } from '../access/jwt.ts';
import { notSignedIn } from '../access/policy.ts';
import { type CallerSource, callerBy, callerSource } from '../access/source.ts';
import { CORRELATION_HEADER, correlationIdFrom } from '../http/correlation.ts';
import { type Answer, dispatch, errorAnswer } from '../http/dispatch.ts';
import type { Route } from '../http/route.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import type { ItemStore } from '../ports.ts';
import { chain, type LambdaHandler } from './chain.ts';
import { aboutInvocation, logger } from './log.ts';

/** What the gateway makes an HTTP answer of. */
type ApiResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
};

const strings = z.record(z.string(), z.string());
const Authorizer = z.object({ jwt: z.object({ claims: z.object({ iss: z.string(), sub: z.string() }) }) });

const ApiEvent = z.object({
  version: z.literal('2.0'),
  routeKey: z.string(),
  rawPath: z.string(),
  rawQueryString: z.string(),
  headers: strings,
  pathParameters: strings.default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean(),
  requestContext: z.object({ authorizer: Authorizer.optional() }),
});
type ApiEvent = z.output<typeof ApiEvent>;

/** Every function whose routes need a caller has the table among its ports. */
const StoreAmong = z.object({
  items: z.custom<Pick<ItemStore, 'get'>>((value) => typeof value === 'object' && value !== null).optional(),
});

/**
 * Serves `routes`, of which the gateway hands on those of the manifest alone. Ports that take a call to somewhere to
 * come by may be given as a function, asked at each request.
 */
export const apiHandler = <P extends object>(
  routes: readonly Route<P>[],
  ports: P | (() => Promise<P>),
  source: CallerSource = callerSource(process.env),
): LambdaHandler<ApiResult> => {
  const byKey = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  return chain(ApiEvent.parse, async (event) => {
    const route = byKey.get(event.routeKey);
    if (route === undefined) throw new Error('the gateway has a route that this function does not serve');
    const correlationId = correlationIdFrom(event.headers[CORRELATION_HEADER]);
    const { caseId } = event.pathParameters;
    aboutInvocation({ correlationId, route: event.routeKey, ...(caseId !== undefined && { caseId }) });
    const {
      status,
      headers,
      body,
      base64 = false,
    } = await answer(route, ports, source, event, correlationId);
    return {
      statusCode: status,
      headers: { ...SECURITY_HEADERS, ...headers, [CORRELATION_HEADER]: correlationId },
      body,
      isBase64Encoded: base64,
    };
  });
};

const answer = async <P extends object>(
  route: Route<P>,
  given: P | (() => Promise<P>),
  source: CallerSource,
  event: ApiEvent,
  correlationId: string,
): Promise<Answer> => {
  const { rawPath, rawQueryString: query, headers, pathParameters: params } = event;
  try {
    const ports = typeof given === 'function' ? await given() : given;
    const claims = claimsBehind(event);
    const call = {
      target: query === '' ? rawPath : `${rawPath}?${query}`,
      params,
      query,
      headers,
      rawBody: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'),
      caller: claims === null ? null : await callerBy(source, StoreAmong.parse(ports).items, claims),
      correlationId,
    };
    return await dispatch(route, ports, call, logger);
  } catch (error) {
    return errorAnswer(error, { correlationId, logger, route: event.routeKey });
  }
};

/**
 * The claims of the token that the gateway's authorizer has verified; `null` where the route has none. The gateway
 * flattens the claims that it passes on (a list becomes "[a b]"), so they are read from the token itself; that it is
 * the verified one, and not another header of the same name, its issuer and subject say.
 */
const claimsBehind = ({
  headers,
  requestContext: { authorizer },
}: ApiEvent): Readonly<Record<string, unknown>> | null => {
  if (authorizer === undefined) return null;
  const { iss, sub } = authorizer.jwt.claims;
  const claims = unverifiedClaims(headers.authorization);
  if (claims.iss !== iss || claims.sub !== sub) throw notSignedIn('登录凭证无效，请重新登录。');
  return claims;
};
