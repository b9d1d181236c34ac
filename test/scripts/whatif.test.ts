import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Document, declaration, earning, parameters } from '#test/domain/rules/household.ts';
import { captured } from '#test/support/command.ts';
import { run } from '../../scripts/whatif.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whatif-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const standards = (name: string, changes: Document = {}): string =>
  file(name, JSON.stringify({ ...parameters(changes), version: name }));

const whatif = async (...args: string[]) => {
  return captured((out, err) => run(args, out, err));
};

const household = (amount: string | null, changes: Document = {}): string =>
  JSON.stringify(declaration({ ...earning(amount), ...changes }));

describe('new parameters', () => {
  // Alone, a month: 1000 yuan is above 1.5 × 600 = 900 and within 1.5 × 700 = 1050; 1200 is beyond both.
  const near = household('12000');
  const poor = household('7200');
  const rich = household('14400');
  const unknown = household(null);

  test('name each household that moves, with counts, and nobody else', async () => {
    const lines = file(
      'all.jsonl',
      [near, poor, '', near, rich, unknown].map((each) => `${each}\n`).join(''),
    );
    const single = file('one.json', near);
    const options = [
      '--old',
      standards('old'),
      '--parameters',
      standards('new', { subsistenceAllowance: '700' }),
    ];
    const { code, out, err } = await whatif(...options, lines, single);
    expect(out.slice(0, 5)).toEqual([
      `${lines}第1行：不予建档→省总级`,
      `${lines}第4行：不予建档→省总级`,
      `${single}：不予建档→省总级`,
      '共7份申报，其中1份不符合格式；结果有变化的3份：',
      '不予建档→省总级：3份',
    ]);
    expect(out.join('\n')).toContain('现行参数：old');
    expect(out.join('\n')).toContain('新参数：new');
    expect(err).toEqual([`${lines}第3行：不符合格式，未计入（1处）`]);
    expect(code).toBe(2);
  });

  test('that a standard is missing from make decided cases undecided', async () => {
    const lines = file('all.jsonl', `${near}\n${poor}`);
    const { code, out } = await whatif(
      ...['--old', standards('old'), '--parameters', standards('new', { subsistenceAllowance: undefined })],
      lines,
    );
    expect(out.slice(2, 5)).toEqual([
      '共2份申报，其中0份不符合格式；结果有变化的2份：',
      '不予建档→暂不能作出：1份',
      '省总级→暂不能作出：1份',
    ]);
    expect(code).toBe(0);
  });

  test('that are the same move nobody', async () => {
    const { code, out } = await whatif(
      ...['--old', standards('old'), '--parameters', standards('new')],
      file('one.json', near),
    );
    expect(out[0]).toBe('共1份申报，其中0份不符合格式；结果有变化的0份：');
    expect(code).toBe(0);
  });

  test('are compared with the shipped example where no old ones are named; the summary is JSON', async () => {
    const { code, out } = await whatif(
      ...['--summary', '--parameters', standards('new', { subsistenceAllowance: '100' })],
      file('one.json', poor),
    );
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0] ?? '')).toEqual({
      from: expect.stringMatching(/^[0-9a-f]{64}$/),
      to: expect.stringMatching(/^[0-9a-f]{64}$/),
      effect: { declarations: 1, faulty: 0, moves: [{ from: '省总级', to: '不予建档', count: 1 }] },
    });
    expect(code).toBe(0);
  });

  test('that do not fit are told with exit code 2; what is not there, and wrong usage, with 1', async () => {
    const faulty = await whatif('--parameters', file('faulty.json', '{}'), file('one.json', near));
    expect(faulty).toMatchObject({ code: 2, out: [] });
    expect(faulty.err.join()).toContain('/version');
    expect(await whatif('--parameters', standards('new'), join(folder, 'none.json'))).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/none\.json”：没有这个文件或文件夹（ENOENT）$/)],
    });
    for (const args of [[], ['a.json'], ['--parameters'], ['--parameters', 'x'], ['--unknown', 'x', 'y']]) {
      expect(await whatif(...args)).toMatchObject({ code: 1, err: [expect.stringMatching(/^用法/)] });
    }
  });
});
