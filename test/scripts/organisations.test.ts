import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSheet } from '#functions/shared/sheet.ts';
import { captured } from '#test/support/command.ts';
import { run } from '../../scripts/organisations.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

let edition: TestEdition;
let folder: string;
beforeEach(async () => {
  edition = await openTestEdition({ centre: 'none', start: Date.now() });
  folder = edition.folder.path;
  await edition.stop();
});
afterEach(() => edition.folder.remove());

const command = async (...args: readonly string[]) => {
  return captured((out, err) => run(args, out, err));
};

const HEAD = '单位编码,上级编码,名称,类型,地区,监督电话';

const sheetOf = async (...rows: readonly string[]): Promise<string> => {
  const file = join(folder, 'sheet.csv');
  await writeFile(file, [HEAD, ...rows].join('\n'));
  return file;
};

test('a sheet is tried first, then applied; the edition starts with it and moves on', async () => {
  const file = await sheetOf('n-1,hf-1,新街道工会,街道,340104,0551-62345678');
  const tried = await command('import', file, '--folder', folder);
  expect(tried).toMatchObject({ code: 0, err: [] });
  expect(tried.out).toEqual([
    '新增 1 个',
    '  n-1 新街道工会',
    '变更 0 个',
    '撤销 0 个',
    '不变 0 个，错误 0 处',
    '没有导入。',
  ]);
  expect((await command('import', file, '--folder', folder, '--apply')).out.at(-1)).toBe('已导入。');
  const exported = join(folder, 'out.xlsx');
  expect(await command('export', exported, '--folder', folder)).toEqual({ code: 0, out: [], err: [] });
  expect((await readSheet(await readFile(exported))).map(([id]) => id)).toContain('n-1');
  const again = await openTestEdition({ centre: 'none', folder: edition.folder });
  try {
    expect((await again.ports.organisations.tree()).get('n-1').kind).toBe('community');
  } finally {
    await again.stop();
  }
});

test('faults are printed one a line, by row and column, and nothing is taken in', async () => {
  const file = await sheetOf('n-1,nobody,新街道工会,街道,340104,1');
  const { code, out, err } = await command('import', file, '--folder', folder, '--apply');
  expect(code).toBe(1);
  expect(err).toEqual([expect.stringContaining('第2行“监督电话”：'), '第2行“上级编码”：没有这个上级单位。']);
  expect(out.at(-1)).toBe('没有导入。');
});

test('what the person at the terminal can mend is said', async () => {
  expect((await command()).err.join()).toContain('用法');
  expect(await command('import', 'x.csv', '--folder', join(folder, 'elsewhere'))).toMatchObject({ code: 2 });
  expect(await command('import', join(folder, 'missing.csv'), '--folder', folder)).toMatchObject({ code: 2 });
  const file = join(folder, 'broken.xlsx');
  await writeFile(file, 'PK');
  expect(await command('import', file, '--folder', folder)).toMatchObject({ code: 1 });
  const running = await openTestEdition({ centre: 'none', folder: edition.folder });
  try {
    const busy = await command('export', join(folder, 'out.csv'), '--folder', folder);
    expect(busy).toMatchObject({ code: 2, err: [expect.stringContaining('正由另一个进程使用')] });
  } finally {
    await running.stop();
  }
});
