/** What stands in the way of an operator's command on a data folder, in words. */
import { FolderInUse } from '#adapters/embedded/folder-lock.ts';
import { KeysUnusable, NoEdition } from '#embedded/data-folder.ts';
import { fileFault } from './file-fault.ts';

/** The message for the person at the terminal; anything that is no circumstance of theirs is thrown on. */
export const operatorFault = (error: unknown): string => {
  const told = error instanceof FolderInUse || error instanceof KeysUnusable || error instanceof NoEdition;
  const words = told ? error.message : fileFault(error);
  if (words === undefined) throw error;
  return words;
};
