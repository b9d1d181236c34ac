/**
 * Takes a bundle into an edition. The target is looked at first: where anything of the bundle stands there already and
 * differs, nothing is written. Items are then written in transactions, each with the record of how far the import is, so
 * that a run that was cut off goes on exactly there. In the end everything is read back from the target and compared.
 * Nothing is started.
 */
import * as z from 'zod';
import { auditEventSchema, sha256 } from '#domain/filing/audit.ts';
import { ConditionFailed, DocumentExists, VaultRefused } from '#functions/shared/errors.ts';
import { fateOf, type ItemKind } from '#functions/shared/item-kinds.ts';
import { keys } from '#functions/shared/keys.ts';
import { readAll } from '#functions/shared/pages.ts';
import type { DocumentHead, Item, ItemKey, ItemOperation } from '#functions/shared/ports.ts';
import {
  type Chained,
  chainedOf,
  documentParts,
  itemParts,
  itemText,
  knownKind,
  type Manifest,
  mapLimited,
  parcelLine,
  readContent,
  readParameters,
} from './bundle.ts';
import type { Side } from './edition.ts';
import { TransferFault } from './fault.ts';
import type { TransferKey } from './key.ts';
import { type Parcel, repack, unpack } from './rekey.ts';
import { chainFaults } from './verify.ts';

const ITEMS_AT_ONCE = 16;
const DOCUMENTS_AT_ONCE = 4;
/** A transaction's items, and their bytes as text: DynamoDB takes 100 items and 4 MB, by its own count. */
const BATCH_ITEMS = 50;
const BATCH_BYTES = 1024 * 1024;

const importSchema = z.strictObject({
  /** `items`, then `documents`, then all is `verified`; `started` once the cases run here. */
  phase: z.enum(['items', 'documents', 'verified', 'started']),
  /** Lines of the bundle that are done. */
  items: z.int().min(0),
  documents: z.int().min(0),
});
type Import = z.infer<typeof importSchema>;
const IMPORT_SCHEMA = 1;

export type Bundle = { readonly folder: string; readonly manifest: Manifest; readonly id: string };

/** The record of an import in its target. */
export class ImportRecord {
  readonly #target: Pick<Side, 'items'>;
  readonly #key: ItemKey;
  #version: number;
  state: Import;

  private constructor(target: Pick<Side, 'items'>, key: ItemKey, version: number, state: Import) {
    this.#target = target;
    this.#key = key;
    this.#version = version;
    this.state = state;
  }

  static async open(target: Pick<Side, 'items'>, bundle: string): Promise<ImportRecord> {
    const key = keys.bundleImport(bundle);
    const item = await target.items.get(key);
    const state =
      item === undefined
        ? { phase: 'items' as const, items: 0, documents: 0 }
        : importSchema.parse(item.data);
    return new ImportRecord(target, key, item?.version ?? 0, state);
  }

  /** Whether nothing of the bundle has been written yet. */
  get fresh(): boolean {
    return this.#version === 0;
  }

  /**
   * Writes how far it is now, and the operations, in one transaction. Throws `ConditionFailed` with the positions of the
   * operations; fault `import-overtaken` where another process imports the same bundle.
   */
  async advance(change: Partial<Import>, operations: readonly ItemOperation[] = []): Promise<void> {
    const state = { ...this.state, ...change };
    const version = this.#version;
    const record: ItemOperation = {
      type: 'put',
      item: { ...this.#key, version: version + 1, schema: IMPORT_SCHEMA, data: state },
      condition: version === 0 ? 'absent' : { version },
    };
    try {
      await this.#target.items.transact([record, ...operations]);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.operations.includes(0)) {
        throw new TransferFault('import-overtaken', 2, '另一个进程正在导入同一个迁移包。');
      }
      throw new ConditionFailed(error.operations.map((position) => position - 1));
    }
    this.#version = version + 1;
    this.state = state;
  }
}

/** An outbox row does something as soon as it stands there: that is for `start`. */
export const isForStart = ({ item }: Parcel): boolean => knownKind(item) === 'outbox';

/** Whether items of this kind have a meaning in the target: passwords only where it keeps them itself. */
const belongs = ({ name }: Pick<Side, 'name'>, kind: ItemKind): boolean =>
  fateOf(kind) !== 'accounts' || name === 'embedded';

/** Batches of a transaction's size; `done` counts the lines up to the batch's end. */
function* batchesOf(
  start: number,
  parcels: readonly Parcel[],
): Generator<{ readonly done: number; readonly parcels: readonly Parcel[] }> {
  for (let from = 0; from < parcels.length; ) {
    let to = from;
    for (let bytes = 0; to < parcels.length && to - from < BATCH_ITEMS; to += 1) {
      const parcel = parcels[to];
      bytes += parcel === undefined ? 0 : Buffer.byteLength(parcelLine(parcel));
      if (bytes > BATCH_BYTES && to > from) break;
    }
    yield { done: start + to, parcels: parcels.slice(from, to) };
    from = to;
  }
}

/** Of a chain, beside the record that is its head. */
const EVENTS = keys.event('', 0).sk.replace(/\d+$/, '');

type Standing = 'absent' | 'equal' | 'differs';

class Importer {
  readonly #target: Side;
  readonly #bundle: Bundle;
  readonly #key: TransferKey;
  readonly #say: (line: string) => void;

  constructor(target: Side, bundle: Bundle, key: TransferKey, say: (line: string) => void) {
    this.#target = target;
    this.#bundle = bundle;
    this.#key = key;
    this.#say = say;
  }

  #takes(parcel: Parcel): boolean {
    return !isForStart(parcel) && belongs(this.#target, knownKind(parcel.item));
  }

  // -------------------------------------------------------------- looking

  async #standing(parcel: Parcel, key: ItemKey): Promise<Standing> {
    const item = await this.#target.items.get(key);
    if (item === undefined) return 'absent';
    try {
      const packed = await repack(knownKind(parcel.item), parcel, item, this.#target.vault, this.#key);
      return itemText(packed) === itemText(parcel.item) ? 'equal' : 'differs';
    } catch (error) {
      // Sealed by another vault than the target's, or no record of this kind at all.
      if (error instanceof VaultRefused || error instanceof z.ZodError) return 'differs';
      throw error;
    }
  }

  async #standingDocument(head: DocumentHead): Promise<Standing> {
    const standing = await this.#target.documents.head(head.key);
    if (standing === undefined) return 'absent';
    return standing.sha256 === head.sha256 && standing.contentType === head.contentType ? 'equal' : 'differs';
  }

  /** Where an item of a parcel belongs in the target. */
  #unpacked(parcel: Parcel): Promise<Item> {
    return unpack(knownKind(parcel.item), parcel, this.#target.vault, this.#key);
  }

  /** Looks at every place that the import will write to. Fault: `conflict`. */
  async lookAhead(): Promise<void> {
    const { folder, manifest } = this.#bundle;
    const conflicts = new Map<string, number>();
    const note = (kind: string): void => void conflicts.set(kind, (conflicts.get(kind) ?? 0) + 1);
    for await (const { parcels } of itemParts(folder, manifest)) {
      await mapLimited(parcels, ITEMS_AT_ONCE, async (parcel) => {
        if (!this.#takes(parcel)) return;
        if ((await this.#standing(parcel, await this.#place(parcel))) === 'differs')
          note(knownKind(parcel.item));
      });
    }
    for await (const { documents } of documentParts(folder, manifest)) {
      await mapLimited(documents, ITEMS_AT_ONCE, async (head) => {
        if ((await this.#standingDocument(head)) === 'differs') note('文件');
      });
    }
    if (conflicts.size > 0) throw conflict(conflicts);
  }

  /** The key of a parcel's item in the target: only a guard's has to be reckoned. */
  async #place(parcel: Parcel): Promise<ItemKey> {
    return parcel.holder === undefined ? parcel.item : this.#unpacked(parcel);
  }

  // -------------------------------------------------------------- writing

  async writeItems(record: ImportRecord): Promise<void> {
    const { folder, manifest } = this.#bundle;
    for await (const { start, parcels } of itemParts(folder, manifest, record.state.items)) {
      for (const batch of batchesOf(start, parcels)) {
        await this.#writeBatch(
          record,
          batch.done,
          batch.parcels.filter((parcel) => this.#takes(parcel)),
        );
        this.#say(`已导入数据${batch.done}条`);
      }
    }
  }

  async #writeBatch(record: ImportRecord, done: number, parcels: readonly Parcel[]): Promise<void> {
    const items = await mapLimited(parcels, ITEMS_AT_ONCE, (parcel) => this.#unpacked(parcel));
    const put = (item: Item): ItemOperation => ({ type: 'put', item, condition: 'absent' });
    try {
      await record.advance({ items: done }, items.map(put));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // Some are there already: the same are left as they are.
      const standing = await mapLimited([...parcels.keys()], ITEMS_AT_ONCE, async (at) => {
        const [parcel, item] = [parcels[at], items[at]];
        if (parcel === undefined || item === undefined)
          throw new Error('a batch of other parcels than its items');
        return { kind: knownKind(parcel.item), item, standing: await this.#standing(parcel, item) };
      });
      const conflicts = new Map<string, number>();
      for (const { kind, standing: found } of standing)
        if (found === 'differs') conflicts.set(kind, (conflicts.get(kind) ?? 0) + 1);
      if (conflicts.size > 0) throw conflict(conflicts);
      const absent = standing.filter((one) => one.standing === 'absent');
      await record.advance(
        { items: done },
        absent.map(({ item }) => put(item)),
      );
    }
  }

  async writeDocuments(record: ImportRecord): Promise<void> {
    const { folder, manifest } = this.#bundle;
    for await (const { start, documents } of documentParts(folder, manifest, record.state.documents)) {
      await mapLimited(documents, DOCUMENTS_AT_ONCE, (head) => this.#writeDocument(head));
      const done = start + documents.length;
      await record.advance({ documents: done });
      this.#say(`已导入文件${done}份`);
    }
  }

  /** The content, its retention, its hold: each only where it isn't there yet. */
  async #writeDocument(head: DocumentHead): Promise<void> {
    const { documents } = this.#target;
    const { key, contentType, legalHold, retainUntil } = head;
    if ((await documents.head(key)) === undefined) {
      const content = await readContent(this.#bundle.folder, this.#key, head);
      try {
        await documents.put(key, content, { contentType, sha256: head.sha256, onlyIfAbsent: true });
      } catch (error) {
        if (!(error instanceof DocumentExists)) throw error;
      }
    }
    if ((await this.#standingDocument(head)) !== 'equal') throw conflict(new Map([['文件', 1]]));
    const standing = await documents.head(key);
    if (retainUntil !== undefined && (standing?.retainUntil ?? '') < retainUntil) {
      await documents.setRetention(key, retainUntil);
    }
    if (legalHold && standing?.legalHold !== true) await documents.setLegalHold(key, true);
  }

  // -------------------------------------------------------------- comparing

  /** Everything of the bundle stands in the target, is found where it must be, and can be opened. */
  async compare(): Promise<void> {
    const { folder, manifest } = this.#bundle;
    const wrong = new Map<string, number>();
    const note = (what: string): void => void wrong.set(what, (wrong.get(what) ?? 0) + 1);
    let compared = 0;
    for await (const { parcels } of itemParts(folder, manifest)) {
      await mapLimited(parcels, ITEMS_AT_ONCE, async (parcel) => {
        if (!this.#takes(parcel)) return;
        const kind = knownKind(parcel.item);
        const chained = chainedOf(kind, parcel.item);
        if ((await this.#standing(parcel, await this.#place(parcel))) !== 'equal') note(kind);
        else if (chained !== undefined && !(await this.#chainStands(parcel.item, chained)))
          note('办理记录链');
      });
      compared += parcels.length;
      this.#say(`已核对数据${compared}条`);
    }
    let read = 0;
    for await (const { documents } of documentParts(folder, manifest)) {
      await mapLimited(documents, DOCUMENTS_AT_ONCE, async (head) => {
        if (!(await this.#documentStands(head))) note('文件');
      });
      read += documents.length;
      this.#say(`已核对文件${read}份`);
    }
    if (wrong.size === 0) return;
    throw new TransferFault('target-differs', 1, `导入后核对不符：${told(wrong)}。请勿启用，先查明原因。`);
  }

  async #chainStands({ pk }: ItemKey, chained: Chained): Promise<boolean> {
    const events = await readAll(this.#target.items, { pk, sk: { prefix: EVENTS } });
    return (
      chainFaults(
        chained,
        events.map(({ data }) => auditEventSchema.parse(data)),
      ).length === 0
    );
  }

  /** The content is read back. */
  async #documentStands(head: DocumentHead): Promise<boolean> {
    const { documents } = this.#target;
    const standing = await documents.head(head.key);
    if (standing === undefined || standing.sha256 !== head.sha256) return false;
    if (head.legalHold && !standing.legalHold) return false;
    if ((standing.retainUntil ?? '') < (head.retainUntil ?? '')) return false;
    return sha256(await documents.read(head.key)) === head.sha256;
  }
}

const told = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([kind, count]) => `${kind} ${count}处`).join('、');

const conflict = (counts: ReadonlyMap<string, number>): TransferFault =>
  new TransferFault('conflict', 1, `目标系统中已有同一编号而内容不同的数据：${told(counts)}。未予覆盖。`);

/** What comes of the passwords, for the person who imports. */
const accountsAdvice = (target: Side, { counts, source }: Manifest): readonly string[] => {
  const credentials = counts.credential ?? 0;
  if (target.name === 'cloud' && credentials > 0) {
    return [
      `登录口令和二次验证${credentials}份未写入云端：登录由统一身份认证系统管理，其用户编号（sub）须与这里的人员编号一致。`,
    ];
  }
  const people = counts.person ?? 0;
  return target.name === 'embedded' && source === 'cloud' && people > 0
    ? [
        `${people}人还没有本机口令：首次启动时按打印的链接建立管理员，再由其逐一发出重设链接（见 docs/transfer.md）。`,
      ]
    : [];
};

/**
 * Imports a bundle that `verifyBundle` has found sound, or goes on with it. Resolves with what is left to a person, one
 * sentence each. Faults: `conflict`, `import-overtaken`, `target-differs`, and the bundle's own.
 */
export const importBundle = async (
  target: Side,
  bundle: Bundle,
  key: TransferKey,
  say: (line: string) => void,
): Promise<readonly string[]> => {
  const importer = new Importer(target, bundle, key, say);
  const record = await ImportRecord.open(target, bundle.id);
  if (record.state.phase === 'verified' || record.state.phase === 'started') {
    say('这个迁移包已经导入并核对过，没有改动。');
    return [];
  }
  if (record.fresh) await importer.lookAhead();
  const advice = [
    ...(await target.keepParameters(await readParameters(bundle.folder))),
    ...accountsAdvice(target, bundle.manifest),
  ];
  if (record.state.phase === 'items') {
    await importer.writeItems(record);
    await record.advance({ phase: 'documents' });
  }
  await importer.writeDocuments(record);
  await importer.compare();
  await record.advance({ phase: 'verified' });
  return advice;
};
