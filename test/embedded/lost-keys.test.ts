/** Keys that are lost, damaged or others': nothing starts, nothing is made anew, and with the right file all goes on. */
import { chmod, copyFile, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { KeyFileVault, rotateSealingKey } from '#adapters/embedded/vault.ts';
import { findCase } from '#functions/shared/case-store.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { Process } from '../support/process.ts';

const MAIN = join(import.meta.dirname, '../../embedded/main.ts');

let edition: TestEdition;
let keyFile: string;
let backup: string;
let caseId: string;
let phone: string;
let elsewhere: Folder;
beforeAll(async () => {
  edition = await openTestEdition({ centre: 'none' });
  const application = await (await Application.open(edition)).file();
  ({ caseId } = application);
  ({ phone } = application.household);
  await edition.settle();
  await edition.stop();
  elsewhere = await temporaryFolder();
  keyFile = join(edition.folder.path, 'keys', 'vault.json');
  backup = join(elsewhere.path, 'backup.json');
  await copyFile(keyFile, backup);
});
afterEach(async () => {
  await rm(keyFile, { force: true });
  await copyFile(backup, keyFile);
  await chmod(keyFile, 0o600);
});
afterAll(async () => {
  await edition.folder.remove();
  await elsewhere.remove();
});

/** Starts the edition, which must not start; gives what the operator is told. */
const refusal = async (): Promise<string> => {
  const started = openTestEdition({ centre: 'none', folder: edition.folder });
  await expect(started).rejects.toMatchObject({ name: 'KeysUnusable' });
  return started.then(
    () => '',
    (error: unknown) => String(error),
  );
};

const requireGoingOn = async (): Promise<void> => {
  const again = await openTestEdition({ centre: 'none', folder: edition.folder });
  try {
    const { items, vault } = again.ports;
    const found = await findCase(items, caseId);
    expect(await vault.open(found?.record.phone.sealed ?? '', `case/${caseId}/phone`)).toBe(phone);
    const keys = await again.ports.documents.list(`uploads/${caseId}/`);
    expect(keys.length).toBeGreaterThan(3);
    for (const key of keys) expect((await again.ports.documents.read(key)).length).toBeGreaterThan(0);
  } finally {
    await again.stop();
  }
};

test('a missing key file: the real process ends with 2, says what to do, makes none; with its backup it goes on', async () => {
  await rename(keyFile, `${backup}.moved`);
  const args = ['--data', edition.folder.path, '--port', '0'];
  const refused = new Process(MAIN, args);
  expect(await refused.ended).toEqual({ code: 2, signal: null });
  expect(refused.errors).toContain('没有密钥文件');
  expect(refused.errors).toContain('从密钥备份中恢复该文件');
  await expect(stat(keyFile)).rejects.toMatchObject({ code: 'ENOENT' });
  await rename(`${backup}.moved`, keyFile);
  const again = new Process(MAIN, args);
  expect(await again.line()).toContain('已启动');
  await again.end('SIGKILL');
  await requireGoingOn();
});

test('a missing key file where the database is gone as well, but documents are there', async () => {
  const folder = await temporaryFolder();
  try {
    const other = await openTestEdition({ centre: 'none', folder });
    await other.stop();
    for (const name of ['filing.db', 'keys/vault.json']) await rm(join(folder.path, name));
    await expect(openTestEdition({ centre: 'none', folder })).rejects.toMatchObject({ name: 'KeysUnusable' });
  } finally {
    await folder.remove();
  }
});

test('a damaged key file', async () => {
  const text = await readFile(keyFile, 'utf8');
  await writeFile(keyFile, text.slice(0, -40));
  expect(await refusal()).toContain('从密钥备份中恢复该文件');
  expect(await readFile(keyFile, 'utf8')).toBe(text.slice(0, -40));
});

test('the key file of another edition', async () => {
  await KeyFileVault.open(join(elsewhere.path, 'other.json'));
  await copyFile(join(elsewhere.path, 'other.json'), keyFile);
  expect(await refusal()).toContain('这是另一套系统的密钥');
});

const keysOf = z.looseObject({
  sealing: z.object({ current: z.string(), keys: z.record(z.string(), z.string()) }),
});

test('the right file with another sealing key in it', async () => {
  const keys = keysOf.parse(JSON.parse(await readFile(keyFile, 'utf8')));
  const sealing = { current: 'k1', keys: { k1: Buffer.alloc(32, 1).toString('base64url') } };
  await writeFile(keyFile, JSON.stringify({ ...keys, sealing }));
  expect(await refusal()).toContain('密封密钥 k1 与数据不符');
});

test('a former sealing key is missing, or the key file is older than the last rotation', async () => {
  await rotateSealingKey(keyFile);
  const rotated = await readFile(keyFile, 'utf8');
  await requireGoingOn();
  const keys = keysOf.parse(JSON.parse(rotated));
  const { k2 = '' } = keys.sealing.keys;
  await writeFile(keyFile, JSON.stringify({ ...keys, sealing: { current: 'k2', keys: { k2 } } }));
  expect(await refusal()).toContain('缺少密封密钥 k1');
  await copyFile(backup, keyFile);
  expect(await refusal()).toContain('缺少密封密钥 k2');
  await writeFile(keyFile, rotated);
  await requireGoingOn();
  await copyFile(keyFile, backup);
});
