/**
 * Sealing keys are changed in three steps, on an edition that isn't running: a new key is made the one that seals
 * (`rotateSealingKey`); everything that is sealed is sealed anew (`reseal`); keys that nothing needs any more are removed
 * (`retireKeys`). Between the steps an edition may run for as long as it likes: former keys open.
 */
import { FileDocumentInventory, SqliteItemInventory } from '#adapters/embedded/inventory.ts';
import { forgetKeys } from '#adapters/embedded/key-check.ts';
import { removeSealingKeys, sealingKeyOf } from '#adapters/embedded/vault.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import type { Item } from '#functions/shared/ports.ts';
import type { StandingEdition } from './data-folder.ts';
import { ExpiringStore } from './identity/expiring-store.ts';
import { SIGNING_IN } from './identity/sign-in.ts';
import { sealedTexts, withSealedTexts } from './sealed-fields.ts';

const PAGE = 500;

async function* itemsOf({ database }: StandingEdition): AsyncGenerator<Item> {
  const inventory = new SqliteItemInventory(database);
  let cursor: string | undefined;
  do {
    const page = await inventory.page({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function* documentsOf({ database }: StandingEdition): AsyncGenerator<string> {
  const inventory = new FileDocumentInventory(database);
  for (let keys = await inventory.page({ limit: PAGE }); keys.length > 0; ) {
    yield* keys;
    keys = await inventory.page({ limit: PAGE, after: keys.at(-1) ?? '' });
  }
}

/** Keys of second factors that are being set up are sealed too; whoever is signing in begins again. */
const endSignIns = ({ database, clock }: StandingEdition): Promise<void> =>
  new ExpiringStore(database, () => clock.wall()).removeKind(SIGNING_IN);

/**
 * Seals every field and every document's key anew that hangs on a former key, one after the other; yields after each,
 * once it is on disk. It may be broken off anywhere: what was done stays, and the next run does the rest. A record's
 * version stays: its content is the same. Throws `UnknownSealedField`, `VaultRefused`, `ChecksumMismatch`.
 */
export async function* reseal(edition: StandingEdition): AsyncGenerator<'record' | 'document'> {
  const { vault, items, documents } = edition;
  const { current } = vault.sealingKeys();
  await endSignIns(edition);
  for await (const item of itemsOf(edition)) {
    const next = await withSealedTexts(item, async (text, context) =>
      sealingKeyOf(text) === current ? text : vault.seal(await vault.open(text, context), context),
    );
    if (next === undefined) continue;
    await items.transact([{ type: 'put', item: next, condition: { version: item.version } }]);
    yield 'record';
  }
  for await (const key of documentsOf(edition)) {
    if (sealingKeyOf(await documents.sealedKey(key)) === current) continue;
    await documents.reseal(key);
    yield 'document';
  }
}

/** What hangs on a key: records, documents, and archives with sealed fields in them. */
export type Uses = { records: number; documents: number; archived: number };

/** An archive is signed as it stands: the fields in its texts can't be sealed anew. */
const isArchivedText = (key: string): boolean => key.startsWith('archive/') && key.endsWith('.json');

const textsIn = (content: Uint8Array): ReadonlySet<string | undefined> => {
  const value = jsonObjectSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  return new Set(sealedTexts(value).map(([, text]) => sealingKeyOf(text)));
};

const usesOf = async (
  edition: StandingEdition,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Uses>> => {
  const uses = new Map(ids.map((id) => [id, { records: 0, documents: 0, archived: 0 }]));
  const count = (id: string | undefined, what: keyof Uses): void => {
    const found = id === undefined ? undefined : uses.get(id);
    if (found !== undefined) found[what] += 1;
  };
  for await (const item of itemsOf(edition)) {
    const found = new Set(sealedTexts(item.data).map(([, text]) => sealingKeyOf(text)));
    for (const id of found) count(id, 'records');
  }
  for await (const key of documentsOf(edition)) {
    count(sealingKeyOf(await edition.documents.sealedKey(key)), 'documents');
    if (!isArchivedText(key)) continue;
    for (const id of textsIn(await edition.documents.read(key))) count(id, 'archived');
  }
  return uses;
};

/**
 * Removes the former keys that nothing hangs on; resolves with these, and with what hangs on the others, which stay. A key
 * that was removed opens nothing of an older backup either.
 */
export const retireKeys = async (
  edition: StandingEdition,
  keyFile: string,
): Promise<{ readonly retired: readonly string[]; readonly kept: ReadonlyMap<string, Uses> }> => {
  const { former } = edition.vault.sealingKeys();
  await endSignIns(edition);
  const uses = await usesOf(edition, former);
  const isUsed = ({ records, documents, archived }: Uses): boolean => records + documents + archived > 0;
  const kept = new Map([...uses].filter(([, each]) => isUsed(each)));
  const retired = former.filter((id) => !kept.has(id));
  // In this order: a check of a key that is gone would stop the next start.
  await forgetKeys(edition.database, retired);
  if (retired.length > 0) await removeSealingKeys(keyFile, retired);
  return { retired, kept };
};
