/** Everything that the table and the two buckets hold, page after page: what moves to another edition. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { checkPageLimit, cursorAt, placeOf } from '#adapters/shared/inventory-form.ts';
import type { DocumentInventory, ItemInventory, ItemPage } from '#functions/shared/ports.ts';
import { Row } from './items.ts';

const LastKey = z.object({ pk: z.string(), sk: z.string() });

/** By one scan, strongly consistent, which gives the items of a partition together and by their sort keys. */
export class DynamoItemInventory implements ItemInventory {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(options: { readonly client: DynamoDBClient; readonly table: string }) {
    this.#client = DynamoDBDocumentClient.from(options.client);
    this.#table = options.table;
  }

  async page(options: { readonly limit: number; readonly cursor?: string }): Promise<ItemPage> {
    const { limit, cursor } = options;
    checkPageLimit(limit);
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new ScanCommand({
        TableName: this.#table,
        ConsistentRead: true,
        Limit: limit,
        ...(cursor === undefined ? {} : { ExclusiveStartKey: placeOf(cursor) }),
      }),
    );
    return {
      items: Items.map((row) => Row.parse(row)),
      ...(LastEvaluatedKey === undefined ? {} : { cursor: cursorAt(LastKey.parse(LastEvaluatedKey)) }),
    };
  }
}

/** Lists the archive's bucket, then the uploads': their keys begin with the names of the areas, in this order. */
export class S3DocumentInventory implements DocumentInventory {
  readonly #client: S3Client;
  readonly #areas: readonly { readonly prefix: string; readonly bucket: string }[];

  constructor(options: {
    readonly client: S3Client;
    readonly uploadsBucket: string;
    readonly archiveBucket: string;
  }) {
    this.#client = options.client;
    this.#areas = [
      { prefix: 'archive/', bucket: options.archiveBucket },
      { prefix: 'uploads/', bucket: options.uploadsBucket },
    ];
  }

  async page(options: { readonly limit: number; readonly after?: string }): Promise<readonly string[]> {
    const { limit, after = '' } = options;
    checkPageLimit(limit);
    for (const { prefix, bucket } of this.#areas) {
      // The area lies behind: all of its keys sort before.
      if (after >= prefix && !after.startsWith(prefix)) continue;
      const { Contents = [] } = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(after.startsWith(prefix) ? { StartAfter: after } : {}),
        }),
      );
      const keys = Contents.flatMap(({ Key }) => Key ?? []);
      if (keys.length > 0) return keys;
    }
    return [];
  }
}
