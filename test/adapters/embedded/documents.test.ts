import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { ChecksumMismatch } from '#functions/shared/errors.ts';
import type { UploadForm, UploadPromise } from '#functions/shared/ports.ts';
import { bytesOf, sha256Of } from '#test/contract/documents.contract.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';

const CONTENT = bytesOf('困难职工申请书');
const KEY = 'uploads/c1/申请书.pdf';

let folder: Folder;
let clock: VirtualClock;
let store: FileDocumentStore;
let created: string[];
let failures: unknown[];
let consume: (key: string) => Promise<void>;

const open = (secret = 'a secret') =>
  FileDocumentStore.open({
    folder: folder.path,
    uploadUrl: 'http://127.0.0.1:8080/uploads',
    uploadSecret: bytesOf(secret),
    clock,
    objectCreated: (key) => consume(key),
    eventFailed: (_key, error) => failures.push(error),
  });

const promiseOf = (change: Partial<UploadPromise> = {}): UploadPromise => ({
  key: KEY,
  contentType: 'application/pdf',
  minBytes: 5,
  maxBytes: 100,
  sha256: sha256Of(CONTENT),
  expiresInSeconds: 300,
  ...change,
});

/** Everything below the folder that is a file. */
async function files(): Promise<string[]> {
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.path.length + 1))
    .sort();
}

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new VirtualClock('2026-07-01T00:00:00Z');
  created = [];
  failures = [];
  consume = async (key) => {
    created.push(key);
  };
  store = await open();
});
afterEach(async () => {
  await store.idle();
  await folder.remove();
});

describe('uploads to files', () => {
  const refusals: [string, number, string, (form: UploadForm) => Promise<unknown>][] = [
    [
      'other bytes',
      422,
      'upload-checksum-mismatch',
      (form) => store.acceptUpload(form.fields, [bytesOf('困难职工申请表')]),
    ],
    [
      'too many bytes',
      413,
      'upload-too-large',
      (form) => store.acceptUpload(form.fields, [CONTENT, new Uint8Array(100)]),
    ],
    ['too few bytes', 422, 'upload-too-small', (form) => store.acceptUpload(form.fields, [bytesOf('abcd')])],
    ['no bytes', 422, 'upload-too-small', (form) => store.acceptUpload(form.fields, [])],
    [
      'another type',
      415,
      'upload-wrong-type',
      (form) => store.acceptUpload({ ...form.fields, 'Content-Type': 'text/html' }, [CONTENT]),
    ],
    [
      'another key',
      403,
      'upload-forbidden',
      (form) => store.acceptUpload({ ...form.fields, key: 'uploads/c2/申请书.pdf' }, [CONTENT]),
    ],
    [
      'a policy of its own making',
      403,
      'upload-forbidden',
      (form) => {
        const policy: object = JSON.parse(Buffer.from(form.fields.policy ?? '', 'base64url').toString());
        const forged = Buffer.from(JSON.stringify({ ...policy, maxBytes: 1e9 })).toString('base64url');
        return store.acceptUpload({ ...form.fields, policy: forged }, [CONTENT]);
      },
    ],
    [
      'no signature',
      403,
      'upload-forbidden',
      (form) => {
        const { signature: _, ...fields } = form.fields;
        return store.acceptUpload(fields, [CONTENT]);
      },
    ],
    [
      'an empty signature',
      403,
      'upload-forbidden',
      (form) => store.acceptUpload({ ...form.fields, signature: '' }, [CONTENT]),
    ],
    [
      'one field more',
      403,
      'upload-forbidden',
      (form) => store.acceptUpload({ ...form.fields, acl: 'public' }, [CONTENT]),
    ],
    ['no fields', 403, 'upload-forbidden', () => store.acceptUpload({}, [CONTENT])],
  ];
  it.each(refusals)('refuses %s with %i %s and leaves nothing behind', async (_what, status, code, send) => {
    const form = await store.issueUpload(promiseOf());
    await expect(send(form)).rejects.toMatchObject({
      status,
      code,
      message: expect.stringMatching(/^\p{Script=Han}.*。$/u),
    });
    expect(await files()).toEqual([]);
    expect(created).toEqual([]);
    await store.acceptUpload(form.fields, [CONTENT]);
    expect(await store.read(KEY)).toEqual(Buffer.from(CONTENT));
  });

  it('takes sizes at both ends of the range', async () => {
    for (const size of [5, 100]) {
      const content = new Uint8Array(size).fill(65);
      const form = await store.issueUpload(promiseOf({ sha256: sha256Of(content) }));
      expect(await store.acceptUpload(form.fields, [content])).toMatchObject({ bytes: size });
    }
  });

  it('a form expires by wall time, to the millisecond', async () => {
    const form = await store.issueUpload(promiseOf());
    clock.advanceWallBy(300_000 - 1);
    await store.acceptUpload(form.fields, [CONTENT]);
    clock.advanceWallBy(1);
    await expect(store.acceptUpload(form.fields, [CONTENT])).rejects.toMatchObject({
      code: 'upload-expired',
      status: 403,
    });
  });

  it('a form of another secret is forbidden', async () => {
    const form = await store.issueUpload(promiseOf());
    store = await open('another secret');
    await expect(store.acceptUpload(form.fields, [CONTENT])).rejects.toMatchObject({
      code: 'upload-forbidden',
    });
  });

  it('reads no more of a stream than the limit allows', async () => {
    const form = await store.issueUpload(promiseOf());
    let sent = 0;
    let closed = false;
    async function* endless() {
      try {
        for (;;) {
          sent += 10;
          yield new Uint8Array(10);
        }
      } finally {
        closed = true;
      }
    }
    await expect(store.acceptUpload(form.fields, endless())).rejects.toMatchObject({
      code: 'upload-too-large',
    });
    expect(sent).toBe(110);
    expect(closed).toBe(true);
  });

  it('a stream that breaks leaves nothing behind', async () => {
    const form = await store.issueUpload(promiseOf());
    async function* broken() {
      yield bytesOf('half');
      throw new Error('the line is dead');
    }
    await expect(store.acceptUpload(form.fields, broken())).rejects.toThrow('the line is dead');
    expect(await files()).toEqual([]);
  });

  it('what is locked is not overwritten by an upload', async () => {
    const form = await store.issueUpload(promiseOf());
    await store.acceptUpload(form.fields, [CONTENT]);
    await store.setLegalHold(KEY, true);
    await expect(store.acceptUpload(form.fields, [CONTENT])).rejects.toMatchObject({
      code: 'upload-locked',
      status: 409,
    });
  });
});

describe('events of uploads', () => {
  const upload = async () => {
    const form = await store.issueUpload(promiseOf());
    await store.acceptUpload(form.fields, [CONTENT]);
    await store.idle();
  };

  it('come once the document can be read, and not again when they were consumed', async () => {
    let contentSeen: unknown;
    consume = async (key) => {
      created.push(key);
      contentSeen = await store.read(key);
    };
    await upload();
    expect(created).toEqual([KEY]);
    expect(contentSeen).toEqual(Buffer.from(CONTENT));
    await store.redeliver();
    store = await open();
    await store.redeliver();
    expect(created).toEqual([KEY]);
  });

  it('come again until the consumer has succeeded, also after a restart', async () => {
    let attempts = 0;
    consume = async () => {
      attempts++;
      throw new Error(`attempt ${attempts}`);
    };
    await upload();
    await store.redeliver();
    store = await open();
    await store.redeliver();
    expect(attempts).toBe(3);
    expect(failures).toEqual([new Error('attempt 1'), new Error('attempt 2'), new Error('attempt 3')]);
    consume = async (key) => {
      created.push(key);
    };
    await store.redeliver();
    await store.redeliver();
    expect(created).toEqual([KEY]);
  });

  it('one under way is not delivered a second time', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    consume = async (key) => {
      created.push(key);
      await gate;
    };
    const form = await store.issueUpload(promiseOf());
    await store.acceptUpload(form.fields, [CONTENT]);
    await store.redeliver();
    expect(created).toEqual([KEY]);
    release();
    await store.idle();
    expect(await readdir(join(folder.path, '.events'))).toEqual([]);
  });

  it('none is lost where uploads and redeliveries overlap', async () => {
    const tried = new Set<string>();
    consume = async (key) => {
      if (tried.has(key)) created.push(key);
      else {
        tried.add(key);
        throw new Error('not at the first time');
      }
    };
    const keys = Array.from({ length: 25 }, (_, n) => `uploads/c1/d${n}`);
    for (const key of keys) {
      const form = await store.issueUpload(promiseOf({ key }));
      const accepted = store.acceptUpload(form.fields, [CONTENT]);
      // The event is written down; its document is about to be.
      while ((await readdir(join(folder.path, '.events'))).length === 0) await setImmediate();
      await Promise.all([accepted, store.redeliver()]);
      await store.idle();
      await store.redeliver();
    }
    expect(new Set(created)).toEqual(new Set(keys));
    expect(await readdir(join(folder.path, '.events'))).toEqual([]);
  });

  it('one whose document never came about is dropped', async () => {
    await writeFile(
      join(folder.path, '.events', 'left-by-a-crash'),
      JSON.stringify({ key: 'uploads/c9/none' }),
    );
    await store.redeliver();
    expect(created).toEqual([]);
    expect(await files()).toEqual([]);
  });

  it('documents that are put make no event', async () => {
    await store.put('uploads/c1/put', CONTENT, {
      contentType: 'text/plain',
      sha256: sha256Of(CONTENT),
      onlyIfAbsent: true,
    });
    await store.idle();
    expect(created).toEqual([]);
  });
});

describe('documents on disk', () => {
  const put = (key: string, content: Uint8Array, onlyIfAbsent = false) =>
    store.put(key, content, { contentType: 'text/plain', sha256: sha256Of(content), onlyIfAbsent });

  it('a replaced document leaves one content behind', async () => {
    await put('archive/a', bytesOf('one'));
    await put('archive/a', bytesOf('two'));
    await put('archive/a', bytesOf('two'));
    expect(await files()).toEqual([`archive/a@${sha256Of(bytesOf('two'))}`, 'archive/a@meta']);
    await store.remove('archive/a');
    expect(await files()).toEqual([]);
  });

  it('what a crash left half done is cleared away at the next start, and nothing else', async () => {
    await put('archive/c1/a', bytesOf('kept'));
    const before = await files();
    const orphan = sha256Of(bytesOf('orphan'));
    // Between the content and its description: of a new document, and of one that was being replaced.
    await writeFile(join(folder.path, 'archive', 'c1', `b@${orphan}`), 'orphan');
    await writeFile(join(folder.path, 'archive', 'c1', `a@${orphan}`), 'orphan');
    await writeFile(join(folder.path, '.incoming', 'draft'), 'half a dra');
    expect(await store.head('archive/c1/b')).toBeUndefined();
    store = await open();
    expect(await files()).toEqual(before);
    expect(await store.read('archive/c1/a')).toEqual(Buffer.from('kept'));
  });

  it('content that has changed on disk is not given out', async () => {
    await put('archive/a', bytesOf('true'));
    await writeFile(join(folder.path, `archive/a@${sha256Of(bytesOf('true'))}`), 'fals');
    await expect(store.read('archive/a')).rejects.toBeInstanceOf(ChecksumMismatch);
  });

  it('a description that belongs to another key, or is damaged, is a fault and not an absence', async () => {
    await put('archive/a', bytesOf('x'));
    const meta = await readFile(join(folder.path, 'archive/a@meta'));
    await writeFile(join(folder.path, 'archive/b@meta'), meta);
    await expect(store.head('archive/b')).rejects.toThrow('confuses');
    await writeFile(join(folder.path, 'archive/a@meta'), meta.subarray(0, 10));
    await expect(store.head('archive/a')).rejects.toThrow();
    await rm(join(folder.path, 'archive/b@meta'));
  });

  it('a retention ends with its day in Beijing', async () => {
    await put('archive/a', bytesOf('x'));
    await store.setRetention('archive/a', '2026-07-01');
    clock.advanceWallBy(16 * 3_600_000 - 1);
    await expect(store.remove('archive/a')).rejects.toThrow();
    clock.advanceWallBy(1);
    await store.remove('archive/a');
    expect(await store.head('archive/a')).toBeUndefined();
  });

  it('readers of a document that is replaced again and again see it whole', async () => {
    const versions = Array.from({ length: 30 }, (_, n) => bytesOf(`version ${n} `.repeat(500)));
    const [first = new Uint8Array()] = versions;
    await put('archive/a', first);
    const texts = new Set(versions.map((version) => Buffer.from(version).toString()));
    await Promise.all([
      ...versions.map((version) => put('archive/a', version)),
      ...versions.map(async () => {
        expect(texts.has(Buffer.from(await store.read('archive/a')).toString())).toBe(true);
      }),
    ]);
  });
});
