/** Sealing everything anew, killed by SIGKILL again and again: nothing is lost at any time, and it comes to its end. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { sealingKeyOf } from '#adapters/embedded/vault.ts';
import { openDataFolder, type StandingEdition, withStandingEdition } from '#embedded/data-folder.ts';
import { keys } from '#functions/shared/keys.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { Process } from '../support/process.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/keys.ts');
const RECORDS = 150;
const DOCUMENTS = 250;

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const standing = <T>(work: (it: StandingEdition) => Promise<T>): Promise<T> =>
  withStandingEdition(folder.path, work);

const documentKey = (at: number): string => `uploads/c${at % 7}/d${at}`;

const fill = ({ vault, items, documents }: StandingEdition): Promise<unknown> =>
  Promise.all([
    ...Array.from({ length: RECORDS }, async (_, at) => {
      const sealedName = await vault.seal(`name ${at}`, `account/p${at}/name`);
      const data = { account: 'a', sealedName, password: null, secondFactor: null, link: null };
      await items.transact([
        { type: 'put', item: { ...keys.credential(`p${at}`), version: 1, schema: 1, data } },
      ]);
    }),
    ...Array.from({ length: DOCUMENTS }, async (_, at) => {
      const content = Buffer.from(`content ${at}`);
      const sha256 = createHash('sha256').update(content).digest('hex');
      await documents.put(documentKey(at), content, {
        contentType: 'text/plain',
        sha256,
        onlyIfAbsent: true,
      });
    }),
  ]);

const credential = z.object({ sealedName: z.string() });

/** Opens everything; how much of it hangs on each key. */
const inspect = async ({ vault, items, documents }: StandingEdition): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  const count = (text: string): void => {
    const id = sealingKeyOf(text) ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  };
  for (let at = 0; at < RECORDS; at += 1) {
    const { sealedName } = credential.parse((await items.get(keys.credential(`p${at}`)))?.data);
    expect(await vault.open(sealedName, `account/p${at}/name`)).toBe(`name ${at}`);
    count(sealedName);
  }
  for (let at = 0; at < DOCUMENTS; at += 1) {
    expect(Buffer.from(await documents.read(documentKey(at))).toString()).toBe(`content ${at}`);
    count(await documents.sealedKey(documentKey(at)));
  }
  return counts;
};

test('what was done stays done, what was not is done by the next run', async () => {
  (await openDataFolder(folder.path)).close();
  await standing(fill);
  const rotate = new Process(SCRIPT, ['rotate', '--data', folder.path]);
  expect((await rotate.ended).code).toBe(0);
  let left = RECORDS + DOCUMENTS;
  for (let round = 1; round <= 3; round += 1) {
    const run = new Process(SCRIPT, ['reseal', '--data', folder.path]);
    expect(await run.line()).toMatch(/^已重新密封/);
    await run.end('SIGKILL');
    const { k1 = 0, k2 = 0 } = await standing(inspect);
    expect(k1 + k2).toBe(RECORDS + DOCUMENTS);
    // A line is printed at every hundredth, and at the end.
    expect(k1).toBeLessThanOrEqual(Math.max(0, left - 100));
    left = k1;
  }
  const last = new Process(SCRIPT, ['reseal', '--data', folder.path]);
  expect(await last.ended).toEqual({ code: 0, signal: null });
  expect(await standing(inspect)).toEqual({ k2: RECORDS + DOCUMENTS });
});
