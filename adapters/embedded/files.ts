/** Files that are on disk when a promise resolves, and whole or absent whenever the machine stops. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Whether a file system call failed because the file isn't there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const syncing = new Map<string, { readonly running: Promise<void>; next: Promise<void> | undefined }>();

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Makes the names in a folder durable. Calls that come during a sync of the same folder share the next one: a case's
 * papers come many at once.
 */
export async function syncFolder(path: string): Promise<void> {
  const current = syncing.get(path);
  if (current !== undefined) {
    current.next ??= Promise.allSettled([current.running]).then(() => begin(path));
    return current.next;
  }
  return begin(path);
}

function begin(path: string): Promise<void> {
  const running = sync(path).finally(() => {
    if (syncing.get(path)?.running === running) syncing.delete(path);
  });
  syncing.set(path, { running, next: undefined });
  return running;
}

/** Makes a folder and those above it, durably, for the owner alone. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made !== dirname(first); made = dirname(made)) await syncFolder(dirname(made));
}

/** Writes the file whole and to disk; one that fails leaves nothing. The name is not yet durable. */
export async function writeNew(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) await handle.appendFile(chunk);
    await handle.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Puts the file in place of what may be there, by way of a temporary name in the folder `temporary`. */
export async function replaceFile(path: string, content: Uint8Array, temporary: string): Promise<void> {
  const draft = join(temporary, randomUUID());
  await writeNew(draft, [content]);
  await rename(draft, path);
  await syncFolder(dirname(path));
}
