/**
 * An edition as a transfer sees it: its stores and its vault, and nothing that runs. No execution goes on, no message is
 * told, no event is delivered while it is open.
 */
import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { makeFolder, replaceFile } from '#adapters/embedded/files.ts';
import { FolderInUse, lockFolder } from '#adapters/embedded/folder-lock.ts';
import { FileDocumentInventory, SqliteItemInventory } from '#adapters/embedded/inventory.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { MemoryMetrics } from '#adapters/embedded/metrics.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import type { DocumentInventory, ItemInventory, Ports } from '#functions/shared/ports.ts';
import { failedWith, TransferFault } from './fault.ts';

export type Side = Pick<Ports, 'items' | 'documents' | 'vault' | 'clock' | 'ids' | 'metrics'> & {
  readonly name: 'embedded' | 'cloud';
  readonly inventory: { readonly items: ItemInventory; readonly documents: DocumentInventory };
  /** Rejects with the fault `not-quiet` where something is under way that doesn't move. */
  requireQuiet(): Promise<void>;
  /** Keeps the local standards of the source; gives sentences on what is left to a person. Fault: `conflict`. */
  keepParameters(parameters: Uint8Array): Promise<readonly string[]>;
  close(): Promise<void>;
};

const exists = async (path: string): Promise<boolean> => {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return false;
    throw error;
  }
};

const lock = (folder: string): (() => void) => {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) throw new TransferFault('folder-in-use', 2, error.message);
    throw error;
  }
};

/** Puts a settings file into the folder; one that differs is left alone and a fault. */
const keepFile = async (folder: string, name: string, content: Uint8Array): Promise<string> => {
  const path = join(folder, name);
  if (!(await exists(path))) await replaceFile(path, content, folder);
  else if (!Buffer.from(content).equals(await readFile(path))) {
    throw new TransferFault('conflict', 1, `${path} 已存在且内容不同，未予改动；请先移开它。`);
  }
  return path;
};

/**
 * The one-machine edition in a data folder, held for as long as it is open. `make`: an empty folder becomes an edition, as
 * by a first start. Faults: `no-edition`, `folder-in-use`.
 */
export const openEmbedded = async (folder: string, make: boolean): Promise<Side> => {
  const databaseFile = join(folder, 'filing.db');
  const keyFile = join(folder, 'keys', 'vault.json');
  if (!make && !((await exists(databaseFile)) && (await exists(keyFile)))) {
    throw new TransferFault('no-edition', 2, `${folder} 不是单机版的数据目录。`);
  }
  await makeFolder(join(folder, 'keys'));
  const unlock = lock(folder);
  const clock = new SystemClock();
  const database = new Database(databaseFile);
  const items = new SqliteItemStore(database);
  const documents = await FileDocumentStore.open({
    database,
    folder: join(folder, 'documents'),
    // Nothing is uploaded while this is open.
    uploadUrl: '/uploads',
    uploadSecret: randomBytes(32),
    clock,
    objectCreated: () => Promise.reject(new Error('a transfer delivers no events')),
    eventFailed: (_key, error) => {
      throw error;
    },
  });
  return {
    name: 'embedded',
    items,
    documents,
    vault: await KeyFileVault.open(keyFile),
    clock,
    ids: new RandomIds(clock),
    metrics: new MemoryMetrics(),
    inventory: { items: new SqliteItemInventory(database), documents: new FileDocumentInventory(database) },
    requireQuiet: async () => {
      const pending = documents.pendingEvents();
      if (pending === 0) return;
      throw new TransferFault(
        'not-quiet',
        1,
        `有${pending}个上传的文件还没有登记。请启动一次该系统，待其登记完毕后停止，再导出。`,
      );
    },
    keepParameters: async (parameters) => [
      `启动时请加上：--parameters ${await keepFile(folder, 'parameters.json', parameters)}`,
    ],
    close: async () => {
      database.close();
      unlock();
    },
  };
};
