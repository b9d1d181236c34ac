/**
 * Events that a crash must not lose: each is a small file, written before the object it tells of becomes visible
 * and removed once its consumer has succeeded. So an event comes at least once; its consumer is idempotent.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing, replaceFile, syncFolder } from './files.ts';

const Event = z.strictObject({ key: z.string() });

export type ObjectEventOptions = {
  /** Called with the key of an object that has been uploaded; resolves when nothing is left to do. */
  readonly objectCreated: (key: string) => Promise<void>;
  /** Told of each failure; the event stays and comes again. */
  readonly eventFailed: (key: string, error: unknown) => void;
};

export class ObjectEvents {
  readonly #folder: string;
  readonly #temporary: string;
  readonly #options: ObjectEventOptions;
  readonly #underWay = new Map<string, Promise<void>>();

  /** Both folders exist and lie on one file system. */
  constructor(folder: string, temporary: string, options: ObjectEventOptions) {
    this.#folder = folder;
    this.#temporary = temporary;
    this.#options = options;
  }

  /** Writes the event down; gives its id. */
  async record(key: string): Promise<string> {
    const id = randomUUID();
    await replaceFile(join(this.#folder, id), Buffer.from(JSON.stringify({ key })), this.#temporary);
    return id;
  }

  /** Takes an event back whose object did not come about. */
  async discard(id: string): Promise<void> {
    await rm(join(this.#folder, id), { force: true });
    await syncFolder(this.#folder);
  }

  /** Hands the event to its consumer. Never rejects: a failure is told to `eventFailed`. */
  deliver(id: string, key: string): Promise<void> {
    const known = this.#underWay.get(id);
    if (known !== undefined) return known;
    const delivery = this.#deliver(id, key).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, delivery);
    return delivery;
  }

  async #deliver(id: string, key: string): Promise<void> {
    try {
      await this.#options.objectCreated(key);
      await this.discard(id);
    } catch (error) {
      this.#options.eventFailed(key, error);
    }
  }

  /** The events that no consumer has succeeded on and that are not being delivered. */
  async pending(): Promise<readonly { readonly id: string; readonly key: string }[]> {
    const ids = (await readdir(this.#folder)).filter((id) => !this.#underWay.has(id));
    const events = await Promise.all(
      ids.map(async (id) => {
        const key = await this.#keyOf(id);
        return key === undefined ? [] : [{ id, key }];
      }),
    );
    return events.flat();
  }

  /** Nothing where the event has been consumed since the folder was read. */
  async #keyOf(id: string): Promise<string | undefined> {
    try {
      return Event.parse(JSON.parse(await readFile(join(this.#folder, id), 'utf8'))).key;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Resolves when nothing is being delivered any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }
}
