/** An HTTP server of a test's own, on a free port of this machine: what a stand-in for a service is made of. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type LocalServer = {
  readonly url: string;
  /** Resolves when it is down; whoever is still connected is hung up on. */
  stop(): Promise<void>;
};

/** Longer than any test pauses: a connection that ends while it is taken up again is a fault of nobody's. */
const KEEP_ALIVE_MS = 600_000;

/** Starts it; resolves when it listens. A handler that fails is told on the console, and its client is answered 500. */
export async function startLocalServer(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<LocalServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    try {
      await handle(request, response);
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
