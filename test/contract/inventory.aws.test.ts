import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, describe, it } from 'vitest';
import { S3DocumentStore } from '#adapters/aws/documents.ts';
import { DynamoItemInventory, S3DocumentInventory } from '#adapters/aws/inventory.ts';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { type DynamoDbLocal, startDynamoDbLocal, whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { startS3 } from '#test/support/s3.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';
import { documentInventoryContract, itemInventoryContract } from './inventory.contract.ts';
import { putAll, putEmpty } from './inventory.fill.ts';

const reason = whyNoDynamoDbLocal();

if (reason === undefined) {
  let server: DynamoDbLocal | undefined;
  afterAll(() => server?.stop());

  itemInventoryContract('DynamoDB', async () => {
    const started = await startDynamoDbLocal();
    server = started;
    await started.createTable('filing');
    const client = started.client();
    return {
      open: async (items) => {
        await putAll(new DynamoItemStore({ client, table: 'filing' }), items);
        return new DynamoItemInventory({ client, table: 'filing' });
      },
      close: async () => client.destroy(),
    };
  });
} else {
  console.warn(`SKIPPED: the contract of the item inventory against DynamoDB: ${reason}`);
  describe.skip('ItemInventory: DynamoDB', () => {
    it(`is skipped: ${reason}`, () => {});
  });
}

documentInventoryContract('S3', async () => {
  const s3 = await startS3('uploads-bucket', 'archive-bucket');
  const options = {
    client: s3.client(),
    uploadsBucket: 'uploads-bucket',
    archiveBucket: 'archive-bucket',
  };
  return {
    open: async (keys) => {
      const clock = new VirtualClock(Date.now());
      const sign = { form: createPresignedPost, link: getSignedUrl };
      await putEmpty(new S3DocumentStore({ ...options, lockMode: 'GOVERNANCE', clock, sign }), keys);
      return new S3DocumentInventory(options);
    },
    close: async () => {
      options.client.destroy();
      await s3.stop();
    },
  };
});
