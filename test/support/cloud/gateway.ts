/**
 * API Gateway's HTTP API for tests, as `infra/stacks/api.ts` sets it up: the manifest's routes, the JWT authorizer
 * (RS256 alone; claims flattened to text), payload format 2.0, and its own sparse answers where no function is asked.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import {
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionName,
  type RouteDeclaration,
  type Trigger,
} from '#functions/manifest.ts';
import { type LocalServer, startLocalServer } from '../local-server.ts';

export type GatewayOptions = {
  readonly invoke: (name: FunctionName, event: unknown) => Promise<unknown>;
  readonly keys: JSONWebKeySet;
  readonly issuer: string;
  readonly audience: string;
};

export type Gateway = LocalServer & {
  /** Requests that were let through to a function. */
  readonly requests: number;
  readonly underWay: number;
};

type Target = { readonly name: FunctionName; readonly route: RouteDeclaration; readonly path: URLPattern };

const targets: readonly Target[] = FUNCTION_NAMES.flatMap((name) => {
  const trigger: Trigger = FUNCTIONS[name].trigger;
  if (trigger.kind !== 'routes') return [];
  return trigger.routes.map((route) => ({
    name,
    route,
    path: new URLPattern({ pathname: route.path.replaceAll(/\{(\w+)\}/g, ':$1') }),
  }));
});

const resultSchema = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  isBase64Encoded: z.boolean(),
});

/** A list becomes `[a b]`, everything else its text. */
const flattened = (claims: JWTPayload): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );

const message = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message: text }));
};

const TEXT = /^(text\/|application\/(json|javascript|xml|.*\+json))/;

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { invoke, issuer, audience } = options;
  const keySet = createLocalJWKSet(options.keys);
  let requests = 0;
  let underWay = 0;

  const claimsOf = async (authorization: string | undefined): Promise<JWTPayload | undefined> => {
    try {
      const token = (authorization ?? '').replace(/^Bearer +/i, '');
      return (await jwtVerify(token, keySet, { issuer, audience, algorithms: ['RS256'] })).payload;
    } catch {
      // Whatever is wrong with it, the gateway says the same.
      return undefined;
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://gateway');
    // A path without parameters comes before one that fits by a parameter, as with API Gateway.
    const fitting = targets.filter(
      ({ route, path }) => route.method === request.method && path.test({ pathname: url.pathname }),
    );
    const found = fitting.find(({ route }) => !route.path.includes('{')) ?? fitting[0];
    if (found === undefined) return message(response, 404, 'Not Found');
    const claims = found.route.access === 'jwt' ? await claimsOf(request.headers.authorization) : undefined;
    if (found.route.access === 'jwt' && claims === undefined) return message(response, 401, 'Unauthorized');

    const body = await buffer(request);
    const text = TEXT.test(request.headers['content-type'] ?? '');
    const routeKey = `${found.route.method} ${found.route.path}`;
    const parameters = found.path.exec({ pathname: url.pathname })?.pathname.groups ?? {};
    requests += 1;
    const event = {
      version: '2.0',
      routeKey,
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(',')]),
      ),
      ...(url.search === '' ? {} : { queryStringParameters: Object.fromEntries(url.searchParams) }),
      requestContext: {
        accountId: '123456789012',
        apiId: 'testapi123',
        ...(claims === undefined ? {} : { authorizer: { jwt: { claims: flattened(claims), scopes: null } } }),
        domainName: request.headers.host,
        domainPrefix: 'testapi123',
        http: {
          method: request.method,
          path: url.pathname,
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: request.headers['user-agent'] ?? '',
        },
        requestId: `request-${requests}`,
        routeKey,
        stage: '$default',
        time: new Date().toUTCString(),
        timeEpoch: Date.now(),
      },
      ...(Object.keys(parameters).length === 0
        ? {}
        : {
            pathParameters: Object.fromEntries(
              Object.entries(parameters).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
            ),
          }),
      ...(body.length === 0 ? {} : { body: body.toString(text ? 'utf8' : 'base64') }),
      isBase64Encoded: body.length > 0 && !text,
    };
    const result = await invoke(found.name, event).then(
      (given) => resultSchema.safeParse(given),
      () => undefined,
    );
    if (result === undefined || !result.success) return message(response, 500, 'Internal Server Error');
    const { statusCode, headers, body: answer, isBase64Encoded } = result.data;
    response.writeHead(statusCode, headers);
    response.end(Buffer.from(answer, isBase64Encoded ? 'base64' : 'utf8'));
  };

  const server = await startLocalServer(async (request, response) => {
    underWay += 1;
    try {
      await serve(request, response);
    } finally {
      underWay -= 1;
    }
  });
  return {
    ...server,
    get requests() {
      return requests;
    },
    get underWay() {
      return underWay;
    },
  };
}
