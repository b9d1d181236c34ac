/**
 * Messages of the embedded edition leave the machine by nobody's hand but the operator's: each becomes one line of
 * JSON in an outbox file, from which a gateway of the union's own may take them. What a person sees in the portal
 * is written by the functions.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Message, Notifier } from '#functions/shared/ports.ts';
import { makeFolder, syncFolder } from './files.ts';

const Line = z.object({ id: z.string() });

export class OutboxFileNotifier implements Notifier {
  readonly #file: FileHandle;
  readonly #sent: Set<string>;
  #writing: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Map<string, Message>();
  #next: Promise<void> | undefined;

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

  /** Messages that come while others are being written go to disk together, with one sync. */
  send(message: Message): Promise<void> {
    this.#waiting.set(message.id, message);
    this.#next ??= this.#writing.then(() => this.#append());
    return this.#next;
  }

  async #append(): Promise<void> {
    const messages = [...this.#waiting.values()].filter(({ id }) => !this.#sent.has(id));
    const run = this.#write(messages);
    this.#waiting.clear();
    this.#next = undefined;
    this.#writing = Promise.allSettled([run]);
    await run;
    for (const { id } of messages) this.#sent.add(id);
  }

  async #write(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { size } = await this.#file.stat();
    try {
      await this.#file.appendFile(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
      await this.#file.sync();
    } catch (error) {
      // Half a line would spoil the next one.
      await this.#file.truncate(size);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#next;
    await this.#writing;
    await this.#file.close();
  }
}
