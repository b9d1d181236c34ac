/**
 * The HTTP server of the one-machine edition: the routes under /v1, uploads, health, and whatever the composition
 * adds (portal pages, keys). It decides nothing; `dispatch` does.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import type { Authenticate } from '#functions/shared/access/jwt.ts';
import { AppError } from '#functions/shared/errors.ts';
import { CORRELATION_HEADER, correlationIdFrom } from '#functions/shared/http/correlation.ts';
import {
  type Answer,
  dispatch,
  errorAnswer,
  refusalAnswer,
  replyAnswer,
} from '#functions/shared/http/dispatch.ts';
import type { Route } from '#functions/shared/http/route.ts';
import type { Logger } from '#functions/shared/log.ts';
import manifest from '../package.json' with { type: 'json' };
import { type AcceptUpload, receiveUpload } from './upload.ts';

type Environment = { Bindings: HttpBindings; Variables: { correlationId: string } };
type RequestContext = Context<Environment>;

type ServerLimits = {
  /** Of a body of the API, in bytes. */
  readonly bodyBytes: number;
  /** Of an uploaded file, in bytes. */
  readonly uploadBytes: number;
  /** After which a request of the API is given up, in milliseconds. */
  readonly answerMs: number;
  /** In which a request must have arrived whole; a 20 MB photo on a slow line takes minutes. */
  readonly arrivalMs: number;
};

const LIMITS: ServerLimits = {
  bodyBytes: 1024 * 1024,
  uploadBytes: 32 * 1024 * 1024,
  // API Gateway's own limit in the cloud edition.
  answerMs: 30_000,
  arrivalMs: 300_000,
};

export type ServerOptions<P> = {
  readonly routes: readonly Route<P>[];
  readonly ports: P;
  readonly authenticate: Authenticate;
  readonly acceptUpload: AcceptUpload;
  readonly logger: Logger;
  /** Further pages; they keep the headers that they set themselves. */
  readonly extra?: readonly Hono[];
  readonly limits?: Partial<ServerLimits>;
};

export type EmbeddedServer = {
  /** Starts to listen and resolves with the address, `http://host:port`. Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  /**
   * Stops accepting, lets requests under way finish, and cuts off what is left after `graceMs` (5 s where left out).
   */
  close(graceMs?: number): Promise<void>;
};

/** Everything here is data or a download; pages that need more set a policy of their own. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

const notFound = (): AppError => new AppError('not-found', 404, '没有这个地址，请检查后重试。');
const badPath = (): AppError => new AppError('bad-path', 400, '地址的写法有误。');
const tooSlow = (): AppError => new AppError('too-slow', 503, '处理超时，请稍后查看结果或重试。');
const badRequest = (): AppError => new AppError('bad-request', 400, '请求的写法有误。');
const bodyTooLarge = (bytes: number): AppError =>
  new AppError('too-large', 413, `提交的内容过大，最多 ${Math.floor(bytes / 1024)} KiB。`, {
    maxBytes: bytes,
  });

const send = ({ status, headers, body }: Answer): Response =>
  new Response(body === '' ? null : body, { status, headers });

const targetOf = (context: RequestContext): string => context.env.incoming.url ?? '/';

/** The body, whole. Where it is too large the rest is read and dropped, so that the client is there to hear it. */
const readBody = async (incoming: IncomingMessage, limit: number): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const content: AsyncIterable<Uint8Array> = incoming.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > limit) throw bodyTooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    incoming.resume();
    // Anything else is the client's hanging up; nobody hears the answer.
    throw error instanceof AppError ? error : new AppError('incomplete', 400, '请求没有传完，请重试。');
  }
  return Buffer.concat(chunks);
};

const isDecodable = (target: string): boolean => {
  try {
    decodeURIComponent(target.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
};

const queryOf = (target: string): string => {
  const mark = target.indexOf('?');
  return mark === -1 ? '' : target.slice(mark + 1);
};

/** `/v1/cases/{caseId}` as hono writes it. */
const patternOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const frame =
  (logger: Logger): MiddlewareHandler<Environment> =>
  async (context, next) => {
    const started = performance.now();
    const correlationId = correlationIdFrom(context.req.header(CORRELATION_HEADER));
    context.set('correlationId', correlationId);
    await next();
    const { headers, status } = context.res;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!headers.has(name)) headers.set(name, value);
    }
    headers.set(CORRELATION_HEADER, correlationId);
    const durationMs = Math.round(performance.now() - started);
    logger.debug('request answered', { correlationId, method: context.req.method, status, durationMs });
  };

/** What node's parser refuses before there is a request. */
const refuseConnection = (error: Error & { code?: string }, socket: Duplex): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const refused =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new AppError('headers-too-large', 431, '请求头过大。')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new AppError('too-slow', 408, '请求没有按时传完，请重试。')
        : badRequest();
  const { status, headers, body } = refusalAnswer(refused, correlationIdFrom(undefined));
  const lines = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...lines.map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  );
};

const listen = (server: Server, port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
    });
  });

const close = (server: Server, graceMs: number): Promise<void> =>
  new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cutOff);
      resolve();
    });
  });

/** Composes the server; nothing listens yet. */
export const createServer = <P>(options: ServerOptions<P>): EmbeddedServer => {
  const { routes, ports, authenticate, acceptUpload, logger, extra = [] } = options;
  const limits = { ...LIMITS, ...options.limits };
  let closing = false;

  const problem = (context: RequestContext, error: unknown): Response => {
    const correlationId = context.get('correlationId');
    const route = `${context.req.method} ${context.req.routePath}`;
    return send(errorAnswer(error, { correlationId, logger, route }));
  };

  const serve =
    (route: Route<P>) =>
    async (context: RequestContext): Promise<Response> => {
      const target = targetOf(context);
      const headers = context.req.header();
      const caller = route.access === 'jwt' ? await authenticate(headers.authorization) : null;
      const call = {
        target,
        params: context.req.param(),
        query: queryOf(target),
        headers,
        rawBody: await readBody(context.env.incoming, limits.bodyBytes),
        caller,
        correlationId: context.get('correlationId'),
      };
      return send(await dispatch(route, ports, call, logger));
    };

  const app = new Hono<Environment>();
  app.onError((error, context) =>
    problem(context, error instanceof HTTPException && error.cause instanceof AppError ? error.cause : error),
  );
  app.notFound((context) => problem(context, notFound()));
  app.use(frame(logger));
  app.use(async (context, next) => {
    if (!isDecodable(targetOf(context))) throw badPath();
    await next();
    if (closing) context.res.headers.set('connection', 'close');
  });

  app.use(
    '/v1/*',
    timeout(limits.answerMs, () => new HTTPException(503, { cause: tooSlow() })),
  );
  app.get('/health', (context) => context.json({ status: 'ok', version: manifest.version }));
  app.post('/uploads', async (context) => {
    const reply = await receiveUpload(context.env.incoming, acceptUpload, limits.uploadBytes);
    return send(replyAnswer({ status: 204, ...reply }));
  });
  for (const route of routes) app.on(route.method, patternOf(route.path), serve(route));

  // After all of them, so that the refusal for one path never hides a route of another that fits as well.
  const served = [
    ...routes.map(({ method, path }) => ({ method, pattern: patternOf(path) })),
    { method: 'GET', pattern: '/health' },
    { method: 'POST', pattern: '/uploads' },
  ];
  for (const [pattern, of] of Map.groupBy(served, (each) => each.pattern)) {
    const methods = of.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    const allow = [...methods, 'OPTIONS'].join(', ');
    app.all(pattern, (context) => {
      if (context.req.method === 'OPTIONS') return context.body(null, 204, { allow });
      const refused = problem(context, new AppError('method-not-allowed', 405, '这个地址不支持此操作。'));
      refused.headers.set('allow', allow);
      return refused;
    });
  }
  for (const more of extra) app.route('/', more);

  const server = createHttpServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: Math.min(15_000, limits.arrivalMs),
      requestTimeout: limits.arrivalMs,
      connectionsCheckingInterval: Math.min(5_000, limits.arrivalMs),
    },
    getRequestListener(app.fetch, {
      overrideGlobalObjects: false,
      // Left alone, the adapter cuts a connection 500 ms after an answer that came before the end of the request: on
      // a slow line the client would never read its 401. Node drops the rest itself, within `requestTimeout`.
      autoCleanupIncoming: false,
      errorHandler: (error) => {
        const correlationId = correlationIdFrom(undefined);
        if (error instanceof RequestError) return send(refusalAnswer(badRequest(), correlationId));
        return send(errorAnswer(error, { correlationId, logger, route: 'before any route' }));
      },
    }),
  );
  server.on('clientError', refuseConnection);

  return {
    listen: (port, host = '127.0.0.1') => listen(server, port, host),
    close: (graceMs = 5_000) => {
      closing = true;
      return close(server, graceMs);
    },
  };
};
