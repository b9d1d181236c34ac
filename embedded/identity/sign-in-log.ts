/**
 * The record of sign-ins: who, when, from where, with what outcome; one line of JSON each in `sign-ins.jsonl` (0600). It is
 * the only place that keeps a network address. Of a name that was typed only a keyed hash stands in it: people type
 * passwords into the wrong field.
 */
import { type FileHandle, open } from 'node:fs/promises';

export type SignInOutcome =
  | 'signed-in'
  | 'wrong-password'
  | 'locked'
  | 'suspended'
  | 'wrong-code'
  | 'recovery-code-used'
  | 'second-factor-enrolled'
  | 'password-set'
  | 'registered'
  | 'registered-again'
  | 'wrong-link'
  | 'first-administrator'
  | 'signed-out';

export type SignInEvent = {
  readonly outcome: SignInOutcome;
  readonly address: string;
  /** Null where no account was found. */
  readonly subject: string | null;
  /** Keyed hash of the name that was typed; null where none was. */
  readonly account: string | null;
};

export class SignInLog {
  readonly #file: FileHandle;
  readonly #wall: () => number;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, wall: () => number) {
    this.#file = file;
    this.#wall = wall;
  }

  /** Opens the file, or makes it. A line that a crash left unfinished is ended, so that it spoils no other. */
  static async open(path: string, wall: () => number): Promise<SignInLog> {
    const file = await open(path, 'a+', 0o600);
    const { size } = await file.stat();
    if (size > 0) {
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
      if (buffer.toString() !== '\n') await file.appendFile('\n');
    }
    return new SignInLog(file, wall);
  }

  /** Resolves once the line is on disk. Lines stand in the order of the calls. */
  async record(event: SignInEvent): Promise<void> {
    const line = `${JSON.stringify({ at: new Date(this.#wall()).toISOString(), ...event })}\n`;
    const written = Promise.allSettled([this.#writing]).then(async () => {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    });
    this.#writing = written;
    await written;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#writing]);
    await this.#file.close();
  }
}
