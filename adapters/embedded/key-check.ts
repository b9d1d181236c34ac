/**
 * Whether the keys are the ones that the data was sealed with: the database keeps a sealed word for each sealing key in
 * use, the blind index of one, and the public key of signatures. Nothing of it helps anyone who has no keys.
 */
import * as z from 'zod';
import { VaultRefused } from '#functions/shared/errors.ts';
import type { Database } from './database.ts';
import type { KeyFileVault } from './vault.ts';

const TABLE = `
  CREATE TABLE IF NOT EXISTS keyChecks (
    name TEXT PRIMARY KEY, value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
const ALL = 'SELECT name, value FROM keyChecks';
const ADD = 'INSERT INTO keyChecks (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING';
const REMOVE = 'DELETE FROM keyChecks WHERE name = ?';
const Row = z.object({ name: z.string(), value: z.string() });

const WORD = 'hardship-filing';
const SEALING = 'sealing/';
const contextOf = (id: string): string => `key-check/${id}`;

const requireOpens = async (vault: KeyFileVault, id: string, value: string): Promise<void> => {
  try {
    await vault.open(value, contextOf(id));
  } catch (cause) {
    throw new VaultRefused(`密封密钥 ${id} 与数据不符`, { cause });
  }
};

/**
 * Compares the vault with what the database knows of it, and writes down what is new: everything at the first start, the
 * present sealing key after a rotation. Throws `VaultRefused` where the keys are others', or a former one is missing.
 */
export const checkKeys = async (database: Database, vault: KeyFileVault): Promise<void> => {
  database.define(TABLE);
  const known = new Map(
    database
      .prepare(ALL)
      .all()
      .map((row) => Row.parse(row))
      .map(({ name, value }) => [name, value]),
  );
  const fixed = [
    ['blindIndex', await vault.blindIndex(`key-check/${WORD}`)],
    ['signing', JSON.stringify(vault.publicKey())],
  ] as const;
  for (const [name, value] of fixed) {
    if ((known.get(name) ?? value) !== value) throw new VaultRefused('这是另一套系统的密钥');
  }
  const { current, former } = vault.sealingKeys();
  for (const [name, value] of known) {
    if (!name.startsWith(SEALING)) continue;
    const id = name.slice(SEALING.length);
    if (id !== current && !former.includes(id)) throw new VaultRefused(`缺少密封密钥 ${id}`);
    await requireOpens(vault, id, value);
  }
  const sealed = await vault.seal(WORD, contextOf(current));
  await database.write(() => {
    for (const [name, value] of [...fixed, [`${SEALING}${current}`, sealed] as const]) {
      database.prepare(ADD).run(name, value);
    }
  });
};

/** Forgets sealing keys, before they are removed from the key file: the data does without them. */
export const forgetKeys = async (database: Database, ids: readonly string[]): Promise<void> => {
  await database.write(() => {
    for (const id of ids) database.prepare(REMOVE).run(SEALING + id);
  });
};
