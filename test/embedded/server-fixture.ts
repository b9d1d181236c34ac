/** A server with toy routes on a free port, and a raw connection for what no client library would send. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import type { Pages } from '#embedded/http/app.ts';
import { createServer, type ServerOptions } from '#embedded/server.ts';
import { notSignedIn } from '#functions/shared/access/policy.ts';
import { defineRoute, type Reply } from '#functions/shared/http/route.ts';
import { createLogger } from '#functions/shared/log.ts';
import { ABOUT } from '#test/support/toy-route.ts';

/** What the toy use cases do, so that a test can make them slow or faulty. */
export type Work = { readonly work: () => Promise<Reply> };

const ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/v1/notices',
    access: 'public',
    operation: 'notice.read',
    status: 200,
    about: ABOUT,
    request: { query: z.strictObject({ q: z.string().optional() }) },
    handle: async ({ work }: Work, _, { query }) => ({ body: { q: query.q ?? null }, ...(await work()) }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cases/{caseId}/things',
    access: 'jwt',
    operation: 'case.edit',
    status: 201,
    about: ABOUT,
    request: {
      params: z.strictObject({ caseId: z.string().max(20) }),
      body: z.strictObject({ note: z.string(), more: z.record(z.string(), z.string()).optional() }),
    },
    handle: async (_: Work, { caller, correlationId }, { params, body }) => ({
      body: { caseId: params.caseId, note: body.note, by: caller.subject, correlationId },
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}',
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    about: ABOUT,
    request: { params: z.strictObject({ caseId: z.string().max(20) }) },
    handle: async (_: Work, __, { params }) => ({ body: { caseId: params.caseId } }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cross-checks/{requestId}/results',
    access: 'signature',
    status: 202,
    about: ABOUT,
    request: { params: z.strictObject({ requestId: z.string() }), query: z.strictObject({ n: z.string() }) },
    handle: async (_: Work, { message }) => ({
      body: {
        target: message.target,
        digest: message.headers['content-digest'] ?? null,
        bytes: [...message.body],
      },
    }),
  }),
];

export const AUTHORIZED = { authorization: 'Bearer good', 'content-type': 'application/json' };

const authenticate: ServerOptions<Work>['authenticate'] = async (authorization) => {
  if (authorization === undefined) return null;
  if (authorization !== 'Bearer good') throw notSignedIn('登录凭证无效，请重新登录。');
  return { subject: 'u-1', name: '王芳', roles: ['applicant'] };
};

const acceptUpload: ServerOptions<Work>['acceptUpload'] = async (fields, file) => {
  let bytes = 0;
  for await (const chunk of file) bytes += chunk.length;
  return { status: 200, body: { fields, bytes } };
};

const extra: Pages = new Hono<{ Bindings: HttpBindings }>()
  .get('/', (context) => context.html('<p>首页', 200, { 'content-security-policy': "default-src 'self'" }))
  .get('/broken', () => {
    throw new Error('secret');
  });

/** Listens until the test is over. */
export const start = async (
  change: Partial<ServerOptions<Work>> = {},
  work: Work['work'] = async () => ({}),
) => {
  const log: string[] = [];
  const server = createServer({
    routes: ROUTES,
    ports: { work },
    authenticate,
    acceptUpload,
    openDownload: async (permit) => ({
      contentType: 'application/pdf',
      name: '申请书.pdf',
      bytes: Buffer.from(permit),
    }),
    logger: createLogger({ sink: (line) => log.push(line), wall: () => 0 }),
    extra: [extra],
    ...change,
  });
  const url = await server.listen(0);
  onTestFinished(() => server.close(0));
  return { server, url, log };
};

/** Sends pieces of text as they are and resolves with all that comes back until the other side hangs up. */
export const converse = async (url: string, ...pieces: readonly (string | Uint8Array)[]): Promise<string> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  const over = new Promise<void>((resolve) => {
    // A reset is one of the ways to hang up; what came before it is what counts.
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  for (const piece of pieces) {
    socket.write(piece);
    await delay(0);
  }
  await over;
  return Buffer.concat(received).toString('utf8');
};
