import { expect, test } from 'vitest';
import { openTestEdition } from '../support/edition.ts';

test('what has come to its end while the edition was down is gone when it listens again', async () => {
  const first = await openTestEdition({ centre: 'none' });
  const seconds = Math.floor(Date.now() / 1000);
  const item = (sk: string, expiresAt: number) => ({
    type: 'put' as const,
    item: { pk: 'ENDING', sk, version: 1, schema: 1, data: {}, expiresAt },
  });
  await first.ports.items.transact([item('over', seconds - 1), item('alive', seconds + 3600)]);
  await first.stop();
  const again = await openTestEdition({ centre: 'none', folder: first.folder });
  const { items } = await again.ports.items.query({ pk: 'ENDING' });
  expect(items.map(({ sk }) => sk)).toEqual(['alive']);
  await again.close();
});
