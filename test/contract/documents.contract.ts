/** What every `DocumentStore` does, run against each adapter. Each test uses a folder of its own. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AppError,
  ChecksumMismatch,
  DocumentExists,
  DocumentLocked,
  DocumentMissing,
} from '#functions/shared/errors.ts';
import type {
  DocumentStore,
  DownloadLink,
  DownloadPromise,
  UploadForm,
  UploadPromise,
} from '#functions/shared/ports.ts';

export type DocumentStoreUnderTest = {
  readonly store: DocumentStore;
  /** Sends the form as a browser would; rejects where the store refuses it. */
  upload(form: UploadForm, content: Uint8Array): Promise<void>;
  /** Follows a link. */
  download(link: DownloadLink): Promise<{
    readonly status: number;
    readonly headers: Headers;
    readonly content: Uint8Array;
  }>;
  close(): Promise<void>;
};

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

let folders = 0;
const folder = (area = 'archive'): string => `${area}/f${++folders}`;

export function documentStoreContract(name: string, open: () => Promise<DocumentStoreUnderTest>): void {
  describe(`DocumentStore: ${name}`, () => {
    let subject: DocumentStoreUnderTest;
    let store: DocumentStore;
    beforeAll(async () => {
      subject = await open();
      store = subject.store;
    });
    afterAll(() => subject.close());

    const put = (key: string, text: string, onlyIfAbsent = true) =>
      store.put(key, bytesOf(text), {
        contentType: 'text/plain',
        sha256: sha256Of(bytesOf(text)),
        onlyIfAbsent,
      });

    it('knows nothing of a document that was never put', async () => {
      const key = `${folder()}/none`;
      expect(await store.head(key)).toBeUndefined();
      await expect(store.read(key)).rejects.toBeInstanceOf(DocumentMissing);
      await expect(store.setLegalHold(key, true)).rejects.toBeInstanceOf(DocumentMissing);
      await expect(store.setRetention(key, '2099-01-01')).rejects.toBeInstanceOf(DocumentMissing);
      await expect(store.remove(key)).resolves.toBeUndefined();
    });

    it('gives back what was put, byte for byte, and what is known of it', async () => {
      const key = `${folder()}/all`;
      const content = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7) % 256);
      await store.put(key, content, {
        contentType: 'application/pdf',
        sha256: sha256Of(content),
        onlyIfAbsent: true,
      });
      expect(Buffer.from(await store.read(key)).equals(content)).toBe(true);
      expect(await store.head(key)).toEqual({
        key,
        bytes: 70_000,
        contentType: 'application/pdf',
        sha256: sha256Of(content),
        legalHold: false,
      });
    });

    it('keeps an empty document', async () => {
      const key = `${folder()}/empty`;
      await put(key, '');
      expect(await store.read(key)).toHaveLength(0);
      expect(await store.head(key)).toMatchObject({ bytes: 0, sha256: sha256Of(bytesOf('')) });
    });

    it('refuses content that is not what its checksum says, and stores nothing', async () => {
      const key = `${folder()}/wrong`;
      const options = { contentType: 'text/plain', sha256: sha256Of(bytesOf('a')), onlyIfAbsent: false };
      await expect(store.put(key, bytesOf('b'), options)).rejects.toBeInstanceOf(ChecksumMismatch);
      expect(await store.head(key)).toBeUndefined();
    });

    it('puts only where nothing is, if so asked; else replaces', async () => {
      const key = `${folder()}/once`;
      await put(key, 'first');
      await expect(put(key, 'second')).rejects.toBeInstanceOf(DocumentExists);
      await expect(put(key, 'first')).rejects.toBeInstanceOf(DocumentExists);
      expect(Buffer.from(await store.read(key))).toEqual(Buffer.from('first'));
      await put(key, 'third', false);
      expect(Buffer.from(await store.read(key))).toEqual(Buffer.from('third'));
      expect(await store.head(key)).toMatchObject({ bytes: 5, sha256: sha256Of(bytesOf('third')) });
    });

    it('of many that put the same key only if absent, one wins', async () => {
      const key = `${folder()}/race`;
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => put(key, `racer ${n}`)));
      const winners = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(DocumentExists);
      }
      expect(Buffer.from(await store.read(key))).toEqual(Buffer.from(`racer ${winners[0]}`));
    });

    it('removes a document', async () => {
      const key = `${folder()}/gone`;
      await put(key, 'x');
      await store.remove(key);
      expect(await store.head(key)).toBeUndefined();
      expect(await store.list(key)).toEqual([]);
      await put(key, 'again');
      expect(Buffer.from(await store.read(key))).toEqual(Buffer.from('again'));
    });

    it('lists the keys below a prefix in the order of their bytes', async () => {
      const base = folder();
      const names = ['a0', 'a/b', 'a/c/d', 'a!', 'ab', 'b', '申请书.pdf', '证明（一）', '𠮷'];
      for (const it of names) await put(`${base}/${it}`, it);
      const under = async (prefix: string) =>
        (await store.list(`${base}/${prefix}`)).map((key) => key.slice(base.length + 1));
      const byBytes = (list: string[]) =>
        list.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await under('')).toEqual(byBytes(names));
      expect(await under('a')).toEqual(byBytes(['a0', 'a!', 'a/b', 'a/c/d', 'ab']));
      expect(await under('a/')).toEqual(['a/b', 'a/c/d']);
      expect(await under('申请')).toEqual(['申请书.pdf']);
      expect(await under('zz/')).toEqual([]);
      expect(Buffer.from(await store.read(`${base}/a/b`))).toEqual(Buffer.from('a/b'));
    });

    it('lists more keys than fit one page of a listing', async () => {
      const base = folder();
      const names = Array.from({ length: 1_010 }, (_, n) => `${base}/${String(n).padStart(4, '0')}`);
      for (let start = 0; start < names.length; start += 50) {
        await Promise.all(names.slice(start, start + 50).map((key) => put(key, 'x')));
      }
      expect(await store.list(`${base}/`)).toEqual(names);
    });

    it.each([
      '',
      'uploads',
      'uploads/',
      '/uploads/a',
      'elsewhere/a',
      'uploads//a',
      'uploads/a/',
      'uploads/../archive/a',
      'uploads/..',
      'uploads/./a',
      'uploads/.hidden',
      'uploads/a\\b',
      'uploads/a\0b',
      'uploads/a\nb',
      'uploads/a:b',
      'uploads/a@b',
      'uploads/a$b',
      'uploads/a?b',
      'uploads/e\u0301',
      'uploads/\ud800',
      'uploads/\u202ea',
      `uploads/${'x'.repeat(181)}`,
      `uploads/${'长'.repeat(61)}`,
      `uploads${'/x'.repeat(509)}`,
    ])('refuses the key %j in every operation', async (key) => {
      const refusal = { code: 'invalid-document-key', status: 400 };
      const promise: UploadPromise = {
        key,
        contentType: 'text/plain',
        minBytes: 1,
        maxBytes: 10,
        sha256: sha256Of(bytesOf('x')),
        expiresInSeconds: 60,
      };
      await expect(put(key, 'x')).rejects.toMatchObject(refusal);
      await expect(store.head(key)).rejects.toMatchObject(refusal);
      await expect(store.read(key)).rejects.toMatchObject(refusal);
      await expect(store.remove(key)).rejects.toMatchObject(refusal);
      await expect(store.setLegalHold(key, true)).rejects.toMatchObject(refusal);
      await expect(store.setRetention(key, '2099-01-01')).rejects.toMatchObject(refusal);
      await expect(store.issueUpload(promise)).rejects.toBeInstanceOf(AppError);
    });

    it.each(['', 'uploads', '/', 'elsewhere/', 'uploads/../', 'uploads/./a', 'uploads//a', 'uploads/\\/'])(
      'refuses the prefix %j',
      async (prefix) => {
        await expect(store.list(prefix)).rejects.toMatchObject({ code: 'invalid-document-key' });
      },
    );

    describe('holds and retention', () => {
      it('what is held is neither overwritten nor removed until the hold is lifted', async () => {
        const key = `${folder()}/held`;
        await put(key, 'x');
        await store.setLegalHold(key, true);
        await store.setLegalHold(key, true);
        expect(await store.head(key)).toMatchObject({ legalHold: true });
        await expect(store.remove(key)).rejects.toBeInstanceOf(DocumentLocked);
        await expect(put(key, 'y', false)).rejects.toBeInstanceOf(DocumentLocked);
        await expect(put(key, 'y')).rejects.toBeInstanceOf(DocumentExists);
        expect(Buffer.from(await store.read(key))).toEqual(Buffer.from('x'));
        await store.setLegalHold(key, false);
        expect(await store.head(key)).toMatchObject({ legalHold: false });
        await store.remove(key);
        expect(await store.head(key)).toBeUndefined();
      });

      it('what is retained is neither overwritten nor removed; its date moves only ahead', async () => {
        const key = `${folder()}/retained`;
        await put(key, 'x');
        await store.setRetention(key, '2098-05-31');
        expect(await store.head(key)).toMatchObject({ retainUntil: '2098-05-31', legalHold: false });
        await expect(store.setRetention(key, '2098-05-30')).rejects.toBeInstanceOf(DocumentLocked);
        await store.setRetention(key, '2098-05-31');
        await store.setRetention(key, '2099-12-31');
        expect(await store.head(key)).toMatchObject({ retainUntil: '2099-12-31' });
        await expect(store.remove(key)).rejects.toBeInstanceOf(DocumentLocked);
        await expect(put(key, 'y', false)).rejects.toBeInstanceOf(DocumentLocked);
        await store.setLegalHold(key, true);
        await store.setLegalHold(key, false);
        await expect(store.remove(key)).rejects.toBeInstanceOf(DocumentLocked);
        expect(Buffer.from(await store.read(key))).toEqual(Buffer.from('x'));
      });

      it.each(['2099-02-30', '2099-1-1', '2099-01-01T00:00:00Z', ''])(
        'refuses the date %j',
        async (until) => {
          const key = `${folder()}/dates`;
          await put(key, 'x');
          await expect(store.setRetention(key, until)).rejects.toThrow();
          expect(await store.head(key)).not.toHaveProperty('retainUntil');
        },
      );
    });

    describe('downloads', () => {
      const promiseOf = (change: Partial<DownloadPromise> = {}): DownloadPromise => ({
        key: `${folder('uploads')}/p1`,
        fileName: '个人申请书-1a2b3c.pdf',
        contentType: 'application/pdf',
        expiresInSeconds: 60,
        ...change,
      });

      it('a link answers the very bytes as an attachment of the given type and name, for no cache', async () => {
        const promise = promiseOf();
        await put(promise.key, '<script>alert(1)</script>');
        const { status, headers, content } = await subject.download(await store.issueDownload(promise));
        expect(status).toBe(200);
        expect(Buffer.from(content).toString()).toBe('<script>alert(1)</script>');
        expect(headers.get('content-type')).toBe('application/pdf');
        expect(headers.get('content-disposition')).toBe(
          'attachment; filename="download.pdf"; ' +
            "filename*=UTF-8''%E4%B8%AA%E4%BA%BA%E7%94%B3%E8%AF%B7%E4%B9%A6-1a2b3c.pdf",
        );
        expect(headers.get('cache-control')).toBe('no-store');
      });

      it('a link to what is not there answers 404', async () => {
        const { status } = await subject.download(await store.issueDownload(promiseOf()));
        expect(status).toBe(404);
      });

      it.each<Partial<DownloadPromise>>([
        { key: 'uploads/../archive/a' },
        { key: 'elsewhere/a' },
        { key: 'uploads/a/../../b' },
        { fileName: '' },
        { fileName: '../x.pdf' },
        { fileName: 'a"; filename="b.html' },
        { fileName: 'a\r\nset-cookie: b=c.pdf' },
        { fileName: '\ud800.pdf' },
        { fileName: `${'长'.repeat(101)}` },
        { expiresInSeconds: 0 },
        { expiresInSeconds: 601 },
      ])('gives no link for %j', async (change) => {
        await expect(store.issueDownload(promiseOf(change))).rejects.toThrow();
      });
    });

    describe('uploads', () => {
      const content = bytesOf('困难职工申请书');
      const promiseOf = (change: Partial<UploadPromise> = {}): UploadPromise => ({
        key: `${folder('uploads')}/申请书.pdf`,
        contentType: 'application/pdf',
        minBytes: 1,
        maxBytes: 1_000,
        sha256: sha256Of(content),
        expiresInSeconds: 300,
        ...change,
      });

      it('a form brings its document in', async () => {
        const promise = promiseOf();
        const form = await store.issueUpload(promise);
        expect(await store.head(promise.key)).toBeUndefined();
        await subject.upload(form, content);
        expect(await store.head(promise.key)).toEqual({
          key: promise.key,
          bytes: content.length,
          contentType: 'application/pdf',
          sha256: sha256Of(content),
          legalHold: false,
        });
        expect(Buffer.from(await store.read(promise.key))).toEqual(Buffer.from(content));
      });

      it('a form sent twice brings the same document in', async () => {
        const promise = promiseOf();
        const form = await store.issueUpload(promise);
        await subject.upload(form, content);
        await subject.upload(form, content);
        expect(Buffer.from(await store.read(promise.key))).toEqual(Buffer.from(content));
      });

      it('promises that no store can keep are refused', async () => {
        for (const change of [
          { key: `${folder('archive')}/x` },
          { minBytes: 11, maxBytes: 10 },
          { minBytes: -1 },
          { maxBytes: 0, minBytes: 0 },
          { sha256: 'A'.repeat(64) },
          { expiresInSeconds: 0 },
          { expiresInSeconds: 604_801 },
          { contentType: 'text/plain\r\nx: y' },
          { contentType: '' },
        ]) {
          await expect(store.issueUpload(promiseOf(change))).rejects.toThrow();
        }
      });
    });
  });
}
