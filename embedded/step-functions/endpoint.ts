/**
 * The engine behind Step Functions' own protocol (AWS JSON 1.0 over HTTP), so that the service's SDK, and with it the
 * adapter of the cloud edition, can be run against it. Loopback only; signatures are not looked at.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Engine } from '../engine/engine.ts';
import { ACTIONS } from './actions.ts';
import { machineArns } from './arns.ts';
import { ServiceFault } from './fault.ts';

export type EndpointOptions = {
  readonly engine: Engine;
  /** The ARN by which the machine is called: its own, or of an alias. */
  readonly stateMachineArn: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Told of what is nobody's answer; the client is told `InternalFailure`. */
  readonly onFault: (error: unknown) => void;
};

export type Endpoint = { readonly url: string; close(): Promise<void> };

const TYPE = 'application/x-amz-json-1.0';
const TARGET = /^AWSStepFunctions\.(\w+)$/;
/** The service's own, of a whole request. */
const MAX_BODY_BYTES = 1024 * 1024;

const unknownOperation = (): ServiceFault =>
  new ServiceFault('UnknownOperationException', 'there is no such operation');

async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceFault('SerializationException', 'the request is not JSON');
  }
}

/** Starts it; resolves when it listens. `RangeError` for an ARN that is no state machine's. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const service = { engine: options.engine, arns: machineArns(options.stateMachineArn) };
  const answer = (body: object, status = 200): Response =>
    new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': TYPE, 'x-amzn-requestid': randomUUID() },
    });
  const refusal = ({ name, message }: ServiceFault, status = 400): Response =>
    answer({ __type: `com.amazonaws.swf.service.v2.model#${name}`, message }, status);

  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => refusal(new ServiceFault('SerializationException', 'the request is over 1 MiB'), 413),
    }),
  );
  app.post('/', async (context) => {
    const action = ACTIONS.get(TARGET.exec(context.req.header('x-amz-target') ?? '')?.[1] ?? '');
    if (action === undefined || context.req.header('content-type') !== TYPE) throw unknownOperation();
    return answer(await action(service, await bodyOf(context)));
  });
  app.notFound(() => refusal(unknownOperation(), 404));
  app.onError((error) => {
    if (error instanceof ServiceFault) return refusal(error);
    options.onFault(error);
    return answer({ __type: 'InternalFailure', message: 'the engine met a fault' }, 500);
  });

  const server = createServer(
    // Node's own 5 s cut off a client that reuses its connection in that very moment.
    { keepAliveTimeout: 65_000 },
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
  );
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
