/**
 * A stand-in for the civil-affairs information centre: takes signed requests over real HTTP and calls back with
 * signed results, as `docs/cross-check.md` describes. It listens on the loopback interface only and keeps its
 * state in memory; a request that is sent again is answered again.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import { crossCheckRequestSchema } from '#domain/filing/cross-check.ts';
import { SignatureRefused, verifyRequest } from '#functions/shared/http-signature.ts';
import type { KeyRing } from '#functions/shared/signature-keys.ts';
import { Courier, type CourierOptions, type SentEvent } from './courier.ts';
import { Exchange } from './exchange.ts';
import { planOf, type ScenarioRules } from './scenarios.ts';

export type SimulatorEvent =
  | SentEvent
  | { readonly event: 'requested'; readonly requestId: string; readonly scenario: string };

export type SimulatorOptions = {
  readonly keys: KeyRing;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** `host[:port]` under which the system knows the centre; the default is where it listens. */
  readonly authority?: string;
  readonly rules?: ScenarioRules;
  readonly report?: (event: SimulatorEvent) => void;
} & Partial<Pick<CourierOptions, 'wall' | 'pause'>>;

export type Simulator = {
  readonly url: string;
  /** Lets waiting answers go (`late`), of one request or of all; says how many. */
  release(requestId?: string): number;
  /** Resolves when nothing is under way; an answer that waits for `release` is. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

const wait: CourierOptions['pause'] = (milliseconds, signal) =>
  delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

const releaseSchema = z.strictObject({ requestId: z.string().optional() });

/** Starts it; resolves when it listens. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { keys, rules = [], report = () => undefined, wall = Date.now, pause = wait } = options;
  const stopping = new AbortController();
  const courier = new Courier({ key: keys.signing, report, wall, pause, signal: stopping.signal });
  const exchanges = new Map<string, Exchange>();

  const release = (requestId?: string): number =>
    [...exchanges].filter(([id, exchange]) => (requestId ?? id) === id && exchange.release()).length;

  let authority = options.authority ?? '';
  const app = new Hono();
  app.use(bodyLimit({ maxSize: 1024 * 1024 }));

  app.post('/requests', async (context) => {
    const body = new Uint8Array(await context.req.arrayBuffer());
    const verified = await verifyRequest(
      { method: 'POST', authority, path: '/requests', headers: context.req.header(), body },
      keys.trusted,
      { wall: wall(), tag: 'cross-check-request' },
    ).catch(refusalOf);
    if (verified instanceof SignatureRefused) {
      return context.json({ code: verified.code, message: verified.message }, 401);
    }
    const parsed = crossCheckRequestSchema.safeParse(parseJson(body));
    if (!parsed.success) return context.json({ code: 'invalid-input' }, 422);
    const { requestId } = parsed.data;
    const plan = planOf(parsed.data, rules);
    const exchange = exchanges.get(requestId) ?? new Exchange(parsed.data, verified.digest, plan, courier);
    if (exchange.digest !== verified.digest) return context.json({ code: 'request-conflict' }, 409);
    exchanges.set(requestId, exchange);
    report({ event: 'requested', requestId, scenario: plan.scenario });
    exchange.start();
    return context.json({ requestId, received: true }, 202);
  });

  app.post('/control/release', async (context) => {
    const body = new Uint8Array(await context.req.arrayBuffer());
    const parsed = releaseSchema.safeParse(body.length === 0 ? {} : parseJson(body));
    if (!parsed.success) return context.json({ code: 'invalid-input' }, 422);
    return context.json({ released: release(parsed.data.requestId) });
  });

  // Node's own 5 s cut off a client that reuses its connection in that very moment.
  const server = createServer({ keepAliveTimeout: 65_000 }, getRequestListener(app.fetch));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  authority ||= `127.0.0.1:${port}`;

  const settled = async (): Promise<void> => {
    await Promise.all([...exchanges.values()].map((exchange) => exchange.settled()));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    release,
    settled,
    async close() {
      stopping.abort();
      release();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, settled()]);
    },
  };
}

const refusalOf = (error: unknown): SignatureRefused => {
  if (error instanceof SignatureRefused) return error;
  throw error;
};

/** Undefined for what isn't JSON: no schema takes that. */
const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
};
