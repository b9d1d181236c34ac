/**
 * What the sign-in keeps for a while: sessions, grants, codes, refresh tokens, steps of a sign-in, counts of failures. One
 * table; a row is gone at its time, whether or not it has been swept yet. Times are wall time in milliseconds.
 */
import * as z from 'zod';
import type { Database } from '#adapters/embedded/database.ts';
import { type JsonObject, jsonObjectSchema } from '#domain/json.ts';

const TABLE = `
  CREATE TABLE IF NOT EXISTS sign_in (
    kind TEXT NOT NULL, id TEXT NOT NULL,
    data TEXT NOT NULL, expires INTEGER NOT NULL,
    uid TEXT, grant_id TEXT, account TEXT,
    PRIMARY KEY (kind, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sign_in_expires ON sign_in (expires);
  CREATE INDEX IF NOT EXISTS sign_in_uid ON sign_in (uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS sign_in_grant ON sign_in (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS sign_in_account ON sign_in (account) WHERE account IS NOT NULL;
`;
const GET = 'SELECT data FROM sign_in WHERE kind = ? AND id = ? AND expires > ?';
const BY_UID = 'SELECT data FROM sign_in WHERE kind = ? AND uid = ? AND expires > ?';
const PUT = `
  INSERT INTO sign_in (kind, id, data, expires, uid, grant_id, account) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (kind, id) DO UPDATE SET
    data = excluded.data, expires = excluded.expires,
    uid = excluded.uid, grant_id = excluded.grant_id, account = excluded.account`;
const AMEND = 'UPDATE sign_in SET data = ? WHERE kind = ? AND id = ?';
const DELETE = 'DELETE FROM sign_in WHERE kind = ? AND id = ?';
const DELETE_GRANT = 'DELETE FROM sign_in WHERE grant_id = ?';
const DELETE_ACCOUNT = 'DELETE FROM sign_in WHERE account = ?';
const DELETE_KIND = 'DELETE FROM sign_in WHERE kind = ?';
const SWEEP = 'DELETE FROM sign_in WHERE expires <= ?';

const rowSchema = z
  .object({ data: z.string() })
  .transform(({ data }) => jsonObjectSchema.parse(JSON.parse(data)));

export type Kept = {
  readonly kind: string;
  readonly id: string;
  readonly data: JsonObject;
  readonly expires: number;
  /** Other handles of the same row. */
  readonly uid?: string;
  readonly grant?: string;
  /** Whose it is: it goes when the person is signed out everywhere. */
  readonly account?: string;
};

export class ExpiringStore {
  readonly #database: Database;
  readonly #wall: () => number;

  constructor(database: Database, wall: () => number) {
    this.#database = database;
    this.#wall = wall;
    database.define(TABLE);
  }

  get(kind: string, id: string): JsonObject | undefined {
    const row = this.#database.prepare(GET).get(kind, id, this.#wall());
    return row === undefined ? undefined : rowSchema.parse(row);
  }

  getByUid(kind: string, uid: string): JsonObject | undefined {
    const row = this.#database.prepare(BY_UID).get(kind, uid, this.#wall());
    return row === undefined ? undefined : rowSchema.parse(row);
  }

  put(kept: Kept): Promise<void> {
    return this.#database.write(() => this.#put(kept));
  }

  /**
   * Changes a row in one go, so that of two who do it at once the second sees what the first has made: `change` is given
   * what is there, and gives what is to be there. Resolves with that once it is durable.
   */
  change(
    kind: string,
    id: string,
    change: (data: JsonObject | undefined) => { readonly data: JsonObject; readonly expires: number },
  ): Promise<JsonObject> {
    return this.#database.write(() => {
      const { data, expires } = change(this.get(kind, id));
      this.#put({ kind, id, data, expires });
      return data;
    });
  }

  /** Merges into a row that is there, which keeps its end and its handles; nothing where there is none. */
  async amend(kind: string, id: string, set: JsonObject): Promise<void> {
    await this.#database.write(() => {
      const data = this.get(kind, id);
      if (data === undefined) return;
      this.#database.prepare(AMEND).run(JSON.stringify({ ...data, ...set }), kind, id);
    });
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.#database.write(() => this.#database.prepare(DELETE).run(kind, id));
  }

  async removeGrant(grant: string): Promise<void> {
    await this.#database.write(() => this.#database.prepare(DELETE_GRANT).run(grant));
  }

  /** Signs a person out everywhere. */
  async removeAccount(account: string): Promise<void> {
    await this.#database.write(() => this.#database.prepare(DELETE_ACCOUNT).run(account));
  }

  async removeKind(kind: string): Promise<void> {
    await this.#database.write(() => this.#database.prepare(DELETE_KIND).run(kind));
  }

  async sweep(): Promise<void> {
    await this.#database.write(() => this.#database.prepare(SWEEP).run(this.#wall()));
  }

  #put({ kind, id, data, expires, uid, grant, account }: Kept): void {
    const values = [kind, id, JSON.stringify(data), Math.floor(expires)] as const;
    this.#database.prepare(PUT).run(...values, uid ?? null, grant ?? null, account ?? null);
  }
}
