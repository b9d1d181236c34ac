import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemStore } from '#functions/shared/ports.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

/** A table that answers later than the documents do, as across a network. */
const slow = (items: ItemStore): ItemStore => ({
  get: async (key) => {
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
    return items.get(key);
  },
  query: (query) => items.query(query),
  transact: (operations) => items.transact(operations),
});

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition({ wrapItems: slow });
});
afterAll(() => edition.close());

test('归档时缺一份材料：记录故障，其他申请照常办理；补上之后恢复办理，归档完整', async () => {
  const application = await (await Application.open(edition)).file();
  await application.establish();
  const { documents } = edition.ports;
  const [key = ''] = await documents.list(`uploads/${application.caseId}/`);
  const content = await documents.read(key);
  const head = await documents.head(key);
  await documents.remove(key);
  await application.meet();
  expect(await application.record()).toMatchObject({
    stage: 'archiving',
    fault: { state: 'Archive', error: 'DocumentMissing' },
  });

  const other = await (await Application.open(edition)).file();
  await other.finish();

  const { contentType = '', sha256 = '' } = head ?? {};
  await documents.put(key, content, { contentType, sha256, onlyIfAbsent: true });
  await application.resume();
  expect(await application.record()).toMatchObject({ stage: 'filed', fault: null });
  expect((await application.checkArchive()).faults).toEqual([]);
});
