import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OutboxFileNotifier } from '#adapters/embedded/notifier.ts';
import { temporaryFolder } from '#test/support/folder.ts';
import { notifierContract } from './notifier.contract.ts';

notifierContract('outbox file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'outbox.jsonl');
  const notifier = await OutboxFileNotifier.open(path);
  return {
    notifier,
    sent: async () =>
      (await readFile(path, 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    close: async () => {
      await notifier.close();
      await folder.remove();
    },
  };
});
