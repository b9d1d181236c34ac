import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';

const WRITERS = 6;
const CHILD = new URL('./items-writer.ts', import.meta.url).pathname;

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs the writers, kills them after so many acknowledgements; gives the last number acknowledged to each. */
async function hammerAndKill(path: string, acknowledgements: number): Promise<Map<number, number>> {
  const child = spawn(process.execPath, [CHILD, path, String(WRITERS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const acknowledged = new Map<number, number>();
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [writer = Number.NaN, number = Number.NaN] = line.split(' ').map(Number);
    acknowledged.set(writer, number);
    if (++count === acknowledgements) child.kill('SIGKILL');
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

describe('the item store after kill -9', () => {
  it('has every acknowledged transaction, and each of them whole', async () => {
    const path = join(folder.path, 'filing.db');
    const reached = new Map<number, number>();
    // Where the kill falls between write, commit and acknowledgement is left to the machine; the counts vary it.
    for (const acknowledgements of [1, 5, 62, 333, 1001]) {
      for (const [writer, number] of await hammerAndKill(path, acknowledgements)) reached.set(writer, number);
      const database = new Database(path);
      const store = new SqliteItemStore(database);
      for (let writer = 0; writer < WRITERS; writer++) {
        const { items } = await store.query({ pk: `writer#${writer}` });
        const numbers = new Set(items.flatMap(({ version, data }) => [version, data.n]));
        expect(numbers.size).toBeLessThanOrEqual(1);
        const acknowledged = reached.get(writer) ?? 0;
        const [stored = 0] = numbers;
        expect(items).toHaveLength(stored === 0 ? 0 : 5);
        // A commit whose acknowledgement the kill cut off may be there: one more, never one less.
        expect(stored === acknowledged || stored === acknowledged + 1).toBe(true);
        if (typeof stored === 'number') reached.set(writer, stored);
      }
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
    }
    expect(Math.min(...reached.values())).toBeGreaterThan(100);
  });
});
