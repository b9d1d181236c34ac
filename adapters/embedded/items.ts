/**
 * Items in SQLite. TEXT compares by `BINARY` collation, that is by the bytes of its UTF-8 form, as DynamoDB does.
 * A secondary index is two columns and a partial index over them, so it is never behind.
 */
import * as z from 'zod';
import { checkItemSize, checkKey, checkOperations, keyOf } from '#adapters/shared/item-form.ts';
import { type PlannedQuery, planQuery, toPage } from '#adapters/shared/item-query.ts';
import { ConditionFailed } from '#functions/shared/errors.ts';
import {
  INDEXES,
  type Item,
  type ItemKey,
  type ItemOperation,
  type ItemPage,
  type ItemQuery,
  type ItemStore,
  type JsonObject,
} from '#functions/shared/ports.ts';
import type { Database } from './database.ts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL, sk TEXT NOT NULL,
    version INTEGER NOT NULL, schema INTEGER NOT NULL, data TEXT NOT NULL,
    gsi1pk TEXT, gsi1sk TEXT, gsi2pk TEXT, gsi2sk TEXT, gsi3pk TEXT, gsi3sk TEXT,
    expires INTEGER,
    PRIMARY KEY (pk, sk)
  ) STRICT;
`;
const INDEXED = `
  CREATE INDEX IF NOT EXISTS items_gsi1 ON items (gsi1pk, gsi1sk, pk, sk) WHERE gsi1pk IS NOT NULL;
  CREATE INDEX IF NOT EXISTS items_gsi2 ON items (gsi2pk, gsi2sk, pk, sk) WHERE gsi2pk IS NOT NULL;
  CREATE INDEX IF NOT EXISTS items_gsi3 ON items (gsi3pk, gsi3sk, pk, sk) WHERE gsi3pk IS NOT NULL;
  CREATE INDEX IF NOT EXISTS items_expires ON items (expires) WHERE expires IS NOT NULL;
`;

export const COLUMNS =
  'pk, sk, version, schema, data, gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk, expires';
const GET = `SELECT ${COLUMNS} FROM items WHERE pk = ? AND sk = ?`;
const VERSION = 'SELECT version FROM items WHERE pk = ? AND sk = ?';
const PUT = `
  INSERT INTO items (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (pk, sk) DO UPDATE SET
    version = excluded.version, schema = excluded.schema, data = excluded.data,
    gsi1pk = excluded.gsi1pk, gsi1sk = excluded.gsi1sk, gsi2pk = excluded.gsi2pk, gsi2sk = excluded.gsi2sk,
    gsi3pk = excluded.gsi3pk, gsi3sk = excluded.gsi3sk, expires = excluded.expires`;
const DELETE = 'DELETE FROM items WHERE pk = ? AND sk = ?';
const SWEEP = 'DELETE FROM items WHERE (pk, sk) IN (SELECT pk, sk FROM items WHERE expires <= ? LIMIT ?)';
/** So many in one transaction, so that nobody who writes waits long. */
const SWEEP_ROWS = 500;

const Data = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'not a JSON object',
);
const Column = z.object({ name: z.string() });
const Version = z.object({ version: z.int() });
export const Row = Version.extend({
  pk: z.string(),
  sk: z.string(),
  schema: z.int(),
  data: z.string(),
  gsi1pk: z.string().nullable(),
  gsi1sk: z.string().nullable(),
  gsi2pk: z.string().nullable(),
  gsi2sk: z.string().nullable(),
  gsi3pk: z.string().nullable(),
  gsi3sk: z.string().nullable(),
  expires: z.int().nullable(),
}).transform((row): Item => {
  const index = {
    ...(row.gsi1pk === null || row.gsi1sk === null ? {} : { gsi1: { pk: row.gsi1pk, sk: row.gsi1sk } }),
    ...(row.gsi2pk === null || row.gsi2sk === null ? {} : { gsi2: { pk: row.gsi2pk, sk: row.gsi2sk } }),
    ...(row.gsi3pk === null || row.gsi3sk === null ? {} : { gsi3: { pk: row.gsi3pk, sk: row.gsi3sk } }),
  };
  return {
    pk: row.pk,
    sk: row.sk,
    version: row.version,
    schema: row.schema,
    data: Data.parse(JSON.parse(row.data)),
    ...(Object.keys(index).length === 0 ? {} : { index }),
    ...(row.expires === null ? {} : { expiresAt: row.expires }),
  };
});

/** The least text above every text with this prefix; none where the prefix is all U+10FFFF. */
function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // Surrogates are no characters: the code point after U+D7FF is U+E000.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

/** The statement of a query, asking for one item more than its page, and the values it takes. */
function select(query: PlannedQuery): {
  readonly sql: string;
  readonly values: readonly (string | number)[];
} {
  const pk = query.index === undefined ? 'pk' : `${query.index}pk`;
  const sk = query.index === undefined ? 'sk' : `${query.index}sk`;
  const where = [`${pk} = ?`];
  const values: (string | number)[] = [query.pk];
  const demand = (condition: string, ...given: string[]) => {
    where.push(condition);
    values.push(...given);
  };
  if (query.span.kind === 'prefix') {
    demand(`${sk} >= ?`, query.span.prefix);
    const end = prefixEnd(query.span.prefix);
    if (end !== undefined) demand(`${sk} < ?`, end);
  } else if (query.span.kind === 'range') {
    if (query.span.from !== undefined) demand(`${sk} >= ?`, query.span.from);
    if (query.span.to !== undefined) demand(`${sk} <= ?`, query.span.to);
  }
  const beyond = query.descending ? '<' : '>';
  if (query.after?.item !== undefined) {
    demand(`(${sk}, pk, sk) ${beyond} (?, ?, ?)`, query.after.sk, query.after.item.pk, query.after.item.sk);
  } else if (query.after !== undefined) {
    demand(`${sk} ${beyond} ?`, query.after.sk);
  }
  const direction = query.descending ? 'DESC' : 'ASC';
  const order = (query.index === undefined ? [sk] : [sk, 'pk', 'sk']).map(
    (column) => `${column} ${direction}`,
  );
  values.push(query.limit + 1);
  return {
    sql: `SELECT ${COLUMNS} FROM items WHERE ${where.join(' AND ')} ORDER BY ${order.join(', ')} LIMIT ?`,
    values,
  };
}

export class SqliteItemStore implements ItemStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.define(TABLES);
    this.#addColumns();
    database.define(INDEXED);
  }

  /** A table of a version that knew fewer columns gets them, empty. */
  #addColumns(): void {
    const rows = this.#database.prepare("SELECT name FROM pragma_table_info('items')").all();
    const there = new Set(rows.map((row) => Column.parse(row).name));
    const columns = INDEXES.flatMap((index) => [`${index}pk TEXT`, `${index}sk TEXT`]);
    for (const column of [...columns, 'expires INTEGER']) {
      const [name = ''] = column.split(' ');
      if (!there.has(name)) this.#database.define(`ALTER TABLE items ADD COLUMN ${column}`);
    }
  }

  /** Removes the items whose life has ended by that instant, in milliseconds; how many those were. */
  async sweep(wall: number): Promise<number> {
    const seconds = Math.floor(wall / 1000);
    for (let removed = 0; ; ) {
      const { changes } = await this.#database.write(() =>
        this.#database.prepare(SWEEP).run(seconds, SWEEP_ROWS),
      );
      removed += Number(changes);
      if (changes < SWEEP_ROWS) return removed;
    }
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    checkKey(key);
    return this.#read(key);
  }

  async query(query: ItemQuery): Promise<ItemPage> {
    const planned = planQuery(query);
    if (planned === undefined) return { items: [] };
    const { sql, values } = select(planned);
    const rows = this.#database.prepare(sql).all(...values);
    return toPage(
      planned,
      rows.map((row) => Row.parse(row)),
    );
  }

  async transact(operations: readonly ItemOperation[]): Promise<void> {
    checkOperations(operations);
    await this.#database.write(() => {
      const failed = [...operations.keys()].filter((position) => {
        const operation = operations[position];
        return operation !== undefined && !this.#holds(operation);
      });
      if (failed.length > 0) throw new ConditionFailed(failed);
      for (const operation of operations) this.#apply(operation);
    });
  }

  #read(key: ItemKey): Item | undefined {
    const row = this.#database.prepare(GET).get(key.pk, key.sk);
    return row === undefined ? undefined : Row.parse(row);
  }

  #holds(operation: ItemOperation): boolean {
    const { condition } = operation;
    if (condition === undefined) return true;
    const key = keyOf(operation);
    const row = this.#database.prepare(VERSION).get(key.pk, key.sk);
    if (condition === 'absent') return row === undefined;
    return row !== undefined && Version.parse(row).version === condition.version;
  }

  #apply(operation: ItemOperation): void {
    switch (operation.type) {
      case 'put':
        this.#put(operation.item);
        return;
      case 'update': {
        const item = this.#read(operation.key);
        if (item === undefined) throw new Error('an item vanished between its condition and its update');
        const removed = new Set(operation.remove);
        const kept = Object.entries(item.data).filter(([name]) => !removed.has(name));
        const data = { ...Object.fromEntries(kept), ...operation.set };
        const changed = { ...item, version: item.version + 1, data };
        checkItemSize(changed);
        this.#put(changed);
        return;
      }
      case 'delete':
        this.#database.prepare(DELETE).run(operation.key.pk, operation.key.sk);
        return;
      case 'check':
        return;
    }
  }

  #put(item: Item): void {
    const { gsi1, gsi2, gsi3 } = item.index ?? {};
    this.#database
      .prepare(PUT)
      .run(
        item.pk,
        item.sk,
        item.version,
        item.schema,
        JSON.stringify(item.data),
        gsi1?.pk ?? null,
        gsi1?.sk ?? null,
        gsi2?.pk ?? null,
        gsi2?.sk ?? null,
        gsi3?.pk ?? null,
        gsi3?.sk ?? null,
        item.expiresAt ?? null,
      );
  }
}
