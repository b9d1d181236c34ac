/**
 * Documents as files. The content of the key `archive/c1/case.json` is the file of that path, sealed (`envelope.ts`):
 * nothing of a document is ever on disk in plain, drafts included. What is known of it, size and checksum of the plain
 * content among it, and the event that tells of its upload, are rows of the edition's database, written once the content
 * is on disk. Content that replaces other content is named in its row first and put in place after, again at the next
 * start if need be; so whenever the machine stops, a document is whole, old or new.
 */
import { createHash, randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import {
  ContentType,
  checkDocumentKey,
  checkDocumentPrefix,
  checkDownloadPromise,
  checkUploadPromise,
  isLocked,
  retentionEnd,
  Sha256,
} from '#adapters/shared/document-form.ts';
import {
  AppError,
  ChecksumMismatch,
  DocumentExists,
  DocumentLocked,
  DocumentMissing,
} from '#functions/shared/errors.ts';
import type {
  Clock,
  DocumentHead,
  DocumentStore,
  DownloadLink,
  DownloadPromise,
  UploadForm,
  UploadPromise,
  Vault,
} from '#functions/shared/ports.ts';
import type { Database } from './database.ts';
import { type DownloadPermit, issueDownloadPermit, readDownloadPermit } from './download-permit.ts';
import { HEADER_BYTES, openContent, resealEnvelope, sealContent, splitEnvelope } from './envelope.ts';
import { isMissing, makeFolder, syncFolder, writeNew } from './files.ts';
import { type ObjectEventOptions, ObjectEvents } from './object-events.ts';
import { issuePermit, type Permit, readPermit } from './upload-policy.ts';

const AREAS = ['uploads', 'archive'] as const;

const TABLES = `
  CREATE TABLE IF NOT EXISTS documents (
    key TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL, contentType TEXT NOT NULL, sha256 TEXT NOT NULL,
    legalHold INTEGER NOT NULL, retainUntil TEXT,
    -- The file that is to replace the content; NULL once it has.
    draft TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS documents_draft ON documents (draft) WHERE draft IS NOT NULL;
`;
const GET = 'SELECT * FROM documents WHERE key = ?';
const UNFINISHED = 'SELECT * FROM documents WHERE draft IS NOT NULL';
const LIST = 'SELECT key FROM documents WHERE key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key';
const PUT = `
  INSERT INTO documents (key, bytes, contentType, sha256, legalHold, retainUntil, draft) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET
    bytes = excluded.bytes, contentType = excluded.contentType, sha256 = excluded.sha256,
    legalHold = excluded.legalHold, retainUntil = excluded.retainUntil, draft = excluded.draft`;
const DELETE = 'DELETE FROM documents WHERE key = ?';

const Row = z.object({
  key: z.string(),
  bytes: z.int().min(0),
  contentType: ContentType,
  sha256: Sha256,
  legalHold: z.literal([0, 1]).transform((value) => value === 1),
  retainUntil: z.iso.date().nullable(),
  draft: z.string().nullable(),
});

const headOf = ({ draft: _, retainUntil, ...head }: z.output<typeof Row>): DocumentHead => ({
  ...head,
  ...(retainUntil === null ? {} : { retainUntil }),
});

const Key = z.object({ key: z.string() });

export type FileDocumentStoreOptions = ObjectEventOptions & {
  readonly database: Database;
  /** Everything lies below; made if need be. One process at a time. */
  readonly folder: string;
  /** Where upload forms are posted: the server hands them to `acceptUpload`. */
  readonly uploadUrl: string;
  /** Where links lead, without a slash at the end: the server hands what follows it to `openDownload`. */
  readonly downloadUrl: string;
  /** Key of the permits' HMAC, 32 random bytes. Forms and links issued under another one are forbidden. */
  readonly uploadSecret: Uint8Array;
  readonly clock: Pick<Clock, 'wall'>;
  /** Seals the key of each document. */
  readonly vault: Pick<Vault, 'seal' | 'open'>;
};

export class FileDocumentStore implements DocumentStore {
  readonly #options: FileDocumentStoreOptions;
  readonly #incoming: string;
  readonly #events: ObjectEvents;
  /** The end of the queue of each key that is being worked on. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #folders = new Set<string>();

  private constructor(options: FileDocumentStoreOptions) {
    this.#options = options;
    this.#incoming = join(options.folder, '.incoming');
    options.database.define(TABLES);
    this.#events = new ObjectEvents(options);
  }

  /** Opens the folder, finishes what a crash has cut off and clears away what never came about. */
  static async open(options: FileDocumentStoreOptions): Promise<FileDocumentStore> {
    const store = new FileDocumentStore(options);
    for (const name of ['.incoming', ...AREAS]) await makeFolder(join(options.folder, name));
    await store.#finishReplacements();
    await rm(store.#incoming, { recursive: true });
    await makeFolder(store.#incoming);
    return store;
  }

  async issueUpload(promise: UploadPromise): Promise<UploadForm> {
    checkUploadPromise(promise);
    const { uploadUrl, uploadSecret, clock } = this.#options;
    return { url: uploadUrl, fields: issuePermit(uploadSecret, promise, clock.wall()) };
  }

  /**
   * Takes an upload in: the form's fields and the bytes of its file. Resolves when the document is durable; its
   * event is then on its way. Throws `AppError` (upload-forbidden, upload-expired, upload-wrong-type,
   * upload-too-large, upload-too-small, upload-checksum-mismatch, upload-locked) and leaves nothing behind.
   */
  async acceptUpload(
    fields: Readonly<Record<string, string>>,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<DocumentHead> {
    const permit = readPermit(this.#options.uploadSecret, fields, this.#options.clock.wall());
    const draft = join(this.#incoming, randomUUID());
    const { key, contentType, sha256 } = permit;
    const received = { bytes: 0 };
    await writeNew(draft, sealContent(this.#options.vault, key, measured(content, permit, received)));
    const { bytes } = received;
    const head: DocumentHead = { key, bytes, contentType, sha256, legalHold: false };
    try {
      return await this.#exclusively(key, async () => {
        const standing = await this.head(key);
        if (standing !== undefined && this.#isLocked(standing)) {
          throw new AppError('upload-locked', 409, '该文件已锁定，不能覆盖。');
        }
        const event = await this.#commit(head, draft, standing, () => this.#events.record(key));
        void this.#events.deliver(event, key);
        return head;
      });
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async issueDownload(promise: DownloadPromise): Promise<DownloadLink> {
    checkDownloadPromise(promise);
    const { downloadUrl, uploadSecret, clock } = this.#options;
    return { url: `${downloadUrl}/${issueDownloadPermit(uploadSecret, promise, clock.wall())}` };
  }

  /**
   * What a link's last segment permits, with the content. Throws `AppError` (download-forbidden, download-expired,
   * download-missing).
   */
  async openDownload(
    text: string,
  ): Promise<Pick<DownloadPermit, 'contentType' | 'fileName'> & { readonly content: Uint8Array }> {
    const { uploadSecret, clock } = this.#options;
    const { key, contentType, fileName } = readDownloadPermit(uploadSecret, text, clock.wall());
    try {
      return { contentType, fileName, content: await this.read(key) };
    } catch (error) {
      if (!(error instanceof DocumentMissing)) throw error;
      throw new AppError('download-missing', 404, '这份材料已不在，请返回材料页面查看。');
    }
  }

  /** Delivers the events that are still pending: to be called at start, and from time to time. */
  async redeliver(): Promise<void> {
    for (const { id, key } of this.#events.pending()) await this.#events.deliver(id, key);
  }

  /** How many events no consumer has taken yet. */
  pendingEvents(): number {
    return this.#events.pending().length;
  }

  /** Resolves when no event is being delivered. */
  idle(): Promise<void> {
    return this.#events.idle();
  }

  async head(key: string): Promise<DocumentHead | undefined> {
    checkDocumentKey(key);
    const row = this.#options.database.prepare(GET).get(key);
    return row === undefined ? undefined : headOf(Row.parse(row));
  }

  read(key: string): Promise<Uint8Array> {
    return this.#exclusively(key, async () => {
      const head = await this.#existing(key);
      const content = await openContent(this.#options.vault, key, await readFile(this.#path(key)));
      if (hex(content) !== head.sha256) throw new ChecksumMismatch('the stored content has changed');
      return content;
    });
  }

  async list(prefix: string): Promise<readonly string[]> {
    checkDocumentPrefix(prefix);
    const rows = this.#options.database.prepare(LIST).all(prefix, prefix, prefix);
    return rows.map((row) => Key.parse(row).key);
  }

  async put(
    key: string,
    content: Uint8Array,
    options: { readonly contentType: string; readonly sha256: string; readonly onlyIfAbsent: boolean },
  ): Promise<void> {
    checkDocumentKey(key);
    const { contentType, sha256 } = options;
    if (hex(content) !== sha256) throw new ChecksumMismatch('the content is not what its checksum says');
    await this.#exclusively(key, async () => {
      const standing = await this.head(key);
      if (standing !== undefined) {
        if (options.onlyIfAbsent) throw new DocumentExists('the document is there already');
        this.#refuseLocked(standing);
      }
      const draft = join(this.#incoming, randomUUID());
      await writeNew(draft, sealContent(this.#options.vault, key, [content]));
      await this.#commit(
        { key, bytes: content.length, contentType, sha256, legalHold: false },
        draft,
        standing,
        () => {},
      );
    });
  }

  remove(key: string): Promise<void> {
    return this.#exclusively(key, async () => {
      const head = await this.head(key);
      if (head === undefined) return;
      this.#refuseLocked(head);
      const { database } = this.#options;
      await database.write(() => database.prepare(DELETE).run(key));
      await rm(this.#path(key), { force: true });
    });
  }

  setLegalHold(key: string, on: boolean): Promise<void> {
    return this.#exclusively(key, async () => {
      await this.#describe({ ...(await this.#existing(key)), legalHold: on });
    });
  }

  setRetention(key: string, until: string): Promise<void> {
    return this.#exclusively(key, async () => {
      const head = await this.#existing(key);
      if (head.retainUntil !== undefined && retentionEnd(until) < retentionEnd(head.retainUntil)) {
        throw new DocumentLocked('a retention can only be made longer');
      }
      await this.#describe({ ...head, retainUntil: z.iso.date().parse(until) });
    });
  }

  /** The sealed data key of a document, as its file has it: which vault key it hangs on. */
  sealedKey(key: string): Promise<string> {
    return this.#exclusively(key, async () => {
      await this.#existing(key);
      const handle = await open(this.#path(key));
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
        return splitEnvelope(buffer.subarray(0, bytesRead)).sealedKey;
      } finally {
        await handle.close();
      }
    });
  }

  /** Seals the data key of a document anew. The file is replaced at once or, where the machine stops, not at all. */
  reseal(key: string): Promise<void> {
    return this.#exclusively(key, async () => {
      await this.#existing(key);
      const draft = join(this.#incoming, randomUUID());
      await writeNew(draft, await resealEnvelope(this.#options.vault, key, await readFile(this.#path(key))));
      await this.#place(key, draft);
    });
  }

  #isLocked(head: DocumentHead): boolean {
    return isLocked(head, this.#options.clock.wall());
  }

  #refuseLocked(head: DocumentHead): void {
    if (this.#isLocked(head)) throw new DocumentLocked('the document is held or retained');
  }

  async #existing(key: string): Promise<DocumentHead> {
    const head = await this.head(key);
    if (head === undefined) throw new DocumentMissing('there is no such document');
    return head;
  }

  #path(key: string): string {
    return join(this.#options.folder, ...key.split('/'));
  }

  /**
   * Makes the draft the document of its key. `also` is written with its row, in the same transaction; the result is
   * its.
   */
  async #commit<T>(
    head: DocumentHead,
    draft: string,
    standing: DocumentHead | undefined,
    also: () => T,
  ): Promise<T> {
    const { database } = this.#options;
    const replaces = standing !== undefined && standing.sha256 !== head.sha256;
    if (!replaces) await this.#place(head.key, draft);
    const result = await database.write(() => {
      this.#write(head, replaces ? basename(draft) : null);
      return also();
    });
    if (replaces) await this.#finishReplacement(head, basename(draft));
    return result;
  }

  /** Moves content into its place. */
  async #place(key: string, draft: string): Promise<void> {
    const path = this.#path(key);
    const folder = dirname(path);
    if (!this.#folders.has(folder)) {
      await makeFolder(folder);
      this.#folders.add(folder);
    }
    await rename(draft, path);
    await syncFolder(folder);
  }

  async #finishReplacement(head: DocumentHead, draft: string): Promise<void> {
    try {
      await this.#place(head.key, join(this.#incoming, draft));
    } catch (error) {
      // Moved already when the machine stopped.
      if (!isMissing(error)) throw error;
    }
    await this.#describe(head);
  }

  async #finishReplacements(): Promise<void> {
    for (const row of this.#options.database.prepare(UNFINISHED).all()) {
      const unfinished = Row.parse(row);
      if (unfinished.draft !== null) await this.#finishReplacement(headOf(unfinished), unfinished.draft);
    }
  }

  async #describe(head: DocumentHead): Promise<void> {
    await this.#options.database.write(() => this.#write(head, null));
  }

  /** To be called within a write of the database. */
  #write(head: DocumentHead, draft: string | null): void {
    const { key, bytes, contentType, sha256, legalHold, retainUntil = null } = head;
    this.#options.database
      .prepare(PUT)
      .run(key, bytes, contentType, sha256, legalHold ? 1 : 0, retainUntil, draft);
  }

  /** Runs the tasks of one key one after another. */
  async #exclusively<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(key);
    const run = (async () => {
      // Whether the task before failed is its own caller's matter.
      await Promise.allSettled([before]);
      return task();
    })();
    this.#queues.set(key, run);
    try {
      return await run;
    } finally {
      if (this.#queues.get(key) === run) this.#queues.delete(key);
    }
  }
}

const hex = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** An upload as it streams by, held to its permit; its size is counted into `received`. */
async function* measured(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  permit: Permit,
  received: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    received.bytes += chunk.length;
    if (received.bytes > permit.maxBytes) {
      throw new AppError('upload-too-large', 413, '文件超过允许的大小，请压缩后重新上传。', {
        maxBytes: permit.maxBytes,
      });
    }
    hash.update(chunk);
    yield chunk;
  }
  if (received.bytes < permit.minBytes) {
    throw new AppError('upload-too-small', 422, '文件内容过少，可能不完整，请检查后重新上传。', {
      minBytes: permit.minBytes,
    });
  }
  if (hash.digest('hex') !== permit.sha256) {
    throw new AppError('upload-checksum-mismatch', 422, '文件在传输中有变动，请重新选择文件上传。');
  }
}
