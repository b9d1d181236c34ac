/** Everything that an edition's database and documents hold, page after page: what moves to another edition. */
import { z } from 'zod';
import { checkPageLimit, cursorAt, placeOf } from '#adapters/shared/inventory-form.ts';
import type { DocumentInventory, ItemInventory, ItemPage } from '#functions/shared/ports.ts';
import type { Database } from './database.ts';
import { COLUMNS, Row } from './items.ts';

const ITEMS = `SELECT ${COLUMNS} FROM items WHERE (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?`;
const KEYS = 'SELECT key FROM documents WHERE key > ? ORDER BY key LIMIT ?';
const Key = z.object({ key: z.string() });

/** Of a database whose `SqliteItemStore` has been opened. */
export class SqliteItemInventory implements ItemInventory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async page(options: { readonly limit: number; readonly cursor?: string }): Promise<ItemPage> {
    const { limit, cursor } = options;
    checkPageLimit(limit);
    // No key is empty, so that every one lies behind it.
    const { pk, sk } = cursor === undefined ? { pk: '', sk: '' } : placeOf(cursor);
    const rows = this.#database.prepare(ITEMS).all(pk, sk, limit + 1);
    const items = rows.slice(0, limit).map((row) => Row.parse(row));
    const last = items.at(-1);
    return { items, ...(rows.length > limit && last !== undefined ? { cursor: cursorAt(last) } : {}) };
  }
}

/** Of a database whose `FileDocumentStore` has been opened. */
export class FileDocumentInventory implements DocumentInventory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async page(options: { readonly limit: number; readonly after?: string }): Promise<readonly string[]> {
    checkPageLimit(options.limit);
    return this.#database
      .prepare(KEYS)
      .all(options.after ?? '', options.limit)
      .map((row) => Key.parse(row).key);
  }
}
