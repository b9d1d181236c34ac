/** What lies below a data folder, held by one process: its lock, its keys, its database; and an edition that isn't running. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { makeFolder } from '#adapters/embedded/files.ts';
import { lockFolder } from '#adapters/embedded/folder-lock.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { checkKeys } from '#adapters/embedded/key-check.ts';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import type { Clock, Ids, ItemStore, Metrics } from '#functions/shared/ports.ts';
import { standingClock } from './case-clock.ts';

const DATABASE = 'filing.db';
const DOCUMENTS = 'documents';

export const keyFileOf = (folder: string): string => join(folder, 'keys', 'vault.json');

/** The keys aren't those of the data; the message tells the operator what to do. */
export class KeysUnusable extends Error {
  override readonly name = 'KeysUnusable';
}

/** There is no edition in the folder. */
export class NoEdition extends Error {
  override readonly name = 'NoEdition';
}

const ADVICE = '系统没有启动，也没有改动任何数据或密钥。请从密钥备份中恢复该文件（权限0600），然后重新启动。';

const unusable = (file: string, cause: VaultRefused): KeysUnusable =>
  new KeysUnusable(`密钥文件 ${file} 不能用于这里的数据（${cause.message}）。\n${ADVICE}`, { cause });

/** The vault of the folder; made only where there is no data yet. */
const openVault = async (folder: string): Promise<KeyFileVault> => {
  const file = keyFileOf(folder);
  const standing = await KeyFileVault.openExisting(file);
  if (standing !== undefined) return standing;
  if (existsSync(join(folder, DATABASE)) || existsSync(join(folder, DOCUMENTS))) {
    throw new KeysUnusable(
      `数据目录中已有数据，但没有密钥文件 ${file}。没有原来的密钥，已密封的信息和材料都打不开。\n${ADVICE}`,
    );
  }
  return KeyFileVault.open(file);
};

const openSealed = async (folder: string): Promise<Pick<DataFolder, 'vault' | 'database'>> => {
  let database: Database | undefined;
  try {
    const vault = await openVault(folder);
    database = new Database(join(folder, DATABASE));
    await checkKeys(database, vault);
    return { vault, database };
  } catch (error) {
    database?.close();
    throw error instanceof VaultRefused ? unusable(keyFileOf(folder), error) : error;
  }
};

export type DataFolder = {
  readonly vault: KeyFileVault;
  readonly database: Database;
  close(): void;
};

/**
 * Takes the folder, which is made if need be; the first time it gets its keys. Errors: `FolderInUse`; `KeysUnusable`
 * where the key file is missing, damaged or another one's while there is data. Nothing has been changed then.
 */
export const openDataFolder = async (folder: string): Promise<DataFolder> => {
  await makeFolder(join(folder, 'keys'));
  const unlock = lockFolder(folder);
  try {
    const sealed = await openSealed(folder);
    return {
      ...sealed,
      close: () => {
        sealed.database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
};

export const documentFolderOf = (folder: string): string => join(folder, DOCUMENTS);

/** An edition that isn't running, for the commands of its operator: nothing goes on while it is open. */
export type StandingEdition = DataFolder & {
  readonly items: ItemStore;
  readonly documents: FileDocumentStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
};

/** `make`: an empty folder becomes an edition, as by a first start. Errors: `NoEdition`, and those of `openDataFolder`. */
export const openStandingEdition = async (folder: string, make = false): Promise<StandingEdition> => {
  if (!make && !existsSync(join(folder, DATABASE))) {
    throw new NoEdition(`${folder} 不是单机版的数据目录，请先启动一次。`);
  }
  const data = await openDataFolder(folder);
  const { database, vault } = data;
  try {
    const clock = await standingClock(folder);
    const documents = await FileDocumentStore.open({
      database,
      folder: documentFolderOf(folder),
      vault,
      // Nothing is uploaded or downloaded while this is open.
      uploadUrl: '/uploads',
      downloadUrl: '/downloads',
      uploadSecret: randomBytes(32),
      clock,
      objectCreated: () => Promise.reject(new Error('an edition that stands delivers no events')),
      eventFailed: (_key, error) => {
        throw error;
      },
    });
    return {
      ...data,
      items: new SqliteItemStore(database),
      documents,
      clock,
      ids: new RandomIds(clock),
      metrics: new MemoryMetrics(),
    };
  } catch (error) {
    data.close();
    throw error;
  }
};

/** Works on an edition that isn't running, and lets it go again. Errors: those of `openStandingEdition`, and the work's. */
export const withStandingEdition = async <T>(
  folder: string,
  work: (edition: StandingEdition) => Promise<T>,
): Promise<T> => {
  const edition = await openStandingEdition(folder);
  try {
    return await work(edition);
  } finally {
    edition.close();
  }
};
