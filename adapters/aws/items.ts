/**
 * Items in DynamoDB. Conditions look at `version` alone; `data` is a map, so that the table's stream and the
 * console show it. The order of items with the same key in an index is DynamoDB's own.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { checkKey, checkOperations } from '#adapters/shared/item-form.ts';
import { type PlannedQuery, planQuery, toPage } from '#adapters/shared/item-query.ts';
import { ConditionFailed, LimitExceeded } from '#functions/shared/errors.ts';
import type {
  Condition,
  Item,
  ItemKey,
  ItemOperation,
  ItemPage,
  ItemQuery,
  ItemStore,
  JsonObject,
} from '#functions/shared/ports.ts';
import { INDEX_KEYS, TABLE_KEY } from './table.ts';

/** Nine attempts with full jitter wait three seconds at the worst: a caller of the API waits ten. */
const CONFLICT_ATTEMPTS = 9;
const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 1_000;

const Data = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'not a map',
);
export const Row = z
  .object({
    pk: z.string(),
    sk: z.string(),
    version: z.int(),
    schema: z.int(),
    data: Data,
    expiresAt: z.int().exactOptional(),
    gsi1pk: z.string().optional(),
    gsi1sk: z.string().optional(),
    gsi2pk: z.string().optional(),
    gsi2sk: z.string().optional(),
    gsi3pk: z.string().optional(),
    gsi3sk: z.string().optional(),
  })
  .transform(({ gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk, ...row }): Item => {
    const index = {
      ...(gsi1pk === undefined || gsi1sk === undefined ? {} : { gsi1: { pk: gsi1pk, sk: gsi1sk } }),
      ...(gsi2pk === undefined || gsi2sk === undefined ? {} : { gsi2: { pk: gsi2pk, sk: gsi2sk } }),
      ...(gsi3pk === undefined || gsi3sk === undefined ? {} : { gsi3: { pk: gsi3pk, sk: gsi3sk } }),
    };
    return { ...row, ...(Object.keys(index).length === 0 ? {} : { index }) };
  });

function toRow({ index, ...item }: Item): Record<string, unknown> {
  const { gsi1, gsi2, gsi3 } = index ?? {};
  return {
    ...item,
    ...(gsi1 === undefined ? {} : { [INDEX_KEYS.gsi1.pk]: gsi1.pk, [INDEX_KEYS.gsi1.sk]: gsi1.sk }),
    ...(gsi2 === undefined ? {} : { [INDEX_KEYS.gsi2.pk]: gsi2.pk, [INDEX_KEYS.gsi2.sk]: gsi2.sk }),
    ...(gsi3 === undefined ? {} : { [INDEX_KEYS.gsi3.pk]: gsi3.pk, [INDEX_KEYS.gsi3.sk]: gsi3.sk }),
  };
}

const keyAttributes = ({ pk, sk }: ItemKey) => ({ pk, sk });

/** An expression with what its placeholders stand for. */
type Expression<Name extends string> = { readonly [name in Name]: string } & {
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
};

function conditionOf(condition: Condition): Expression<'ConditionExpression'> {
  return condition === 'absent'
    ? {
        ConditionExpression: 'attribute_not_exists(#pk)',
        ExpressionAttributeNames: { '#pk': TABLE_KEY.pk },
      }
    : {
        ConditionExpression: '#version = :expected',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':expected': condition.version },
      };
}

type Update = Extract<ItemOperation, { type: 'update' }>;

function updateOf({
  set,
  remove = [],
  condition,
}: Update): Expression<'UpdateExpression' | 'ConditionExpression'> {
  const { ConditionExpression, ...held } = conditionOf(condition);
  const names: Record<string, string> = { ...held.ExpressionAttributeNames };
  const values: Record<string, unknown> = { ...held.ExpressionAttributeValues, ':one': 1 };
  const sets = ['#version = #version + :one'];
  for (const [at, [name, value]] of Object.entries(set).entries()) {
    names[`#s${at}`] = name;
    values[`:s${at}`] = value;
    sets.push(`#data.#s${at} = :s${at}`);
  }
  const removes = [...new Set(remove)].map((name, at) => {
    names[`#r${at}`] = name;
    return `#data.#r${at}`;
  });
  // DynamoDB refuses a name that no expression uses.
  if (sets.length + removes.length > 1) names['#data'] = 'data';
  return {
    ConditionExpression,
    UpdateExpression: `SET ${sets.join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

function transactItem(table: string, operation: ItemOperation): TransactItem {
  const { condition } = operation;
  const where = condition === undefined ? {} : conditionOf(condition);
  switch (operation.type) {
    case 'put':
      return { Put: { TableName: table, Item: toRow(operation.item), ...where } };
    case 'update':
      return { Update: { TableName: table, Key: keyAttributes(operation.key), ...updateOf(operation) } };
    case 'delete':
      return { Delete: { TableName: table, Key: keyAttributes(operation.key), ...where } };
    case 'check':
      return {
        ConditionCheck: {
          TableName: table,
          Key: keyAttributes(operation.key),
          ...conditionOf(operation.condition),
        },
      };
  }
}

/** A query as DynamoDB takes it, asking for one item more than its page. */
function toQueryInput(table: string, query: PlannedQuery): QueryCommandInput {
  const key = query.index === undefined ? TABLE_KEY : INDEX_KEYS[query.index];
  const names: Record<string, string> = { '#pk': key.pk };
  const values: Record<string, string> = { ':pk': query.pk };
  const where = ['#pk = :pk'];
  const demand = (condition: string, given: Record<string, string>) => {
    names['#sk'] = key.sk;
    Object.assign(values, given);
    where.push(condition);
  };
  const { span } = query;
  if (span.kind === 'prefix') demand('begins_with(#sk, :prefix)', { ':prefix': span.prefix });
  if (span.kind === 'range') {
    const { from, to } = span;
    if (from !== undefined && to !== undefined) {
      // One condition on the sort key is all that DynamoDB takes.
      demand('#sk BETWEEN :from AND :to', { ':from': from, ':to': to });
    } else if (from !== undefined) demand('#sk >= :from', { ':from': from });
    else if (to !== undefined) demand('#sk <= :to', { ':to': to });
  }
  return {
    TableName: table,
    KeyConditionExpression: where.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: !query.descending,
    ...(query.index === undefined ? { ConsistentRead: true } : { IndexName: query.index }),
    ...(query.after === undefined
      ? {}
      : {
          ExclusiveStartKey: {
            [key.pk]: query.pk,
            [key.sk]: query.after.sk,
            ...(query.after.item === undefined ? {} : keyAttributes(query.after.item)),
          },
        }),
  };
}

/** What a cancelled transaction is told for: conditions that failed, a limit, a conflict, or something else. */
function outcomeOf(error: TransactionCanceledException): 'conflict' | Error {
  const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
  const failed = [...codes.keys()].filter((at) => codes[at] === 'ConditionalCheckFailed');
  if (failed.length > 0) return new ConditionFailed(failed);
  if (codes.includes('ValidationError')) {
    return new LimitExceeded('an updated item would exceed the size of an item', { cause: error });
  }
  const conflicts = codes.filter((code) => code !== 'None');
  return conflicts.length > 0 && conflicts.every((code) => code === 'TransactionConflict')
    ? 'conflict'
    : error;
}

export type DynamoItemStoreOptions = {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Waits so many milliseconds. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
};

export class DynamoItemStore implements ItemStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #pause: (milliseconds: number) => Promise<unknown>;

  constructor(options: DynamoItemStoreOptions) {
    this.#client = DynamoDBDocumentClient.from(options.client);
    this.#table = options.table;
    this.#pause = options.pause ?? pause;
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    checkKey(key);
    const { Item: row } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keyAttributes(key), ConsistentRead: true }),
    );
    return row === undefined ? undefined : Row.parse(row);
  }

  async query(query: ItemQuery): Promise<ItemPage> {
    const planned = planQuery(query);
    if (planned === undefined) return { items: [] };
    const input = toQueryInput(this.#table, planned);
    const found: Item[] = [];
    let start = input.ExclusiveStartKey;
    // A response ends at 1 MB, whatever the limit.
    do {
      const { Items = [], LastEvaluatedKey } = await this.#client.send(
        new QueryCommand({
          ...input,
          Limit: planned.limit + 1 - found.length,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      found.push(...Items.map((row) => Row.parse(row)));
      start = LastEvaluatedKey;
    } while (start !== undefined && found.length <= planned.limit);
    return toPage(planned, found);
  }

  /**
   * Conflicts with other transactions are tried again with full jitter. All attempts share one token: one whose
   * answer was lost is not done twice.
   */
  async transact(operations: readonly ItemOperation[]): Promise<void> {
    checkOperations(operations);
    const command = new TransactWriteCommand({
      TransactItems: operations.map((operation) => transactItem(this.#table, operation)),
      ClientRequestToken: randomUUID(),
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(command);
        return;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const outcome = outcomeOf(error);
        if (outcome !== 'conflict') throw outcome;
        if (attempt === CONFLICT_ATTEMPTS) throw error;
      }
      const ceiling = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
      await this.#pause(Math.random() * ceiling);
    }
  }
}
