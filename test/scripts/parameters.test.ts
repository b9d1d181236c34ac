import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeFaults } from '#domain/rules/parameter-changes.ts';
import { parameters } from '#test/domain/rules/household.ts';
import { capturedText } from '#test/support/command.ts';
import { run } from '../../scripts/parameters.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const C = 'c'.repeat(64);

const person = (id: string) => ({ id, name: `样例${id}` });
const effect = { declarations: 3, faulty: 0, moves: [{ from: '省总级', to: '全总级', count: 1 }] };
const first = {
  from: null,
  to: A,
  date: '2026-01-05',
  author: person('a'),
  approver: person('b'),
  reason: '首次设定',
  document: '样例文件',
  effect: null,
};
const second = { ...first, from: A, to: B, effect };

describe('recorded changes', () => {
  test('that lead to the set are in order', () => {
    expect(changeFaults([first], A)).toEqual([]);
    expect(changeFaults([first, second, { ...second, from: B, to: A }], A)).toEqual([]);
  });

  test.each<[string, unknown, string, string]>([
    ['author and approver are one person', [{ ...first, approver: person('a') }], A, '/0/approver'],
    ['one person under two names', [{ ...first, approver: { id: 'a', name: '别名' } }], A, '/0/approver'],
    ['nobody approved', [{ ...first, approver: undefined }], A, '/0/approver'],
    ['no reason is given', [{ ...first, reason: '' }], A, '/0/reason'],
    ['no document is named', [{ ...first, document: '' }], A, '/0/document'],
    ['the set is another', [first], B, '不是所记录改动的结果'],
    ['a change is left out', [first, { ...second, from: C }], B, '/1/from'],
    ['the first one is left out', [second], B, '/0/from'],
    ['a set stands anew in the middle', [first, { ...first, to: B }], B, '/1/from'],
    ['nobody looked whom it moves', [first, { ...second, effect: null }], B, '/1/effect'],
    ['the day is none', [{ ...first, date: '2026-02-30' }], A, '/0/date'],
    ['something else is recorded', [{ ...first, note: '' }], A, '/0'],
    ['nothing is recorded', [], A, '没有改动记录'],
    ['it is no list', {}, A, '列表'],
  ])('are refused where %s', (_, changes, hash, told) => {
    expect(changeFaults(changes, hash).join('\n')).toContain(told);
  });
});

describe('the check', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parameters-'));
    mkdirSync(join(folder, 'changes'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const check = async (...files: string[]) => {
    return capturedText((out, err) => run(files, out, err));
  };

  test('finds every shipped set to be the result of its recorded changes', async () => {
    const { code, out, err } = await check();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('example-2018.json：与改动记录相符');
  });

  test('finds a value that was changed without a record', async () => {
    const path = join(folder, 'set.json');
    const write = (value: string) =>
      writeFileSync(path, JSON.stringify(parameters({ subsistenceAllowance: value })));
    const record = (to: string) =>
      writeFileSync(join(folder, 'changes/set.json'), JSON.stringify([{ ...first, to }]));
    write('600');
    record(A);
    const before = await check(path);
    expect(before.code).toBe(1);
    const hash = /参数（([0-9a-f]{64})）/.exec(before.out)?.[1] ?? '';
    record(hash);
    expect(await check(path)).toMatchObject({ code: 0, err: '' });
    write('600.01');
    expect(await check(path)).toMatchObject({ code: 1, out: expect.stringContaining('未经记录和复核') });
  });

  test('tells a set without a record, a set and a record that do not fit', async () => {
    const path = join(folder, 'set.json');
    writeFileSync(path, JSON.stringify(parameters()));
    expect(await check(path)).toMatchObject({ code: 2, err: expect.stringContaining('ENOENT') });
    writeFileSync(join(folder, 'changes/set.json'), '[');
    expect(await check(path)).toMatchObject({ code: 1, out: expect.stringContaining('不是有效的JSON文档') });
    writeFileSync(path, '{}');
    expect(await check(path)).toMatchObject({ code: 1, out: expect.stringContaining('/version') });
  });
});
