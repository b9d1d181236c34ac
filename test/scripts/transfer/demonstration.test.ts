/** What the demonstration leaves behind, its accounts included, moves whole: each stored item is of a known kind. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kindOf } from '#functions/shared/item-kinds.ts';
import { openTestEdition } from '#test/support/edition.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { ApiClient } from '../../../scripts/demo/client.ts';
import { DEMO_START, playStories } from '../../../scripts/demo/play.ts';
import { openEmbedded } from '../../../scripts/transfer/edition.ts';
import { transfer } from './command.ts';
import { contentOf } from './support.ts';

const folders: Folder[] = [];
afterAll(async () => {
  for (const folder of folders) await folder.remove();
});

test('the demonstration moves whole', async () => {
  const identity = { demo: true, scryptCost: { logN: 10, r: 8, p: 1 } };
  const edition = await openTestEdition({ start: DEMO_START, identity });
  const work = await temporaryFolder();
  folders.push(edition.folder, work);
  await edition.edition.seedDemo();
  await playStories(
    {
      base: edition.url,
      sign: async (...who) => new ApiClient(edition.url, await edition.token(...who)),
      idle: () => edition.edition.idle(),
      advanceTo: (instant) => edition.edition.advanceTo(instant),
    },
    () => {},
  );
  await edition.stop();

  const content = async (data: string) => {
    const side = await openEmbedded(data, false);
    try {
      const { items } = await side.inventory.items.page({ limit: 1000 });
      return { items, moved: await contentOf(side) };
    } finally {
      await side.close();
    }
  };
  const { items, moved } = await content(edition.folder.path);
  expect(items.filter((item) => kindOf(item) === undefined)).toEqual([]);
  const [bundle, target] = [join(work.path, 'bundle'), join(work.path, 'target')];
  const exported = await transfer('export', bundle, '--data', edition.folder.path);
  expect([exported.code, exported.out]).toEqual([0, expect.stringContaining('申请：8件')]);
  expect(await transfer('import', bundle, '--data', target)).toMatchObject({ code: 0 });
  expect((await content(target)).moved).toEqual(moved);
});
