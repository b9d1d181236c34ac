/** What stops a transfer, for the person at the terminal. */

/**
 * `code` is stable, `message` Chinese and free of personal data. `exit` as the other scripts have it: 1 where something
 * was looked at and isn't right, 2 where it can't be looked at, or was asked for wrongly.
 */
export class TransferFault extends Error {
  override readonly name = 'TransferFault';
  readonly code: string;
  readonly exit: 1 | 2;

  constructor(code: string, exit: 1 | 2, message: string) {
    super(message);
    this.code = code;
    this.exit = exit;
  }
}

/** Whether a file system call failed by a code, as `ENOENT`. */
export const failedWith = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
