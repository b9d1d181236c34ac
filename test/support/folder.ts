/** A temporary folder of a test, removed when the test has ended. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Folder = { readonly path: string; remove(): Promise<void> };

export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'hardship-filing-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
