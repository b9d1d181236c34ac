/**
 * Takes an archive out of an edition: a plain folder that anyone can check with `npm run -s verify`. Who did it and what
 * for is an event of the case's audit chain, written before the first file is (B-15, B-16).
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder, syncFolder, writeNew } from '#adapters/embedded/files.ts';
import { type CasePorts, changeCase, readCase } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import type { DocumentStore } from '#functions/shared/ports.ts';

export type TakeOut = {
  readonly caseId: string;
  /** A folder that isn't there yet; it and its files are for the owner alone. */
  readonly target: string;
  readonly purpose: string;
  /** The name of the person at the terminal, as they give it. */
  readonly by: string;
};

/**
 * Resolves with the number of files once all are on disk; where it fails there is no folder. Errors: 404
 * `case-not-found`, 409 `not-archived`, 409 `target-exists`; `ChecksumMismatch` where a stored file is damaged.
 */
export const takeOut = async (
  ports: CasePorts & { readonly documents: Pick<DocumentStore, 'list' | 'read'> },
  { caseId, target, purpose, by }: TakeOut,
): Promise<number> => {
  const { archive } = await readCase(ports.items, caseId);
  if (archive === null) throw new AppError('not-archived', 409, '该申请还没有归档，没有档案可以调出。');
  const whole = resolve(target);
  // What a killed run has left may be anybody's: it is not removed here.
  const part = `${whole}.part`;
  for (const path of [whole, part]) {
    if (existsSync(path))
      throw new AppError('target-exists', 409, `${path} 已存在，请另选一个目录或先移开它。`);
  }
  await changeCase(ports, caseId, (current) => ({
    next: current,
    event: {
      type: 'archiveTakenOut',
      actor: { kind: 'person', subject: 'command-line', name: by, organisation: null, roles: [] },
      data: { purpose, manifestSha256: archive.manifestSha256 },
    },
  }));
  const keys = await ports.documents.list(archive.prefix);
  try {
    for (const key of keys) {
      const path = join(part, key.slice(archive.prefix.length));
      await makeFolder(dirname(path));
      await writeNew(path, [await ports.documents.read(key)]);
      await syncFolder(dirname(path));
    }
    await rename(part, whole);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(dirname(whole));
  return keys.length;
};
