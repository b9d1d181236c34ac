/**
 * An edition as a transfer sees it: its stores and its vault, and nothing that runs. No execution goes on, no message is
 * told, no event is delivered while it is open.
 */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '#adapters/embedded/files.ts';
import { FolderInUse } from '#adapters/embedded/folder-lock.ts';
import { FileDocumentInventory, SqliteItemInventory } from '#adapters/embedded/inventory.ts';
import { KeysUnusable, NoEdition, openStandingEdition, type StandingEdition } from '#embedded/data-folder.ts';
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

const FAULTS = new Map<unknown, string>([
  [FolderInUse, 'folder-in-use'],
  [NoEdition, 'no-edition'],
  [KeysUnusable, 'keys-unusable'],
]);

const openStanding = async (folder: string, make: boolean): Promise<StandingEdition> => {
  try {
    return await openStandingEdition(folder, make);
  } catch (error) {
    const code = error instanceof Error ? FAULTS.get(error.constructor) : undefined;
    if (!(error instanceof Error) || code === undefined) throw error;
    throw new TransferFault(code, 2, error.message);
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
 * by a first start. Faults: `no-edition`, `folder-in-use`, `keys-unusable`.
 */
export const openEmbedded = async (folder: string, make: boolean): Promise<Side> => {
  const edition = await openStanding(folder, make);
  const { database, documents } = edition;
  return {
    ...edition,
    name: 'embedded',
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
    close: async () => edition.close(),
  };
};
