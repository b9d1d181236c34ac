/**
 * Events that a crash must not lose: each is a row, written with the description of the object that it tells of and
 * removed once its consumer has succeeded. So an event comes at least once; its consumer is idempotent.
 */
import * as z from 'zod';
import type { Database } from './database.ts';

const TABLE = `
  CREATE TABLE IF NOT EXISTS objectEvents (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL) STRICT
`;
const RECORD = 'INSERT INTO objectEvents (key) VALUES (?) RETURNING id';
const PENDING = 'SELECT id, key FROM objectEvents ORDER BY id';
const DISCARD = 'DELETE FROM objectEvents WHERE id = ?';

const Event = z.object({ id: z.int(), key: z.string() });
type Event = z.infer<typeof Event>;

export type ObjectEventOptions = {
  /** Called with the key of an object that has been uploaded; resolves when nothing is left to do. */
  readonly objectCreated: (key: string) => Promise<void>;
  /** Told of each failure; the event stays and comes again. */
  readonly eventFailed: (key: string, error: unknown) => void;
};

export class ObjectEvents {
  readonly #options: ObjectEventOptions & { readonly database: Database };
  readonly #underWay = new Map<number, Promise<void>>();

  constructor(options: ObjectEventOptions & { readonly database: Database }) {
    this.#options = options;
    options.database.define(TABLE);
  }

  /** Writes the event down, within a write of the database; gives its id. */
  record(key: string): number {
    return Event.pick({ id: true }).parse(this.#options.database.prepare(RECORD).get(key)).id;
  }

  /** Hands the event to its consumer. Never rejects: a failure is told to `eventFailed`. */
  deliver(id: number, key: string): Promise<void> {
    const known = this.#underWay.get(id);
    if (known !== undefined) return known;
    const delivery = this.#deliver(id, key).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, delivery);
    return delivery;
  }

  async #deliver(id: number, key: string): Promise<void> {
    const { database, objectCreated, eventFailed } = this.#options;
    try {
      await objectCreated(key);
      await database.write(() => database.prepare(DISCARD).run(id));
    } catch (error) {
      eventFailed(key, error);
    }
  }

  /** The events that no consumer has succeeded on and that are not being delivered. */
  pending(): readonly Event[] {
    const rows = this.#options.database.prepare(PENDING).all();
    return rows.map((row) => Event.parse(row)).filter(({ id }) => !this.#underWay.has(id));
  }

  /** Resolves when nothing is being delivered any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values());
  }
}
