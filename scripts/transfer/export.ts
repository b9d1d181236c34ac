/**
 * Makes a bundle of an edition. Memory holds one part at a time, however many cases there are. After each part the
 * progress is on disk, so that a run that was cut off goes on behind its last part; a bundle is one once its manifest
 * stands.
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { makeFolder, replaceFile } from '#adapters/embedded/files.ts';
import { canonicalJson, sha256 } from '#domain/filing/audit.ts';
import { ChecksumMismatch, DocumentMissing, VaultRefused } from '#functions/shared/errors.ts';
import { fateOf, type ItemKind } from '#functions/shared/item-kinds.ts';
import { keys } from '#functions/shared/keys.ts';
import { type OutboxRow, outboxRowSchema } from '#functions/shared/outbox.ts';
import type { DocumentHead, Item } from '#functions/shared/ports.ts';
import { barsSchema } from '#functions/shared/sanction-store.ts';
import {
  addHead,
  type Chained,
  type Content,
  chainedOf,
  contentPath,
  contentSchema,
  documentLine,
  encodeManifest,
  knownKind,
  MANIFEST,
  mapLimited,
  NO_HEADS,
  PARAMETERS,
  type Part,
  PROGRESS,
  parcelLine,
  readManifest,
} from './bundle.ts';
import type { Side } from './edition.ts';
import { failedWith, TransferFault } from './fault.ts';
import { parseJson, SEAL_BYTES, type TransferKey } from './key.ts';
import { pack } from './rekey.ts';

/** Items that are packed at once: each may ask a vault several times. */
const ITEMS_AT_ONCE = 16;
/** Documents that are in memory at once, of at most 20 MiB each. */
const DOCUMENTS_AT_ONCE = 4;
const PAGE = 100;
/** A part is closed once it has so many bytes. */
const PART_BYTES = 1024 * 1024;
const INCOMING = '.incoming';

const progressSchema = z.strictObject({
  content: contentSchema,
  /** Where to go on: in the items, then in the documents. */
  items: z.union([z.strictObject({ cursor: z.string().nullable() }), z.literal('done')]),
  documents: z.strictObject({ after: z.string().nullable() }),
});
type Progress = z.infer<typeof progressSchema>;

export type ExportOptions = {
  readonly folder: string;
  readonly key: TransferKey;
  /** The local standards, as a file. */
  readonly parameters: Uint8Array;
  /** Told how far it is, in words for a person. */
  readonly say: (line: string) => void;
  /** Bytes after which a part is closed, and how much is read at once: for tests. */
  readonly partBytes?: number;
  readonly page?: number;
};

/** What the outbox has for the workflow speaks to executions, which don't move: `start` begins new ones by the cases. */
const FOR_WORKFLOW: { readonly [kind in OutboxRow['kind']]: boolean } = {
  start: true,
  stop: true,
  answer: true,
  heartbeat: true,
  reseat: false,
  sanction: false,
  notify: false,
};

/** As what an item stays behind; undefined for one that moves. */
const staysBehind = (kind: ItemKind, item: Item): string | undefined => {
  if (fateOf(kind) === 'stays') return kind;
  // Of a decision that was lifted altogether: the same as none.
  if (kind === 'bars' && barsSchema.parse(item.data).bars.length === 0) return 'barsLifted';
  const forWorkflow = kind === 'outbox' && FOR_WORKFLOW[outboxRowSchema.parse(item.data).kind];
  return forWorkflow ? 'outboxWorkflow' : undefined;
};

const increased = (counts: Content['counts'], name: string): Content['counts'] => ({
  ...counts,
  [name]: (counts[name] ?? 0) + 1,
});

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/** A tree that isn't stored is a file of the program: it would be another one in the target. */
const NO_ORGANISATIONS =
  '数据中还没有工会组织。单机版请启动一次再停止；云端请先导入一次工会组织（POST /v1/organisations/import）。';

class Exporter {
  readonly #source: Side;
  readonly #options: ExportOptions;
  readonly #partBytes: number;
  readonly #page: number;
  #progress: Progress;

  constructor(source: Side, options: ExportOptions, progress: Progress) {
    this.#source = source;
    this.#options = options;
    this.#partBytes = options.partBytes ?? PART_BYTES;
    this.#page = options.page ?? PAGE;
    this.#progress = progress;
  }

  async run(): Promise<void> {
    const { folder, key, parameters, say } = this.#options;
    await this.#settings(parameters);
    while (this.#progress.items !== 'done') await this.#itemsPart(this.#progress.items.cursor);
    while (await this.#documentsPart()) {
      const { count, bytes } = this.#progress.content.documents;
      say(`已导出文件${count}份，${bytes}字节`);
    }
    await rm(join(folder, INCOMING), { recursive: true, force: true });
    await this.#write(MANIFEST, encodeManifest(this.#progress.content, key));
    await rm(join(folder, PROGRESS));
  }

  async #settings(parameters: Uint8Array): Promise<void> {
    if (this.#progress.content.parts.some(({ kind }) => kind === 'settings')) return;
    await this.#part({ path: PARAMETERS, kind: 'settings', lines: 0 }, parameters, {});
  }

  async #itemsPart(from: string | null): Promise<void> {
    const { inventory } = this.#source;
    let { counts, left, heads } = this.#progress.content;
    const lines: string[] = [];
    let bytes = 0;
    let cursor = from;
    do {
      const page = await inventory.items.page({ limit: this.#page, ...(cursor === null ? {} : { cursor }) });
      const packed = await mapLimited(page.items, ITEMS_AT_ONCE, (item) => this.#pack(item));
      for (const { kind, line, chained } of packed) {
        if (line === undefined) {
          left = increased(left, kind);
          continue;
        }
        counts = increased(counts, kind);
        if (chained !== undefined) heads = addHead(heads, chained);
        lines.push(line);
        bytes += Buffer.byteLength(line);
      }
      cursor = page.cursor ?? null;
    } while (cursor !== null && bytes < this.#partBytes);
    await this.#linesPart('items', lines, {
      items: cursor === null ? 'done' : { cursor },
      content: { ...this.#progress.content, counts, left, heads },
    });
    this.#options.say(`已导出数据${Object.values(counts).reduce((sum, count) => sum + count, 0)}条`);
  }

  async #pack(
    item: Item,
  ): Promise<{ kind: string; line: string | undefined; chained?: Chained | undefined }> {
    const kind = knownKind(item);
    const stays = staysBehind(kind, item);
    if (stays !== undefined) return { kind: stays, line: undefined };
    const { items, vault } = this.#source;
    const parcel = await pack(kind, item, vault, this.#options.key, (place) => items.get(place));
    return { kind, line: parcelLine(parcel), chained: chainedOf(kind, parcel.item) };
  }

  /** False where there is nothing more. */
  async #documentsPart(): Promise<boolean> {
    const { inventory } = this.#source;
    const lines: string[] = [];
    let { after } = this.#progress.documents;
    let { count, bytes } = this.#progress.content.documents;
    let ended = false;
    // A document counts with its content: a part is what is done again after a cut.
    for (let size = 0; !ended && size < this.#partBytes; ) {
      const keys = await inventory.documents.page({
        limit: this.#page,
        ...(after === null ? {} : { after }),
      });
      const heads = await mapLimited(keys, DOCUMENTS_AT_ONCE, (key) => this.#document(key));
      for (const head of heads) {
        lines.push(documentLine(head));
        count += 1;
        bytes += head.bytes;
        size += head.bytes;
      }
      after = keys.at(-1) ?? after;
      ended = keys.length === 0;
    }
    if (lines.length === 0) return false;
    await this.#linesPart('documents', lines, {
      documents: { after },
      content: { ...this.#progress.content, documents: { count, bytes } },
    });
    return true;
  }

  async #document(key: string): Promise<DocumentHead> {
    const { documents } = this.#source;
    const head = await documents.head(key);
    if (head === undefined)
      throw new TransferFault('not-quiet', 1, '导出期间有文件被删除：系统没有停止写入。');
    const { folder, key: transferKey } = this.#options;
    const path = contentPath(transferKey, head.sha256);
    // Written whole or not at all: one of this size was written by a run before, or for another key.
    if ((await sizeOf(join(folder, path))) === head.bytes + SEAL_BYTES) return head;
    await this.#write(path, transferKey.sealDocument(await this.#content(head), head.sha256));
    return head;
  }

  /** Fault: `document-damaged`. */
  async #content({ key, sha256: hash }: DocumentHead): Promise<Uint8Array> {
    try {
      const content = await this.#source.documents.read(key);
      if (sha256(content) === hash) return content;
    } catch (error) {
      const known =
        error instanceof ChecksumMismatch ||
        error instanceof DocumentMissing ||
        error instanceof VaultRefused;
      if (!known && !failedWith(error, 'ENOENT')) throw error;
    }
    throw new TransferFault('document-damaged', 1, `源系统中的文件 ${key} 缺失或已损坏。`);
  }

  async #linesPart(
    kind: 'items' | 'documents',
    lines: readonly string[],
    change: Partial<Progress>,
  ): Promise<void> {
    if (lines.length === 0) return this.#advance(change);
    const { parts } = this.#progress.content;
    const number = parts.filter((part) => part.kind === kind).length + 1;
    const path = `${kind}-${String(number).padStart(4, '0')}.jsonl`;
    await this.#part({ path, kind, lines: lines.length }, Buffer.from(lines.join('')), change);
  }

  /** The part first, then the progress that tells of it: one that was cut off between is written again. */
  async #part(
    part: Pick<Part, 'path' | 'kind' | 'lines'>,
    bytes: Uint8Array,
    change: Partial<Progress>,
  ): Promise<void> {
    await this.#write(part.path, bytes);
    const content = change.content ?? this.#progress.content;
    const whole = { ...part, bytes: bytes.length, sha256: sha256(bytes) };
    await this.#advance({ ...change, content: { ...content, parts: [...content.parts, whole] } });
  }

  async #advance(change: Partial<Progress>): Promise<void> {
    this.#progress = { ...this.#progress, ...change };
    await this.#write(PROGRESS, Buffer.from(canonicalJson(this.#progress)));
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const { folder } = this.#options;
    const place = join(folder, path);
    const incoming = join(folder, INCOMING);
    await makeFolder(dirname(place));
    await makeFolder(incoming);
    await replaceFile(place, bytes, incoming);
  }
}

const readProgress = async (folder: string, source: Side, key: TransferKey): Promise<Progress> => {
  const text = await readText(join(folder, PROGRESS));
  if (text === undefined) {
    return {
      content: {
        source: source.name,
        key: key.fingerprint,
        counts: {},
        left: {},
        heads: NO_HEADS,
        documents: { count: 0, bytes: 0 },
        parts: [],
      },
      items: { cursor: null },
      documents: { after: null },
    };
  }
  const progress = progressSchema.safeParse(parseJson(text));
  if (!progress.success)
    throw new TransferFault('bundle-malformed', 1, `${PROGRESS} 已损坏，请换一个空文件夹重新导出。`);
  const { content } = progress.data;
  if (content.key !== key.fingerprint || content.source !== source.name) {
    throw new TransferFault('other-export', 2, '该文件夹中有另一次未完成的导出（密钥或来源不同）。');
  }
  return progress.data;
};

const readText = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/**
 * Makes the bundle, or goes on with it; one that is complete is left as it is. Resolves with whether there was something
 * to do. Faults: `not-quiet`, `not-frozen`, `other-export`, `unknown-item`, `unknown-sealed-field`, `document-damaged`,
 * `no-organisations`.
 */
export const exportBundle = async (source: Side, options: ExportOptions): Promise<boolean> => {
  const { folder, key } = options;
  if ((await sizeOf(join(folder, MANIFEST))) !== undefined) {
    const { manifest } = await readManifest(folder);
    if (manifest.key !== key.fingerprint) {
      throw new TransferFault('other-export', 2, '该文件夹中已有用另一密钥做成的迁移包。');
    }
    // Cut off between the manifest and the end of the progress.
    await rm(join(folder, PROGRESS), { force: true });
    return false;
  }
  await source.requireQuiet();
  if ((await source.items.get(keys.organisationHead)) === undefined) {
    throw new TransferFault('no-organisations', 1, NO_ORGANISATIONS);
  }
  const progress = await readProgress(folder, source, key);
  await new Exporter(source, options, progress).run();
  return true;
};
