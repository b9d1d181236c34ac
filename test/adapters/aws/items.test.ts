import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { ConditionFailed, LimitExceeded } from '#functions/shared/errors.ts';
import type { ItemOperation } from '#functions/shared/ports.ts';
import { type JsonAnswer, type JsonService, startJsonService } from '#test/support/json-service.ts';

let service: JsonService;
let client: DynamoDBClient;
let pauses: number[];
let store: DynamoItemStore;

beforeAll(async () => {
  service = await startJsonService();
  client = new DynamoDBClient({
    endpoint: service.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await service.stop();
});
beforeEach(() => {
  pauses = [];
  store = new DynamoItemStore({
    client,
    table: 'filing',
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
    },
  });
});

const cancelled = (...codes: string[]): JsonAnswer => ({
  error: 'TransactionCanceledException',
  more: { CancellationReasons: codes.map((Code) => ({ Code })) },
});
const done: JsonAnswer = { result: {} };
const operations: ItemOperation[] = ['a', 'b', 'c'].map((sk) => ({
  type: 'put',
  item: { pk: 'p', sk, version: 2, schema: 1, data: {} },
  condition: { version: 1 },
}));

describe('transactions of DynamoDB', () => {
  it('carry each operation with its condition', async () => {
    service.answer(done);
    await store.transact([
      {
        type: 'put',
        item: {
          pk: 'p',
          sk: 'a',
          version: 1,
          schema: 1,
          data: { x: 1 },
          index: { gsi1: { pk: 'g', sk: 'h' } },
        },
        condition: 'absent',
      },
      {
        type: 'update',
        key: { pk: 'p', sk: 'b' },
        set: { y: 'z' },
        remove: ['w'],
        condition: { version: 4 },
      },
      { type: 'delete', key: { pk: 'p', sk: 'c' } },
      { type: 'check', key: { pk: 'p', sk: 'd' }, condition: { version: 5 } },
    ]);
    expect(service.requests).toMatchObject([
      {
        operation: 'TransactWriteItems',
        body: {
          ClientRequestToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
          TransactItems: [
            {
              Put: {
                TableName: 'filing',
                Item: {
                  data: { M: { x: { N: '1' } } },
                  version: { N: '1' },
                  gsi1pk: { S: 'g' },
                  gsi1sk: { S: 'h' },
                },
                ConditionExpression: 'attribute_not_exists(#pk)',
              },
            },
            {
              Update: {
                ConditionExpression: '#version = :expected',
                UpdateExpression: 'SET #version = #version + :one, #data.#s0 = :s0 REMOVE #data.#r0',
                ExpressionAttributeNames: { '#version': 'version', '#data': 'data', '#s0': 'y', '#r0': 'w' },
                ExpressionAttributeValues: { ':expected': { N: '4' }, ':one': { N: '1' }, ':s0': { S: 'z' } },
              },
            },
            { Delete: { Key: { pk: { S: 'p' }, sk: { S: 'c' } } } },
            { ConditionCheck: { ExpressionAttributeValues: { ':expected': { N: '5' } } } },
          ],
        },
      },
    ]);
  });

  it('a conflict is tried again, with growing jitter and the same token', async () => {
    service.answer(
      cancelled('None', 'TransactionConflict', 'None'),
      cancelled('TransactionConflict', 'TransactionConflict', 'None'),
      done,
    );
    await store.transact(operations);
    const tokens = service.requests.map(({ body }) =>
      typeof body === 'object' && body !== null && 'ClientRequestToken' in body
        ? body.ClientRequestToken
        : '',
    );
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
    expect(pauses).toHaveLength(2);
    expect(pauses[0]).toBeLessThanOrEqual(25);
    expect(pauses[1]).toBeLessThanOrEqual(50);
  });

  it('a conflict that does not end is told after nine attempts', async () => {
    service.answer(...Array.from({ length: 20 }, () => cancelled('TransactionConflict')));
    await expect(store.transact(operations)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(service.requests).toHaveLength(9);
    expect(pauses.every((pause) => pause >= 0 && pause <= 1_000)).toBe(true);
  });

  it('a failed condition is never tried again, also beside a conflict', async () => {
    service.answer(
      cancelled('ConditionalCheckFailed', 'TransactionConflict', 'ConditionalCheckFailed'),
      done,
    );
    const error: unknown = await store.transact(operations).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConditionFailed);
    expect(error).toMatchObject({ operations: [0, 2] });
    expect(service.requests).toHaveLength(1);
  });

  it('an item that grew too large is a limit', async () => {
    service.answer(cancelled('None', 'ValidationError', 'None'));
    await expect(store.transact(operations)).rejects.toBeInstanceOf(LimitExceeded);
  });

  it.each(['ThrottlingError', 'ProvisionedThroughputExceeded', 'ItemCollectionSizeLimitExceeded'])(
    '%s is told as it is',
    async (code) => {
      service.answer(cancelled('None', code, 'TransactionConflict'), done);
      await expect(store.transact(operations)).rejects.toMatchObject({
        name: 'TransactionCanceledException',
      });
      expect(service.requests).toHaveLength(1);
    },
  );

  it('any other error is told as it is', async () => {
    service.answer({ error: 'AccessDeniedException' }, done);
    await expect(store.transact(operations)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(service.requests).toHaveLength(1);
  });
});

describe('reads of DynamoDB', () => {
  const row = (sk: string) => ({
    pk: { S: 'p' },
    sk: { S: sk },
    version: { N: '1' },
    schema: { N: '1' },
    data: { M: {} },
    gsi1pk: { S: 'g' },
    gsi1sk: { S: sk },
  });

  it('are strongly consistent on the table', async () => {
    service.answer({ result: {} }, { result: { Items: [] } });
    await store.get({ pk: 'p', sk: 'a' });
    await store.query({ pk: 'p' });
    expect(service.requests).toMatchObject([
      { operation: 'GetItem', body: { ConsistentRead: true } },
      { operation: 'Query', body: { ConsistentRead: true } },
    ]);
  });

  it('do not ask an index for what it cannot give', async () => {
    service.answer({ result: { Items: [] } });
    await store.query({ index: 'gsi1', pk: 'g' });
    expect(service.requests).toMatchObject([{ body: { IndexName: 'gsi1' } }]);
    expect(service.requests[0]?.body).not.toHaveProperty('ConsistentRead');
  });

  it('go on where a response ends before the page is full', async () => {
    service.answer(
      { result: { Items: [row('a')], LastEvaluatedKey: { pk: { S: 'p' }, sk: { S: 'a' } } } },
      { result: { Items: [], LastEvaluatedKey: { pk: { S: 'p' }, sk: { S: 'b' } } } },
      { result: { Items: [row('c'), row('d')], LastEvaluatedKey: { pk: { S: 'p' }, sk: { S: 'd' } } } },
    );
    const page = await store.query({ pk: 'p', limit: 2 });
    expect(page.items.map(({ sk }) => sk)).toEqual(['a', 'c']);
    expect(page.cursor).toBeDefined();
    expect(service.requests).toMatchObject([
      { body: { Limit: 3 } },
      { body: { Limit: 2, ExclusiveStartKey: { sk: { S: 'a' } } } },
      { body: { Limit: 2, ExclusiveStartKey: { sk: { S: 'b' } } } },
    ]);
  });

  it('a cursor of an index names the place in the index and the item', async () => {
    service.answer({ result: { Items: [row('a'), row('b')] } }, { result: { Items: [] } });
    const { cursor = '' } = await store.query({ index: 'gsi1', pk: 'g', limit: 1 });
    await store.query({ index: 'gsi1', pk: 'g', limit: 1, cursor });
    expect(service.requests[1]).toMatchObject({
      body: { ExclusiveStartKey: { gsi1pk: { S: 'g' }, gsi1sk: { S: 'a' }, pk: { S: 'p' }, sk: { S: 'a' } } },
    });
  });

  it('a row that is no item is a fault', async () => {
    service.answer({ result: { Item: { pk: { S: 'p' }, sk: { S: 'a' } } } });
    await expect(store.get({ pk: 'p', sk: 'a' })).rejects.toThrow();
  });
});
