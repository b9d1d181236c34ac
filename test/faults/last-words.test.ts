import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Process } from '../support/process.ts';

const SCRIPT = join(import.meta.dirname, 'last-words-child.ts');
const QUOTED = '姓名样例 340104196001010013';

test.each(['thrown', 'rejected'])(
  'a fault that is %s and that nobody foresaw says its name and place, and nothing of what it quotes',
  async (how) => {
    const child = new Process(SCRIPT, [how, QUOTED]);
    expect(await child.ended).toEqual({ code: 1, signal: null });
    const said = child.errors.split('\n').filter((line) => line.startsWith('{'));
    expect(said.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'error',
        error: 'SyntaxError',
        frames: expect.stringContaining('last-words-child.ts'),
      }),
    ]);
    for (const piece of ['340104', '姓名']) expect(child.errors).not.toContain(piece);
  },
);
