import { afterAll, describe, it } from 'vitest';
import { DynamoItemStore } from '#adapters/aws/items.ts';
import { type DynamoDbLocal, startDynamoDbLocal, whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { itemStoreContract } from './items.contract.ts';

const reason = whyNoDynamoDbLocal();

if (reason === undefined) {
  let server: DynamoDbLocal | undefined;
  afterAll(() => server?.stop());

  itemStoreContract(
    'DynamoDB',
    async () => {
      const started = await startDynamoDbLocal();
      server = started;
      await started.createTable('filing');
      let client = started.client();
      return {
        store: new DynamoItemStore({ client, table: 'filing' }),
        reopen: async () => {
          client.destroy();
          client = started.client();
          return new DynamoItemStore({ client, table: 'filing' });
        },
        close: async () => client.destroy(),
      };
    },
    20,
  );
} else {
  console.warn(`SKIPPED: the contract of the item store against DynamoDB: ${reason}`);
  describe.skip('ItemStore: DynamoDB', () => {
    it(`is skipped: ${reason}`, () => {});
  });
}
