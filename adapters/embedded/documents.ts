/**
 * Documents as files. The key `uploads/c1/d1` is two files, `uploads/c1/d1@<sha-256>` with the content and
 * `uploads/c1/d1@meta` with what is known of it (`@` stands in no key). The content is on disk before the rename of
 * the second file makes it the document; so whenever the machine stops, a document is whole, old or new.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  ContentType,
  checkDocumentKey,
  checkDocumentPrefix,
  checkUploadPromise,
  isLocked,
  retentionEnd,
  Sha256,
} from '#adapters/shared/document-form.ts';
import { compareText } from '#adapters/shared/item-query.ts';
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
  UploadForm,
  UploadPromise,
} from '#functions/shared/ports.ts';
import { isMissing, makeFolder, replaceFile, syncFolder, writeNew } from './files.ts';
import { type ObjectEventOptions, ObjectEvents } from './object-events.ts';
import { issuePermit, type Permit, readPermit } from './upload-policy.ts';

const META = '@meta';
const AREAS = ['uploads', 'archive'] as const;

const Head = z
  .strictObject({
    key: z.string(),
    bytes: z.int().min(0),
    contentType: ContentType,
    sha256: Sha256,
    legalHold: z.boolean(),
    retainUntil: z.iso.date().optional(),
  })
  .transform(
    ({ retainUntil, ...head }): DocumentHead => ({
      ...head,
      ...(retainUntil === undefined ? {} : { retainUntil }),
    }),
  );

export type FileDocumentStoreOptions = ObjectEventOptions & {
  /** Everything lies below; made if need be. One process at a time. */
  readonly folder: string;
  /** Where upload forms are posted: the server hands them to `acceptUpload`. */
  readonly uploadUrl: string;
  /** Key of the permits' HMAC, 32 random bytes. Forms issued under another one are forbidden. */
  readonly uploadSecret: Uint8Array;
  readonly clock: Pick<Clock, 'wall'>;
};

export class FileDocumentStore implements DocumentStore {
  readonly #options: FileDocumentStoreOptions;
  readonly #incoming: string;
  readonly #events: ObjectEvents;
  /** The end of the queue of each key that is being worked on. */
  readonly #queues = new Map<string, Promise<unknown>>();

  private constructor(options: FileDocumentStoreOptions, incoming: string, events: ObjectEvents) {
    this.#options = options;
    this.#incoming = incoming;
    this.#events = events;
  }

  /** Opens the folder and clears away what a crash may have left half done. */
  static async open(options: FileDocumentStoreOptions): Promise<FileDocumentStore> {
    const incoming = join(options.folder, '.incoming');
    const pending = join(options.folder, '.events');
    await rm(incoming, { recursive: true, force: true });
    for (const folder of [incoming, pending, ...AREAS.map((area) => join(options.folder, area))]) {
      await makeFolder(folder);
    }
    const store = new FileDocumentStore(options, incoming, new ObjectEvents(pending, incoming, options));
    for (const area of AREAS) await store.#sweep(join(options.folder, area));
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
    const bytes = await receive(draft, content, permit);
    const { key, contentType, sha256 } = permit;
    const head: DocumentHead = { key, bytes, contentType, sha256, legalHold: false };
    try {
      return await this.#exclusively(key, async () => {
        const standing = await this.head(key);
        if (standing !== undefined && this.#isLocked(standing)) {
          throw new AppError('upload-locked', 409, '该文件已锁定，不能覆盖。');
        }
        const event = await this.#events.record(key);
        try {
          await this.#commit(head, draft, standing);
        } catch (error) {
          await this.#events.discard(event);
          throw error;
        }
        void this.#events.deliver(event, key);
        return head;
      });
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** Delivers the events that are still pending: to be called at start, and from time to time. */
  async redeliver(): Promise<void> {
    for (const { id, key } of await this.#events.pending()) {
      // In the queue of its key: an upload that is being taken in has its event, but not yet its document.
      const came = await this.#exclusively(key, async () => (await this.head(key)) !== undefined);
      // The process ended between the event and its object: there is nothing to tell.
      if (came) await this.#events.deliver(id, key);
      else await this.#events.discard(id);
    }
  }

  /** Resolves when no event is being delivered. */
  idle(): Promise<void> {
    return this.#events.idle();
  }

  async head(key: string): Promise<DocumentHead | undefined> {
    checkDocumentKey(key);
    let text: string;
    try {
      text = await readFile(this.#path(key) + META, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    const head = Head.parse(JSON.parse(text));
    // A file system that folds case or normal forms would give one document for another.
    if (head.key !== key) throw new Error('the file system confuses two keys');
    return head;
  }

  read(key: string): Promise<Uint8Array> {
    return this.#exclusively(key, async () => {
      const head = await this.#existing(key);
      const content = await readFile(this.#contentPath(head));
      if (hex(content) !== head.sha256) throw new ChecksumMismatch('the stored content has changed');
      return content;
    });
  }

  async list(prefix: string): Promise<readonly string[]> {
    checkDocumentPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf('/'));
    const keys: string[] = [];
    for (const file of await this.#filesBelow(join(this.#options.folder, folder))) {
      if (file.endsWith(META)) keys.push(`${folder}/${file.slice(0, -META.length)}`);
    }
    return keys.filter((key) => key.startsWith(prefix)).sort(compareText);
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
      await writeNew(draft, [content]);
      await this.#commit(
        { key, bytes: content.length, contentType, sha256, legalHold: false },
        draft,
        standing,
      );
    });
  }

  remove(key: string): Promise<void> {
    return this.#exclusively(key, async () => {
      const head = await this.head(key);
      if (head === undefined) return;
      this.#refuseLocked(head);
      await rm(this.#path(key) + META);
      await syncFolder(dirname(this.#path(key)));
      await rm(this.#contentPath(head), { force: true });
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
      await this.#describe({ ...head, retainUntil: until });
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

  #contentPath(head: DocumentHead): string {
    return `${this.#path(head.key)}@${head.sha256}`;
  }

  /** Moves the content into place, then makes it the document, then drops what it replaces. */
  async #commit(head: DocumentHead, draft: string, standing: DocumentHead | undefined): Promise<void> {
    const folder = dirname(this.#path(head.key));
    await makeFolder(folder);
    await rename(draft, this.#contentPath(head));
    await syncFolder(folder);
    await this.#describe(head);
    if (standing !== undefined && standing.sha256 !== head.sha256) await rm(this.#contentPath(standing));
  }

  async #describe(head: DocumentHead): Promise<void> {
    const text = JSON.stringify(Head.parse(head));
    await replaceFile(this.#path(head.key) + META, Buffer.from(text), this.#incoming);
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

  /** The files below a folder, by their path from there, `/` between segments. */
  async #filesBelow(folder: string): Promise<readonly string[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true, recursive: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .split('\\')
            .join('/'),
        );
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Removes contents that no description names: a crash fell between the two. */
  async #sweep(area: string): Promise<void> {
    const files = new Set(await this.#filesBelow(area));
    for (const file of files) {
      if (file.endsWith(META)) continue;
      const meta = `${file.slice(0, file.lastIndexOf('@'))}${META}`;
      const named = files.has(meta)
        ? Head.parse(JSON.parse(await readFile(join(area, meta), 'utf8'))).sha256
        : undefined;
      if (file.slice(file.lastIndexOf('@') + 1) !== named) await rm(join(area, file));
    }
  }
}

const hex = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Streams an upload to disk within its permit; gives its size. Leaves no file where it throws. */
async function receive(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  permit: Permit,
): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > permit.maxBytes) {
        throw new AppError('upload-too-large', 413, '文件超过允许的大小，请压缩后重新上传。', {
          maxBytes: permit.maxBytes,
        });
      }
      hash.update(chunk);
      yield chunk;
    }
    if (bytes < permit.minBytes) {
      throw new AppError('upload-too-small', 422, '文件内容过少，可能不完整，请检查后重新上传。', {
        minBytes: permit.minBytes,
      });
    }
    if (hash.digest('hex') !== permit.sha256) {
      throw new AppError('upload-checksum-mismatch', 422, '文件在传输中有变动，请重新选择文件上传。');
    }
  }
  await writeNew(path, measured());
  return bytes;
}
