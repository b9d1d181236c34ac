import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';

const CHILD = new URL('./documents-writer.ts', import.meta.url).pathname;

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs the writer from a number on and kills it after so many lines; gives all lines. */
async function writeAndKill(start: number, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, folder.path, String(start)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(line);
    if (told.length === lines) child.kill('SIGKILL');
  }
  expect(await ended).toEqual([null, 'SIGKILL']);
  return told;
}

const told = (lines: readonly string[], word: string): string[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

describe('documents after kill -9', () => {
  it('are whole, all that were acknowledged are there, and no event of theirs is lost', async () => {
    let next = 0;
    const consumed = new Set<string>();
    const uploaded = new Set<string>();
    for (const lines of [1, 2, 3, 10, 41, 100]) {
      const output = await writeAndKill(next, lines);
      const database = new Database(join(folder.path, 'documents.db'));
      const store = await FileDocumentStore.open({
        database,
        folder: folder.path,
        uploadUrl: 'http://127.0.0.1/uploads',
        downloadUrl: 'http://127.0.0.1/downloads',
        uploadSecret: new Uint8Array(32),
        clock: { wall: Date.now },
        vault: await KeyFileVault.open(join(folder.path, 'keys', 'vault.json')),
        objectCreated: async (key) => {
          consumed.add(key);
        },
        eventFailed: (_key, error) => {
          throw error;
        },
      });
      for (const key of told(output, 'uploaded')) uploaded.add(key);
      for (const key of told(output, 'consumed')) consumed.add(key);
      await store.redeliver();
      // Reading compares the content with its checksum.
      for (const key of await store.list('uploads/')) {
        const n = key.slice('uploads/c1/'.length);
        expect(Buffer.from(await store.read(key)).toString()).toBe(`${n} `.repeat(3000));
        expect(consumed).toContain(key);
      }
      expect(await store.list('uploads/')).toEqual(expect.arrayContaining([...uploaded]));
      const acknowledged = Number(told(output, 'put').at(-1) ?? Number.NaN);
      if (!Number.isNaN(acknowledged)) {
        const stored = Number.parseInt(Buffer.from(await store.read('archive/c1/same')).toString(), 10);
        expect([acknowledged, acknowledged + 1]).toContain(stored);
      }
      expect(await readdir(`${folder.path}/.incoming`)).toEqual([]);
      database.close();
      next += lines + 1;
    }
    expect(uploaded.size).toBeGreaterThan(30);
  });
});
