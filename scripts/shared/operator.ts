/** What stands in the way of an operator's command on a data folder, in words. */
import { FolderInUse } from '#adapters/embedded/folder-lock.ts';
import { KeysUnusable, NoEdition } from '#embedded/data-folder.ts';

/** The message for the person at the terminal; anything that is no circumstance of theirs is thrown on. */
export const operatorFault = (error: unknown): string => {
  const told = error instanceof FolderInUse || error instanceof KeysUnusable || error instanceof NoEdition;
  // A file that can't be read or written: the system's own words.
  if (error instanceof Error && (told || 'code' in error)) return error.message;
  throw error;
};
