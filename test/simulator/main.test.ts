import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { HttpCrossCheckCentre } from '#adapters/http/centre.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { requestBody, startUnion } from './union.ts';

const MAIN = join(import.meta.dirname, '../../simulator/main.ts');

let root = '';
let child: ChildProcess | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'simulator-'));
});
afterEach(() => {
  if (child?.exitCode === null) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

const run = (...options: string[]) => {
  const started = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  return started;
};

test('a process of its own: says where it listens, answers, ends cleanly on SIGTERM', async () => {
  const files = ensureCrossCheckKeys(join(root, 'keys'));
  const scenarios = join(root, 'scenarios.json');
  writeFileSync(scenarios, JSON.stringify([{ requestId: '^r-', scenario: 'twice' }]));
  const process = run('--port', '0', '--keys', files.centre, '--scenarios', scenarios);
  const lines = createInterface(process.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse(z.string().parse((await lines.next()).value));
  const { listening } = z.strictObject({ listening: z.url() }).parse(await next());

  const ours = parseKeyRing(readFileSync(files.ours, 'utf8'));
  const union = await startUnion(ours);
  try {
    const centre = new HttpCrossCheckCentre({
      url: listening,
      key: ours.signing,
      clock: { wall: Date.now },
      ids: { next: () => 'nonce-0000000000' },
    });
    await centre.request({ requestId: 'r-1', body: requestBody(union) });
    expect(await next()).toMatchObject({ event: 'requested', scenario: 'twice' });
    expect(await next()).toMatchObject({ event: 'sent', status: 204 });
    expect(await next()).toMatchObject({ event: 'sent', status: 204 });
    expect(union.callbacks).toHaveLength(2);
  } finally {
    await union.close();
  }
  process.kill('SIGTERM');
  expect(await once(process, 'exit')).toEqual([0, null]);
});

test('wrong arguments or files: a sentence, exit code 2', async () => {
  const notKeys = join(root, 'keys.json');
  writeFileSync(notKeys, '{}');
  const keys = ['--keys', ensureCrossCheckKeys(join(root, 'keys')).centre];
  const notRules = join(root, 'rules.json');
  writeFileSync(
    notRules,
    '[{"scenario": "late"}, {"name": "张三", "scenario": "never"}, {"requestId": "(", "scenario": "late"}]',
  );
  for (const options of [
    [],
    ['--keys', notKeys],
    [...keys, '--port', 'x'],
    [...keys, '--scenarios', notRules],
    ['--what'],
  ]) {
    const process = run(...options);
    const [message, [code]] = await Promise.all([text(process.stderr), once(process, 'exit')]);
    expect(code).toBe(2);
    expect(message.trim().split('\n')).toHaveLength(1);
    if (options.includes(notRules)) expect(message).toMatch(/\/0:.*\/1\/scenario:.*\/2\/requestId:/);
  }
});
