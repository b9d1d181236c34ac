/**
 * DynamoDB Local with what stands around a table in the cloud: a meter on its way in, by the capacity that it reports
 * itself, and the event source mapping that hands the outbox's new rows to the relay (`infra/stacks/events.ts`).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { OUTBOX_PREFIX } from '#functions/shared/keys.ts';
import { type LocalServer, startLocalServer } from '../local-server.ts';

// ---------------------------------------------------------------- the way in

/**
 * Request units by kind, as an on-demand table bills them. What a cancelled transaction costs is not told by an answer:
 * its units are reckoned from what was sent, so they are the most that it can be.
 */
export type Capacity = {
  readUnits: number;
  writeUnits: number;
  requests: number;
  cancelled: number;
  cancelledUnits: number;
};

export type MeteredTable = LocalServer & { readonly capacity: Readonly<Capacity> };

const key = z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) });
const requestSchema = z.object({
  TransactItems: z
    .array(
      z.object({
        Put: z.object({ Item: z.looseObject(key.shape) }).optional(),
        ConditionCheck: z.object({}).optional(),
      }),
    )
    .optional(),
});
const consumed = z.object({ CapacityUnits: z.number() });
const answerSchema = z.object({ ConsumedCapacity: z.union([consumed, z.array(consumed)]).optional() });

const READS: ReadonlySet<string> = new Set(['GetItem', 'Query', 'BatchGetItem', 'TransactGetItems']);
/** A transaction's check is two units, as any of its writes of up to 1 KB; DynamoDB Local counts none for it. */
const CHECK_UNITS = 2;

/** Stands before the table at `target`; `written` is told the keys of new outbox rows once they are stored. */
export async function meterTable(
  target: string,
  written: (keys: readonly string[]) => void,
): Promise<MeteredTable> {
  const capacity: Capacity = {
    readUnits: 0,
    writeUnits: 0,
    requests: 0,
    cancelled: 0,
    cancelledUnits: 0,
  };

  const count = (operation: string, sent: z.output<typeof requestSchema>, answer: string): void => {
    const { ConsumedCapacity = [] } = answerSchema.parse(JSON.parse(answer));
    const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
    const checks = (sent.TransactItems ?? []).filter(({ ConditionCheck }) => ConditionCheck !== undefined);
    if (READS.has(operation)) capacity.readUnits += units;
    else capacity.writeUnits += units + checks.length * CHECK_UNITS;
    capacity.requests += 1;
  };

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const raw = z.record(z.string(), z.unknown()).parse(await json(request));
    const sent = requestSchema.parse(raw);
    const answer = await fetch(target, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': String(request.headers['x-amz-target']),
        authorization: String(request.headers.authorization),
      },
      body: JSON.stringify({ ...raw, ReturnConsumedCapacity: 'TOTAL' }),
    });
    const text = await answer.text();
    if (answer.ok) {
      count(operation, sent, text);
      const rows = (sent.TransactItems ?? []).flatMap(({ Put }) =>
        Put?.Item.pk.S.startsWith(OUTBOX_PREFIX) ? [`${Put.Item.pk.S}|${Put.Item.sk.S}`] : [],
      );
      if (rows.length > 0) written(rows);
    }
    if (sent.TransactItems !== undefined && text.includes('TransactionCanceledException')) {
      capacity.cancelled += 1;
      for (const { Put } of sent.TransactItems) {
        const bytes = Put === undefined ? 0 : Buffer.byteLength(JSON.stringify(Put.Item));
        capacity.cancelledUnits += 2 * Math.max(1, Math.ceil(bytes / 1024));
      }
    }
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(text);
  };

  const server = await startLocalServer(pass);
  return { ...server, capacity };
}

// ---------------------------------------------------------------- the stream

const recordSchema = z.looseObject({
  eventName: z.string(),
  dynamodb: z.looseObject({ SequenceNumber: z.string(), Keys: key }),
});
type StreamRecord = z.output<typeof recordSchema>;
const recordsSchema = z.object({ Records: z.array(recordSchema), NextShardIterator: z.string() });
const batchSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** As the mapping of `infra/stacks/events.ts` has them. */
const BATCH = 100;
const RETRIES = 5;
/** A stream follows its table within milliseconds; a record that is not there after so many looks is lost. */
const LOOKS = 2_000;
const LOOK_EVERY_MS = 5;

export type OutboxStream = {
  /** These rows were written: their records are awaited, and handed on. */
  expect(keys: readonly string[]): void;
  /** Resolves when nothing is awaited or handed on; rejects where a record never came. */
  idle(): Promise<void>;
  /** Records that were given up after all retries: what the queue of failures would hold. */
  readonly failed: readonly StreamRecord[];
};

/** Reads the stream's one shard of DynamoDB Local and hands batches on, in order, as Lambda's mapping does. */
export async function followOutbox(
  url: string,
  streamArn: string,
  deliver: (event: { readonly Records: readonly StreamRecord[] }) => Promise<unknown>,
): Promise<OutboxStream> {
  const call = async (operation: string, body: object): Promise<unknown> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20190101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const described = z
    .object({ StreamDescription: z.object({ Shards: z.tuple([z.object({ ShardId: z.string() })]) }) })
    .parse(await call('DescribeStream', { StreamArn: streamArn }));
  const { ShardIterator } = z.object({ ShardIterator: z.string() }).parse(
    await call('GetShardIterator', {
      StreamArn: streamArn,
      ShardId: described.StreamDescription.Shards[0].ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  let iterator = ShardIterator;
  const awaited = new Set<string>();
  const failed: StreamRecord[] = [];
  let running: Promise<void> | undefined;

  /** A batch is handed over whole, then from its first failure on, until there is none or enough is enough. */
  const handOver = async (batch: readonly StreamRecord[]): Promise<void> => {
    let left = batch;
    for (let attempt = 0; attempt <= RETRIES && left.length > 0; attempt += 1) {
      const failures = await deliver({ Records: left }).then(
        (result) => batchSchema.parse(result).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
        () => left.slice(0, 1).map(({ dynamodb }) => dynamodb.SequenceNumber),
      );
      const first = left.findIndex(({ dynamodb }) => failures.includes(dynamodb.SequenceNumber));
      left = first === -1 ? [] : left.slice(first);
    }
    failed.push(...left);
  };

  const read = async (): Promise<void> => {
    for (let looks = 0; awaited.size > 0; looks += 1) {
      if (looks === LOOKS) throw new Error(`${awaited.size} records never came`);
      const page = recordsSchema.parse(await call('GetRecords', { ShardIterator: iterator }));
      iterator = page.NextShardIterator;
      if (page.Records.length === 0) {
        await pause(LOOK_EVERY_MS);
        continue;
      }
      looks = 0;
      const wanted = page.Records.filter(
        ({ eventName, dynamodb }) => eventName === 'INSERT' && dynamodb.Keys.pk.S.startsWith(OUTBOX_PREFIX),
      );
      for (let from = 0; from < wanted.length; from += BATCH) {
        await handOver(wanted.slice(from, from + BATCH));
      }
      for (const { dynamodb } of wanted) awaited.delete(`${dynamodb.Keys.pk.S}|${dynamodb.Keys.sk.S}`);
    }
  };

  return {
    expect: (keys) => {
      for (const one of keys) awaited.add(one);
      running ??= read().finally(() => {
        running = undefined;
      });
      // Whoever waits for `idle` is told; until then a failure is nobody's.
      running.catch(() => {});
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
    failed,
  };
}
