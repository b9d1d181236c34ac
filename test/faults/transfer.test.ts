/** A transfer that is killed at any point goes on with the same command: nothing is done twice, the end is the same. */
import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { outboxRowSchema } from '#functions/shared/outbox.ts';
import { openEmbedded } from '../../scripts/transfer/edition.ts';
import { TransferKey } from '../../scripts/transfer/key.ts';
import { contentOf, fill, openSource } from '../scripts/transfer/support.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { Process } from '../support/process.ts';

let source: Folder;
let work: Folder;
let keyFile: string;
let bundle: string;

beforeAll(async () => {
  work = await temporaryFolder();
  keyFile = join(work.path, 'key');
  bundle = join(work.path, 'bundle');
  await TransferKey.open(keyFile);
  const edition = await openSource();
  source = edition.folder;
  await fill(edition);
  await edition.stop();
  await complete('export', bundle, source.path);
});
afterAll(async () => {
  await work.remove();
  await source.remove();
});

const start = (command: string, folder: string, data: string, crash = ''): Process =>
  new Process(join(import.meta.dirname, 'transfer-child.ts'), [command, folder, data, keyFile, crash]);

const passedSchema = z.record(z.string(), z.number());

/** Runs to the end; how often each point was passed. */
const complete = async (command: string, folder: string, data: string) => {
  const child = start(command, folder, data);
  const line = await child.line();
  const { code } = await child.ended;
  if (code !== 0 || line === undefined) throw new Error(child.errors);
  return passedSchema.parse(JSON.parse(line));
};

/** Runs and is killed there: false where it got through. */
const killed = async (command: string, folder: string, data: string, crash: string): Promise<boolean> => {
  const child = start(command, folder, data, crash);
  await child.line();
  const { code, signal } = await child.ended;
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(child.errors);
  return signal === 'SIGKILL';
};

const filesOf = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path.slice(folder.length), await readFile(path, 'base64')] as const),
    ),
  );
};

const contentOfFolder = async (folder: string) => {
  const side = await openEmbedded(folder, false);
  const content = await contentOf(side);
  await side.close();
  return content;
};

test('an export, killed in its items and its documents, ends in the same bytes', async () => {
  const folder = join(work.path, 'export');
  const whole = await complete('export', join(work.path, 'whole'), source.path);
  expect(whole.page).toBeGreaterThan(3);
  // Each run gets further: it doesn't begin anew.
  const crashes = ['page:1', 'say:1', 'page:2', 'say:2', 'read:1', 'read:5', 'read:9'];
  for (const crash of crashes)
    expect([crash, await killed('export', folder, source.path, crash)]).toEqual([crash, true]);
  const rest = await complete('export', folder, source.path);
  expect(rest.page ?? 0).toBeLessThan(whole.page ?? 0);
  expect(rest.read ?? 0).toBeLessThan(whole.read ?? 0);
  expect(await filesOf(folder)).toEqual(await filesOf(bundle));
});

test('an import, killed anywhere, ends in the same state, each item and document written once', async () => {
  const target = join(work.path, 'import');
  const clean = join(work.path, 'clean');
  const whole = await complete('import', bundle, clean);
  const crashes = [
    'before-transact:1',
    'after-transact:2',
    'before-transact:2',
    'after-transact:1',
    'before-put:1',
    'after-put:3',
    'hold:2',
    'before-put:4',
  ];
  for (const crash of crashes) {
    expect([crash, await killed('import', bundle, target, crash)]).toEqual([crash, true]);
  }
  const rest = await complete('import', bundle, target);
  expect(rest['after-transact'] ?? 0).toBeLessThan(whole['after-transact'] ?? 0);
  expect(rest['after-put'] ?? 0).toBeLessThan(whole['after-put'] ?? 0);
  expect(await contentOfFolder(target)).toEqual(await contentOfFolder(source.path));
  expect(await contentOfFolder(clean)).toEqual(await contentOfFolder(source.path));
});

test('a start, killed between any two cases, starts each case once', async () => {
  const begun = join(work.path, 'begun');
  await complete('import', bundle, begun);
  for (const point of ['before-transact:1', 'after-transact:1', 'before-transact:3', 'after-transact:4']) {
    const target = join(work.path, 'start');
    await cp(begun, target, { recursive: true });
    expect([point, await killed('start', bundle, target, point)]).toEqual([point, true]);
    await complete('start', bundle, target);
    const side = await openEmbedded(target, false);
    const rows = [];
    for (const pk of outboxPartitions) rows.push(...(await side.items.query({ pk })).items);
    const starts = rows.flatMap(({ data }) => {
      const row = outboxRowSchema.parse(data);
      return row.kind === 'start' ? [row.execution] : [];
    });
    await side.close();
    // Three cases were under way; the second attempt of each, once.
    expect({ point, starts: starts.length, distinct: new Set(starts).size }).toEqual({
      point,
      starts: 3,
      distinct: 3,
    });
    expect(starts.every((execution) => execution.endsWith('-1-2'))).toBe(true);
    await rm(target, { recursive: true });
  }
});
