/**
 * Documents in S3: a bucket for uploads, a versioned one with Object Lock for the archive. S3 enforces the locks on
 * versions; that a new version isn't laid over a locked one, nor a marker, is enforced here.
 */

import { hash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  NoSuchKey,
  type ObjectLockRetentionMode,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { PresignedPost, PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import {
  checkDocumentKey,
  checkDocumentPrefix,
  checkDownloadPromise,
  checkUploadPromise,
  isLocked,
  retentionEnd,
} from '#adapters/shared/document-form.ts';
import { compareText } from '#adapters/shared/item-query.ts';
import {
  ChecksumMismatch,
  DocumentExists,
  DocumentLocked,
  DocumentMissing,
} from '#functions/shared/errors.ts';
import { attachment } from '#functions/shared/http/disposition.ts';
import type {
  Clock,
  DocumentHead,
  DocumentStore,
  DownloadLink,
  DownloadPromise,
  UploadForm,
  UploadPromise,
} from '#functions/shared/ports.ts';

/** Two that put the same key only if absent: S3 may ask one of them to come again instead of refusing it. */
const CONFLICT_ATTEMPTS = 5;

const BEIJING_OFFSET_MS = 8 * 3_600_000;

const toBase64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const toHex = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

/** The Beijing date whose end is the instant. */
const retentionDate = (end: Date): string =>
  new Date(end.getTime() - 1 + BEIJING_OFFSET_MS).toISOString().slice(0, 10);

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === status;

/** What makes forms and links, of the SDK's: chosen where the store is, so that only those bundles hold it that sign. */
export type S3Signers = {
  readonly form: (client: S3Client, options: PresignedPostOptions) => Promise<PresignedPost>;
  /** `expiresIn` in seconds. */
  readonly link: (
    client: S3Client,
    command: GetObjectCommand,
    options: { readonly expiresIn: number },
  ) => Promise<string>;
};

export type S3DocumentStoreOptions = {
  readonly client: S3Client;
  readonly uploadsBucket: string;
  readonly archiveBucket: string;
  /** GOVERNANCE can be lifted by who has the right to; COMPLIANCE by nobody. */
  readonly lockMode: ObjectLockRetentionMode;
  readonly clock: Pick<Clock, 'wall'>;
  readonly sign: S3Signers;
};

type Found = { readonly head: DocumentHead; readonly versionId?: string };

export class S3DocumentStore implements DocumentStore {
  readonly #options: S3DocumentStoreOptions;
  readonly #client: S3Client;

  constructor(options: S3DocumentStoreOptions) {
    this.#options = options;
    this.#client = options.client;
  }

  async issueUpload(promise: UploadPromise): Promise<UploadForm> {
    checkUploadPromise(promise);
    const { url, fields } = await this.#options.sign.form(this.#client, {
      Bucket: this.#options.uploadsBucket,
      Key: promise.key,
      // Every field becomes a condition of the policy: S3 takes this form as it is or not at all.
      Fields: {
        'Content-Type': promise.contentType,
        'x-amz-checksum-algorithm': 'SHA256',
        'x-amz-checksum-sha256': toBase64(promise.sha256),
      },
      Conditions: [['content-length-range', promise.minBytes, promise.maxBytes]],
      Expires: promise.expiresInSeconds,
    });
    return { url, fields };
  }

  /** S3 answers with the headers that the signature covers; it has no way to send `nosniff`. */
  async issueDownload(promise: DownloadPromise): Promise<DownloadLink> {
    checkDownloadPromise(promise);
    const command = new GetObjectCommand({
      ...this.#place(promise.key),
      ResponseContentDisposition: attachment(promise.fileName),
      ResponseContentType: promise.contentType,
      ResponseCacheControl: 'no-store',
    });
    return {
      url: await this.#options.sign.link(this.#client, command, { expiresIn: promise.expiresInSeconds }),
    };
  }

  async head(key: string): Promise<DocumentHead | undefined> {
    return (await this.#find(key))?.head;
  }

  /** The client verifies the checksum while it reads. */
  async read(key: string): Promise<Uint8Array> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ ...this.#place(key), ChecksumMode: 'ENABLED' }),
      );
      if (Body === undefined) throw new Error('S3 answered without a body');
      return await Body.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey)
        throw new DocumentMissing('there is no such document', { cause: error });
      throw error;
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    checkDocumentPrefix(prefix);
    const keys: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket(prefix), Prefix: prefix },
    );
    for await (const { Contents = [] } of pages) keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
    return keys.sort(compareText);
  }

  async put(
    key: string,
    content: Uint8Array,
    options: { readonly contentType: string; readonly sha256: string; readonly onlyIfAbsent: boolean },
  ): Promise<void> {
    const { contentType, sha256, onlyIfAbsent } = options;
    const place = this.#place(key);
    if (hash('sha256', content) !== sha256) {
      throw new ChecksumMismatch('the content is not what its checksum says');
    }
    if (!onlyIfAbsent) this.#refuseLocked((await this.#find(key))?.head);
    const command = new PutObjectCommand({
      ...place,
      Body: content,
      ContentType: contentType,
      ChecksumSHA256: toBase64(sha256),
      ...(onlyIfAbsent ? { IfNoneMatch: '*' } : {}),
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(command);
        return;
      } catch (error) {
        if (hasStatus(error, 412))
          throw new DocumentExists('the document is there already', { cause: error });
        if (!hasStatus(error, 409) || attempt === CONFLICT_ATTEMPTS) throw error;
      }
    }
  }

  /** Removes every version: with the current one alone, the one before would be back. */
  async remove(key: string): Promise<void> {
    for (let found = await this.#find(key); found !== undefined; found = await this.#find(key)) {
      this.#refuseLocked(found.head);
      const version = found.versionId === undefined ? {} : { VersionId: found.versionId };
      await this.#client.send(new DeleteObjectCommand({ ...this.#place(key), ...version }));
    }
  }

  async setLegalHold(key: string, on: boolean): Promise<void> {
    await this.#existing(key);
    await this.#client.send(
      new PutObjectLegalHoldCommand({ ...this.#place(key), LegalHold: { Status: on ? 'ON' : 'OFF' } }),
    );
  }

  async setRetention(key: string, until: string): Promise<void> {
    const { retainUntil } = await this.#existing(key);
    const end = retentionEnd(until);
    if (retainUntil !== undefined && end < retentionEnd(retainUntil)) {
      throw new DocumentLocked('a retention can only be made longer');
    }
    await this.#client.send(
      new PutObjectRetentionCommand({
        ...this.#place(key),
        Retention: { Mode: this.#options.lockMode, RetainUntilDate: new Date(end) },
      }),
    );
  }

  #bucket(keyOrPrefix: string): string {
    return keyOrPrefix.startsWith('uploads/') ? this.#options.uploadsBucket : this.#options.archiveBucket;
  }

  #place(key: string): { readonly Bucket: string; readonly Key: string } {
    checkDocumentKey(key);
    return { Bucket: this.#bucket(key), Key: key };
  }

  async #find(key: string): Promise<Found | undefined> {
    const place = this.#place(key);
    let output: HeadObjectCommandOutput;
    try {
      output = await this.#client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
    const { ContentLength, ContentType, ChecksumSHA256, VersionId } = output;
    if (ContentLength === undefined || ContentType === undefined || ChecksumSHA256 === undefined) {
      throw new Error('an object of the bucket was not put there by this store');
    }
    const head: DocumentHead = {
      key,
      bytes: ContentLength,
      contentType: ContentType,
      sha256: toHex(ChecksumSHA256),
      legalHold: output.ObjectLockLegalHoldStatus === 'ON',
      ...(output.ObjectLockRetainUntilDate === undefined
        ? {}
        : { retainUntil: retentionDate(output.ObjectLockRetainUntilDate) }),
    };
    return { head, ...(VersionId === undefined ? {} : { versionId: VersionId }) };
  }

  async #existing(key: string): Promise<DocumentHead> {
    const head = await this.head(key);
    if (head === undefined) throw new DocumentMissing('there is no such document');
    return head;
  }

  #refuseLocked(head: DocumentHead | undefined): void {
    if (head !== undefined && isLocked(head, this.#options.clock.wall())) {
      throw new DocumentLocked('the document is held or retained');
    }
  }
}
