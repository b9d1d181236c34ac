/** The routes, uploads, health and further pages as one hono app; the use cases' own answers come from `dispatch`. */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import type { Authenticate } from '#functions/shared/access/jwt.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { AppError } from '#functions/shared/errors.ts';
import { CORRELATION_HEADER, correlationIdFrom } from '#functions/shared/http/correlation.ts';
import { CORS } from '#functions/shared/http/cors.ts';
import {
  type Answer,
  checkedRoute,
  dispatch,
  errorAnswer,
  replyAnswer,
} from '#functions/shared/http/dispatch.ts';
import { MAX_BODY_BYTES } from '#functions/shared/http/json.ts';
import type { FileReply, Route } from '#functions/shared/http/route.ts';
import { SECURITY_HEADERS } from '#functions/shared/http/security-headers.ts';
import type { Logger } from '#functions/shared/log.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { readBody } from './body.ts';
import { addressOf, type RateLimits, rateLimits } from './limits.ts';
import { type AcceptUpload, receiveUpload } from './upload.ts';

type Environment = { Bindings: HttpBindings; Variables: { correlationId: string } };
type RequestContext = Context<Environment>;

/** Further pages as an app of their own. */
export type Pages = Hono<{ Bindings: HttpBindings }>;

export type AppOptions<P> = {
  readonly routes: readonly Route<P>[];
  readonly ports: P;
  readonly authenticate: Authenticate;
  readonly acceptUpload: AcceptUpload;
  /** The file that a link of the document store leads to, by the link's last segment. */
  readonly openDownload: (permit: string) => Promise<FileReply>;
  readonly logger: Logger;
  /** Further pages; they keep the headers that they set themselves. */
  readonly extra: readonly Pages[];
  /** Origins whose pages may call the API. */
  readonly allowedOrigins: readonly string[];
  readonly rateLimits: RateLimits;
  /** How many proxies of the installation's own stand before the server. */
  readonly trustedProxies: number;
  /** Holds answers against the API's description: while developing, and in tests. */
  readonly checkAnswers: boolean;
  /** Of an uploaded file, in bytes. */
  readonly uploadBytes: number;
  /** After which a request of the API is given up, in milliseconds. */
  readonly answerMs: number;
  /** Whether the server is about to close: connections are then not kept. */
  readonly closing: () => boolean;
};

const notFound = (): AppError => new AppError('not-found', 404, '没有这个地址，请检查后重试。');
const badPath = (): AppError => new AppError('bad-path', 400, '地址的写法有误。');
const tooSlow = (): AppError => new AppError('too-slow', 503, '处理超时，请稍后查看结果或重试。');
const methodNotAllowed = (): AppError => new AppError('method-not-allowed', 405, '这个地址不支持此操作。');

export const send = ({ status, headers, body, base64 }: Answer): Response => {
  const content = base64 ? Buffer.from(body, 'base64') : body;
  return new Response(body === '' ? null : content, { status, headers });
};

const targetOf = (context: RequestContext): string => context.env.incoming.url ?? '/';

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

/** The correlation id, and the headers that every answer has. */
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

export const createApp = <P>(options: AppOptions<P>): Hono<Environment> => {
  const { ports, authenticate, acceptUpload, openDownload, logger, extra, uploadBytes, answerMs, closing } =
    options;
  const routes = options.checkAnswers ? options.routes.map(checkedRoute) : options.routes;
  const take = rateLimits(options.rateLimits);
  const addressBehind = (context: RequestContext): string =>
    addressOf(
      {
        peer: context.env.incoming.socket.remoteAddress ?? '',
        forwardedFor: context.req.header('x-forwarded-for'),
      },
      options.trustedProxies,
    );

  /** Who calls; a token that is refused counts against its address. */
  const callerOf = async (context: RequestContext): Promise<Caller | null> => {
    try {
      const caller = await authenticate(context.req.header('authorization'));
      await (caller === null ? take('address', addressBehind(context)) : take('caller', caller.subject));
      return caller;
    } catch (error) {
      if (error instanceof AppError && error.status === 401) await take('address', addressBehind(context));
      throw error;
    }
  };

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
      const caller = route.access === 'jwt' ? await callerOf(context) : null;
      if (route.access !== 'jwt') {
        await take(route.access === 'signature' ? 'signature' : 'address', addressBehind(context));
      }
      const call = {
        target,
        params: context.req.param(),
        query: queryOf(target),
        headers,
        rawBody: await readBody(context.env.incoming, route.maxBodyBytes ?? MAX_BODY_BYTES),
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
    if (closing()) context.res.headers.set('connection', 'close');
  });

  // A page that may not call gets no word of it, and its browser keeps the answer from it.
  const shared = cors({
    origin: [...options.allowedOrigins],
    allowMethods: [...CORS.methods],
    allowHeaders: [...CORS.requestHeaders],
    exposeHeaders: [...CORS.responseHeaders],
    maxAge: CORS.maxAgeSeconds,
  });
  for (const path of ['/v1/*', '/uploads', '/downloads/*']) {
    app.use(path, (context, next) => {
      const plainOptions =
        context.req.method === 'OPTIONS' && context.req.header('access-control-request-method') === undefined;
      return plainOptions || options.allowedOrigins.length === 0 ? next() : shared(context, next);
    });
  }
  app.use(
    '/v1/*',
    timeout(answerMs, () => new HTTPException(503, { cause: tooSlow() })),
  );
  app.get('/health', (context) => context.json({ status: 'ok', version: packageJson.version }));
  app.post('/uploads', async (context) => {
    await take('upload', addressBehind(context));
    const reply = await receiveUpload(context.env.incoming, acceptUpload, uploadBytes);
    return send(replyAnswer({ status: 204, ...reply }));
  });
  app.get('/downloads/:permit', async (context) => {
    await take('address', addressBehind(context));
    const file = await openDownload(context.req.param('permit'));
    return send(replyAnswer({ status: 200, file }));
  });
  for (const route of routes) app.on(route.method, patternOf(route.path), serve(route));

  // After all of them, so that the refusal for one path never hides a route of another that fits as well.
  const served = [
    ...routes.map(({ method, path }) => ({ method, pattern: patternOf(path) })),
    { method: 'GET', pattern: '/health' },
    { method: 'POST', pattern: '/uploads' },
    { method: 'GET', pattern: '/downloads/:permit' },
  ];
  for (const [pattern, of] of Map.groupBy(served, (each) => each.pattern)) {
    const methods = of.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    const allow = [...methods, 'OPTIONS'].join(', ');
    app.all(pattern, (context) => {
      if (context.req.method === 'OPTIONS') return context.body(null, 204, { allow });
      const refused = problem(context, methodNotAllowed());
      refused.headers.set('allow', allow);
      return refused;
    });
  }
  for (const more of extra) app.route('/', more);
  return app;
};
