import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutboxFileNotifier } from '#adapters/embedded/notifier.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';

let folder: Folder;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'out', 'outbox.jsonl');
});
afterEach(() => folder.remove());

const message = (id: string) => ({ id, caseId: 'c1', to: { subject: 's' }, title: '通知', text: '内容' });
const ids = async (): Promise<unknown[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).id);
async function sendAll(...messages: string[]): Promise<void> {
  const notifier = await OutboxFileNotifier.open(path);
  for (const id of messages) await notifier.send(message(id));
  await notifier.close();
}

describe('the outbox file', () => {
  it('is for its owner alone', async () => {
    await sendAll('m1');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('remembers over a restart what was sent', async () => {
    await sendAll('m1', 'm2');
    await sendAll('m2', 'm3', 'm1');
    expect(await ids()).toEqual(['m1', 'm2', 'm3']);
  });

  it('a line that a crash cut off is dropped and sent again', async () => {
    await sendAll('m1');
    const whole = JSON.stringify(message('m2'));
    for (const half of [whole.slice(0, 9), whole]) {
      await appendFile(path, half);
      await sendAll();
      expect(await ids()).toEqual(['m1']);
    }
    await sendAll('m2');
    expect(await ids()).toEqual(['m1', 'm2']);
  });

  it('one that is not an outbox is refused and left as it is', async () => {
    await sendAll();
    await writeFile(path, 'Dear union\n');
    await expect(OutboxFileNotifier.open(path)).rejects.toThrow();
    expect(await readFile(path, 'utf8')).toBe('Dear union\n');
  });

  it('takes nothing after it is closed', async () => {
    const notifier = await OutboxFileNotifier.open(path);
    await notifier.close();
    await expect(notifier.send(message('m1'))).rejects.toThrow();
  });
});
