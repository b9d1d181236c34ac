/** The HTTP server of the one-machine edition, over whatever routes, ports and pages it is composed of. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { correlationIdFrom } from '#functions/shared/http/correlation.ts';
import { errorAnswer, refusalAnswer } from '#functions/shared/http/dispatch.ts';
import { type AppOptions, createApp, send } from './http/app.ts';
import { badRequest, close, listen, refuseConnection } from './http/connection.ts';
import { RATE_LIMITS } from './http/limits.ts';

/** Something that answers everything below a path by itself. */
export type Mount = {
  /** Begins with a slash, ends without one. */
  readonly prefix: string;
  readonly handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
};

const noMounts: readonly Mount[] = [];

const DEFAULTS = {
  extra: [],
  allowedOrigins: [],
  rateLimits: RATE_LIMITS,
  trustedProxies: 0,
  checkAnswers: false,
  mounts: noMounts,
  uploadBytes: 32 * 1024 * 1024,
  // API Gateway's own limit in the cloud edition.
  answerMs: 30_000,
  // A 20 MB photo on a slow line takes minutes.
  arrivalMs: 300_000,
};

type Required = 'routes' | 'ports' | 'authenticate' | 'acceptUpload' | 'openDownload' | 'logger';
type Optional =
  | 'extra'
  | 'uploadBytes'
  | 'answerMs'
  | 'allowedOrigins'
  | 'rateLimits'
  | 'trustedProxies'
  | 'checkAnswers';

export type ServerOptions<P> = Pick<AppOptions<P>, Required> &
  Partial<Pick<AppOptions<P>, Optional>> & {
    readonly mounts?: readonly Mount[];
    /** In which a request must have arrived whole, in milliseconds. */
    readonly arrivalMs?: number;
  };

export type EmbeddedServer = {
  /** Starts to listen and resolves with the address, `http://host:port`. Port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  /**
   * Stops accepting, lets requests under way finish, and cuts off what is left after `graceMs` (5 s where left out).
   */
  close(graceMs?: number): Promise<void>;
};

/** Composes the server; nothing listens yet. */
export const createServer = <P>(options: ServerOptions<P>): EmbeddedServer => {
  const { arrivalMs, mounts, ...settings } = { ...DEFAULTS, ...options };
  const { logger } = options;
  let closing = false;
  const app = createApp({ ...settings, closing: () => closing });

  const answer = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // Left alone, the adapter cuts a connection 500 ms after an answer that came before the end of the request: on
    // a slow line the client would never read its 401. Node drops the rest itself, within `requestTimeout`.
    autoCleanupIncoming: false,
    errorHandler: (error) => {
      const correlationId = correlationIdFrom(undefined);
      if (error instanceof RequestError) return send(refusalAnswer(badRequest(), correlationId));
      return send(errorAnswer(error, { correlationId, logger, route: 'before any route' }));
    },
  });

  const server = createHttpServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: Math.min(15_000, arrivalMs),
      requestTimeout: arrivalMs,
      // Longer than proxies keep a connection of theirs (60 s mostly): who closes first must be the one that sends, or
      // a request meets a connection that is just being closed. Node's own 5 s did so in the demo on a busy machine.
      keepAliveTimeout: 75_000,
      connectionsCheckingInterval: Math.min(5_000, arrivalMs),
    },
    (incoming, outgoing) => {
      const path = (incoming.url ?? '').split('?', 1)[0] ?? '';
      const mount = mounts.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
      if (mount === undefined) return answer(incoming, outgoing);
      if (closing) outgoing.setHeader('connection', 'close');
      return mount.handle(incoming, outgoing);
    },
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
