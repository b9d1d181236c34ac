import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withStandingEdition } from '#embedded/data-folder.ts';
import { readEvents } from '#functions/shared/case-store.ts';
import { run as replay } from '../../scripts/replay.ts';
import { run } from '../../scripts/take-out.ts';
import { run as verify } from '../../scripts/verify.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';

let edition: TestEdition;
let elsewhere: Folder;
let filed: Application;
let unfinished: Application;
let keyFile: string;
let archive: { readonly prefix: string; readonly manifestSha256: string };
beforeAll(async () => {
  edition = await openTestEdition({ centre: 'none' });
  elsewhere = await temporaryFolder();
  filed = await (await Application.open(edition)).file();
  await filed.finish();
  const found = (await filed.record()).archive;
  if (found === null) throw new Error('the case is archived');
  archive = found;
  unfinished = await (await Application.open(edition)).file();
  keyFile = join(elsewhere.path, 'key.json');
  const { publicKey } = await edition.ports.vault.sign(Buffer.from('any'));
  await writeFile(keyFile, JSON.stringify(publicKey));
});
afterAll(async () => {
  await edition.folder.remove();
  await elsewhere.remove();
});

const capture = async (
  program: (
    args: readonly string[],
    out: (line: string) => void,
    err: (line: string) => void,
  ) => Promise<number>,
  ...args: readonly string[]
) => {
  const lines: string[] = [];
  const print = (line: string): void => {
    lines.push(line);
  };
  return { code: await program(args, print, print), text: lines.join('\n') };
};

const takeOut = (caseId: string, target: string, ...more: readonly string[]) =>
  capture(
    run,
    ...[caseId, join(elsewhere.path, target), '--data', edition.folder.path],
    ...['--purpose', '复查', '--by', '某经办', ...more],
  );

const events = () => withStandingEdition(edition.folder.path, ({ items }) => readEvents(items, filed.caseId));

test('while the edition runs it is refused', async () => {
  expect(await takeOut(filed.caseId, 'a')).toMatchObject({
    code: 2,
    text: expect.stringContaining('正由另一个进程使用'),
  });
  await edition.stop();
});

test('数据目录中的档案是密封的；调出后为明文，可核验、可重算，调出的人和用途记入办理记录（B-15、B-16）', async () => {
  const inside = join(edition.folder.path, 'documents', archive.prefix);
  for (const program of [verify, replay]) {
    expect(await capture(program, inside, '--key', keyFile)).toMatchObject({
      code: 2,
      text: expect.stringContaining('请先用 npm run -s take-out 调出'),
    });
  }
  const before = await events();
  expect(await takeOut(filed.caseId, 'a')).toMatchObject({ code: 0 });
  const outside = join(elsewhere.path, 'a');
  expect(await capture(verify, outside, '--key', keyFile)).toMatchObject({
    code: 0,
    text: expect.stringContaining('核验通过：档案完整'),
  });
  expect((await capture(replay, outside, '--key', keyFile)).code).toBe(0);
  expect((await stat(outside)).mode & 0o077).toBe(0);
  const after = await events();
  expect(after.slice(0, -1)).toEqual(before);
  expect(after.at(-1)).toMatchObject({
    type: 'archiveTakenOut',
    actor: { kind: 'person', subject: 'command-line', name: '某经办' },
    data: { purpose: '复查', manifestSha256: archive.manifestSha256 },
  });
});

test('what is there already is left alone, also what a killed run has left, and nothing is recorded', async () => {
  const before = await events();
  expect(await takeOut(filed.caseId, 'a')).toMatchObject({
    code: 1,
    text: expect.stringContaining('已存在'),
  });
  const left = join(elsewhere.path, 'd.part');
  await writeFile(left, 'something');
  expect(await takeOut(filed.caseId, 'd')).toMatchObject({
    code: 1,
    text: expect.stringContaining('d.part 已存在'),
  });
  expect(await readFile(left, 'utf8')).toBe('something');
  await rm(left);
  expect(await events()).toEqual(before);
});

test('a case without an archive, and one that is not there', async () => {
  expect(await takeOut(unfinished.caseId, 'b')).toMatchObject({
    code: 1,
    text: expect.stringContaining('还没有归档'),
  });
  expect(await takeOut('0'.repeat(26), 'b')).toMatchObject({
    code: 1,
    text: expect.stringContaining('没有找到'),
  });
});

test('without a purpose or a name: usage', async () => {
  for (const option of ['--purpose', '--by']) {
    expect(await takeOut(filed.caseId, 'b', option, ' ')).toMatchObject({
      code: 2,
      text: expect.stringContaining('用法：'),
    });
  }
});

test('a damaged file: nothing is taken out, and no part of it stays behind', async () => {
  const file = join(edition.folder.path, 'documents', archive.prefix, 'decision.json');
  const content = await readFile(file);
  await writeFile(file, content.subarray(0, -1));
  expect(await takeOut(filed.caseId, 'c')).toMatchObject({
    code: 1,
    text: expect.stringContaining('已损坏'),
  });
  await writeFile(file, content);
  expect(await readdir(elsewhere.path)).toEqual(['a', 'key.json']);
});
