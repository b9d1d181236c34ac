/** What stands in the way of an operator's command on a data folder, in words. */

const TOLD: ReadonlySet<string> = new Set(['FolderInUse', 'KeysUnusable', 'NoEdition']);

/** The message for the person at the terminal; anything that is no circumstance of theirs is thrown on. */
export const operatorFault = (error: unknown): string => {
  if (error instanceof Error && (TOLD.has(error.name) || 'code' in error)) return error.message;
  throw error;
};
