/** Secrets Manager as far as reading a secret goes. */
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { type LocalServer, startLocalServer } from './local-server.ts';

export type LocalSecrets = LocalServer & {
  /** Times that a secret was read. */
  readonly reads: number;
};

const Read = z.object({ SecretId: z.string() });

/** Holds these secrets, by their ARNs. */
export async function startLocalSecrets(secrets: ReadonlyMap<string, string>): Promise<LocalSecrets> {
  let reads = 0;
  const server = await startLocalServer(async (request, response) => {
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
  });
  return {
    ...server,
    get reads() {
      return reads;
    },
  };
}
