/** From the start of the process to the first answer, on an empty folder: the median of several starts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchRow } from './row.ts';

const ROOT = join(import.meta.dirname, '../..');
const STARTS = 7;

const firstAnswer = async (): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-startup-'));
  const from = performance.now();
  const server = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'embedded/main.ts'),
      '--data',
      folder,
      '--port',
      '0',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    const [line] = await once(createInterface({ input: server.stdout }), 'line');
    const url = /https?:\/\/\S+/.exec(String(line))?.[0];
    if (url === undefined) throw new Error(`no address in: ${line}`);
    const response = await fetch(`${url}/v1/notices`);
    if (!response.ok) throw new Error(`the first answer was ${response.status}`);
    await response.json();
    return performance.now() - from;
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
};

export const benchStartup = async (): Promise<readonly BenchRow[]> => {
  const times: number[] = [];
  for (let start = 0; start < STARTS; start += 1) times.push(await firstAnswer());
  const median = times.toSorted((a, b) => a - b)[Math.floor(STARTS / 2)] ?? 0;
  return [{ measure: 'start to first answer, empty folder', value: median, unit: 'ms', aim: '< 1000' }];
};
