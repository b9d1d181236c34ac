/**
 * Messages of the embedded edition leave the machine by nobody's hand but the operator's: each becomes one line of
 * JSON in an outbox file, from which a gateway of the union's own may take them. What a person sees in the portal
 * is written by the functions.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Message, Notifier } from '#functions/shared/ports.ts';
import { makeFolder, syncFolder } from './files.ts';

const Line = z.object({ id: z.string() });

export class OutboxFileNotifier implements Notifier {
  readonly #file: FileHandle;
  readonly #sent: Set<string>;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, sent: Set<string>) {
    this.#file = file;
    this.#sent = sent;
  }

  /** Opens the file (made with mode 0600) and cuts off a line that a crash left unfinished. */
  static async open(path: string): Promise<OutboxFileNotifier> {
    await makeFolder(dirname(path));
    const file = await open(path, 'a+', 0o600);
    try {
      await syncFolder(dirname(path));
      const content = await file.readFile();
      const whole = content.lastIndexOf('\n') + 1;
      if (whole < content.length) {
        await file.truncate(whole);
        await file.sync();
      }
      const lines = content.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
      return new OutboxFileNotifier(file, new Set(lines.map((line) => Line.parse(JSON.parse(line)).id)));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async send(message: Message): Promise<void> {
    const written = this.#writing.then(() => this.#append(message));
    this.#writing = Promise.allSettled([written]);
    await written;
  }

  async #append(message: Message): Promise<void> {
    if (this.#sent.has(message.id)) return;
    const { size } = await this.#file.stat();
    try {
      await this.#file.appendFile(`${JSON.stringify(message)}\n`);
      await this.#file.sync();
    } catch (error) {
      // Half a line would spoil the next one.
      await this.#file.truncate(size);
      throw error;
    }
    this.#sent.add(message.id);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }
}
