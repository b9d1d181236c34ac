/**
 * One process at a time on a data folder: two would run every execution twice. The lock is SQLite's own on an empty
 * database, which the operating system releases whatever becomes of the process.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Somebody else holds the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

const SQLITE_BUSY = 5;

/** Takes the folder, which exists; the result gives it back. Throws `FolderInUse`. */
export const lockFolder = (folder: string): (() => void) => {
  const connection = new DatabaseSync(join(folder, 'lock'));
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    const busy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
    throw busy ? new FolderInUse(`数据目录 ${folder} 正由另一个进程使用，请先停止它。`) : error;
  }
  return () => connection.close();
};
