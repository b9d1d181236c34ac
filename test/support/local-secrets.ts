/** Secrets Manager as far as reading a secret goes. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';

export type LocalSecrets = {
  readonly url: string;
  /** Times that a secret was read. */
  readonly reads: number;
  stop(): Promise<void>;
};

const Read = z.object({ SecretId: z.string() });

/** Holds these secrets, by their ARNs. */
export async function startLocalSecrets(secrets: ReadonlyMap<string, string>): Promise<LocalSecrets> {
  let reads = 0;
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const refuse = (error: string): void => {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: error, message: error }));
    };
    const body = Read.safeParse(await json(request));
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
      return refuse('UnknownOperationException');
    if (!body.success) return refuse('ValidationException');
    const secret = secrets.get(body.data.SecretId);
    if (secret === undefined) return refuse('ResourceNotFoundException');
    reads += 1;
    response.end(JSON.stringify({ ARN: body.data.SecretId, Name: 'centre', SecretString: secret }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get reads() {
      return reads;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
