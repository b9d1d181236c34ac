import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { openContent, sealContent } from '#adapters/embedded/envelope.ts';
import { KeyFileVault, rotateSealingKey, sealingKeyOf } from '#adapters/embedded/vault.ts';
import { ChecksumMismatch } from '#functions/shared/errors.ts';
import type { DownloadPromise, UploadForm, UploadPromise } from '#functions/shared/ports.ts';
import { bytesOf, sha256Of } from '#test/contract/documents.contract.ts';
import { type Folder, temporaryFolder } from '#test/support/folder.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';

const CONTENT = bytesOf('困难职工申请书');
const KEY = 'uploads/c1/申请书.pdf';

let keyFolder: Folder;
let keyFile: string;
let vault: KeyFileVault;
let folder: Folder;
let clock: VirtualClock;
let database: Database;
let store: FileDocumentStore;
let created: string[];
let failures: unknown[];
let consume: (key: string) => Promise<void>;

const open = (secret = 'a secret') =>
  FileDocumentStore.open({
    database,
    folder: folder.path,
    uploadUrl: 'http://127.0.0.1:8080/uploads',
    downloadUrl: 'http://127.0.0.1:8080/downloads',
    uploadSecret: bytesOf(secret),
    clock,
    vault,
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

beforeAll(async () => {
  keyFolder = await temporaryFolder();
  keyFile = join(keyFolder.path, 'vault.json');
  vault = await KeyFileVault.open(keyFile);
});
afterAll(() => keyFolder.remove());

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new VirtualClock('2026-07-01T00:00:00Z');
  database = new Database(':memory:');
  created = [];
  failures = [];
  consume = async (key) => {
    created.push(key);
  };
  store = await open();
});
afterEach(async () => {
  await store.idle();
  database.close();
  await folder.remove();
});

describe('links to files', () => {
  const LINK = 'http://127.0.0.1:8080/downloads/';
  const link = async (change: Partial<DownloadPromise> = {}): Promise<string> => {
    const { url } = await store.issueDownload({
      key: KEY,
      fileName: '申请书.pdf',
      contentType: 'application/pdf',
      expiresInSeconds: 60,
      ...change,
    });
    expect(url.startsWith(LINK)).toBe(true);
    return url.slice(LINK.length);
  };
  beforeEach(() =>
    store.put(KEY, CONTENT, {
      contentType: 'application/pdf',
      sha256: sha256Of(CONTENT),
      onlyIfAbsent: true,
    }),
  );

  it('lead to the content for as long as they live by wall time', async () => {
    const permit = await link();
    clock.advanceWallBy(59_999);
    const { content, ...rest } = await store.openDownload(permit);
    expect(Buffer.from(content)).toEqual(Buffer.from(CONTENT));
    expect(rest).toEqual({ contentType: 'application/pdf', fileName: '申请书.pdf' });
    clock.advanceWallBy(1);
    await expect(store.openDownload(permit)).rejects.toMatchObject({ status: 403, code: 'download-expired' });
  });

  it('lead nowhere where they were changed, or are another kind of permit', async () => {
    const [policy = '', signature = ''] = (await link()).split('.');
    const permit: Record<string, unknown> = JSON.parse(Buffer.from(policy, 'base64url').toString());
    const changed = (change: Record<string, unknown>) =>
      `${Buffer.from(JSON.stringify({ ...permit, ...change })).toString('base64url')}.${signature}`;
    const { policy: form = '', signature: formSignature = '' } = (await store.issueUpload(promiseOf()))
      .fields;
    for (const text of [
      '',
      '.',
      policy,
      `${policy}.`,
      `${policy}.${signature}.x`,
      `${policy}.${signature.slice(0, -2)}`,
      changed({ key: 'uploads/c2/x' }),
      changed({ key: '../../filing.db' }),
      changed({ expiresAt: 9e15 }),
      changed({ contentType: 'text/html' }),
      `${form}.${formSignature}`,
    ]) {
      await expect(store.openDownload(text)).rejects.toMatchObject({
        status: 403,
        code: 'download-forbidden',
      });
    }
  });

  it('of another installation are none of this one', async () => {
    const permit = await link();
    const other = await open('another secret');
    await expect(other.openDownload(permit)).rejects.toMatchObject({ code: 'download-forbidden' });
  });

  it('read through the store, so that changed content is noticed', async () => {
    const permit = await link();
    await writeFile(join(folder.path, KEY), 'something else');
    await expect(store.openDownload(permit)).rejects.toBeInstanceOf(ChecksumMismatch);
  });
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
    expect(database.prepare('SELECT * FROM objectEvents').all()).toEqual([]);
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
      await Promise.all([accepted, store.redeliver()]);
      await store.idle();
      await store.redeliver();
    }
    expect(new Set(created)).toEqual(new Set(keys));
    expect(database.prepare('SELECT * FROM objectEvents').all()).toEqual([]);
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
    expect(await files()).toEqual(['archive/a']);
    expect(await store.read('archive/a')).toEqual(Buffer.from('two'));
    await store.remove('archive/a');
    expect(await files()).toEqual([]);
  });

  it('a new document that a crash left without its description is none, and can be put again', async () => {
    await writeFile(join(folder.path, 'archive', 'b'), 'orphan');
    await writeFile(join(folder.path, '.incoming', 'draft'), 'half a dra');
    store = await open();
    expect(await store.head('archive/b')).toBeUndefined();
    expect(await store.list('archive/')).toEqual([]);
    await put('archive/b', bytesOf('whole'), true);
    expect(await store.read('archive/b')).toEqual(Buffer.from('whole'));
    expect(await files()).toEqual(['archive/b']);
  });

  it.each(['before the content was moved', 'after it was moved'])(
    'a replacement that a crash cut off %s is finished at the next start',
    async (moment) => {
      await put('archive/a', bytesOf('one'));
      const sha256 = sha256Of(bytesOf('two'));
      const row = database.prepare("UPDATE documents SET sha256 = ?, draft = 'd1' WHERE key = 'archive/a'");
      await database.write(() => row.run(sha256));
      const moved = moment === 'after it was moved';
      const sealed = sealContent(vault, 'archive/a', [bytesOf('two')]);
      await writeFile(join(folder.path, moved ? 'archive/a' : '.incoming/d1'), sealed);
      store = await open();
      expect(await store.read('archive/a')).toEqual(Buffer.from('two'));
      expect(await files()).toEqual(['archive/a']);
      expect(database.prepare('SELECT draft FROM documents').all()).toEqual([{ draft: null }]);
    },
  );

  it('content that has changed on disk is not given out', async () => {
    await put('archive/a', bytesOf('true'));
    await writeFile(join(folder.path, 'archive/a'), 'fals');
    await expect(store.read('archive/a')).rejects.toBeInstanceOf(ChecksumMismatch);
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

describe('documents at rest', () => {
  const put = (key: string, content: Uint8Array) =>
    store.put(key, content, { contentType: 'text/plain', sha256: sha256Of(content), onlyIfAbsent: false });
  const path = (key: string): string => join(folder.path, key);
  const mismatch = (key: string) => expect(store.read(key)).rejects.toBeInstanceOf(ChecksumMismatch);

  it('neither an upload under way nor a document is readable on disk, and what is told is of the plain content', async () => {
    const line = '身份证号码 340104196001010013 ';
    const content = bytesOf(line.repeat(2000));
    const sha256 = sha256Of(content);
    const form = await store.issueUpload(promiseOf({ maxBytes: 1e6, sha256 }));
    const seen: Buffer[] = [];
    async function* inPieces() {
      for (let at = 0; at < content.length; at += 1000) {
        yield content.subarray(at, at + 1000);
        for (const file of await files()) seen.push(await readFile(path(file)));
      }
    }
    const head = await store.acceptUpload(form.fields, inPieces());
    seen.push(await readFile(path(KEY)));
    expect(head).toMatchObject({ bytes: content.length, sha256 });
    expect(seen.length).toBeGreaterThan(50);
    // The draft grew while it was looked at, and the end has all of the content.
    expect(seen.at(-2)?.length).toBeGreaterThan(content.length / 2);
    expect(seen.at(-1)?.length).toBeGreaterThan(content.length);
    for (const file of seen) expect(file.includes('340104196001010013')).toBe(false);
    expect(await store.read(KEY)).toEqual(Buffer.from(content));
  });

  it('the same content is another file each time', async () => {
    await put('archive/a', bytesOf('same'));
    const first = await readFile(path('archive/a'));
    await put('archive/a', bytesOf('same'));
    expect((await readFile(path('archive/a'))).equals(first)).toBe(false);
    expect(await store.read('archive/a')).toEqual(Buffer.from('same'));
  });

  it('a file and the key file suffice to open it', async () => {
    await put('archive/a', bytesOf('content'));
    const again = await KeyFileVault.open(keyFile);
    expect(await openContent(again, 'archive/a', await readFile(path('archive/a')))).toEqual(
      Buffer.from('content'),
    );
  });

  it('an empty document stays one', async () => {
    await put('archive/empty', new Uint8Array());
    expect(await store.read('archive/empty')).toEqual(Buffer.alloc(0));
  });

  it('a file put in the place of another is not given out, whatever it holds', async () => {
    await put('archive/a', bytesOf('same'));
    await put('archive/b', bytesOf('same'));
    await copyFile(path('archive/b'), path('archive/a'));
    await mismatch('archive/a');
    // An earlier content of the same document, too.
    await put('archive/c', bytesOf('old'));
    const old = await readFile(path('archive/c'));
    await put('archive/c', bytesOf('new'));
    await writeFile(path('archive/c'), old);
    await mismatch('archive/c');
  });

  it('a file that is cut anywhere, lengthened or changed in any byte is not given out', async () => {
    await put('archive/a', bytesOf('content'));
    const whole = await readFile(path('archive/a'));
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(path('archive/a'), whole.subarray(0, length));
      await mismatch('archive/a');
      const changed = Buffer.from(whole);
      changed[length] = (changed[length] ?? 0) ^ 1;
      await writeFile(path('archive/a'), changed);
      await mismatch('archive/a');
    }
    await writeFile(path('archive/a'), Buffer.concat([whole, Buffer.alloc(1)]));
    await mismatch('archive/a');
    await writeFile(path('archive/a'), whole);
    expect(await store.read('archive/a')).toEqual(Buffer.from('content'));
  });

  it('resealing hangs the document on the new vault key and leaves its content as it is', async () => {
    await put('archive/a', bytesOf('content'));
    const before = vault.sealingKeys().current;
    expect(sealingKeyOf(await store.sealedKey('archive/a'))).toBe(before);
    const id = await rotateSealingKey(keyFile);
    vault = await KeyFileVault.open(keyFile);
    store = await open();
    const head = await store.head('archive/a');
    await store.reseal('archive/a');
    expect(sealingKeyOf(await store.sealedKey('archive/a'))).toBe(id);
    expect(id).not.toBe(before);
    expect(await store.read('archive/a')).toEqual(Buffer.from('content'));
    expect(await store.head('archive/a')).toEqual(head);
    expect(await files()).toEqual(['archive/a']);
  });
});
