import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiveDocument } from '#functions/receive-document/receive-document.ts';
import { documentKey, readDocuments } from '#functions/shared/document-store.ts';
import { Application } from '#test/support/application.ts';
import { openTestEdition, type TestEdition } from '#test/support/edition.ts';
import { pdfWith, photoOf } from '#test/support/papers.ts';

const PLACE = 'GPS 31.8206N 117.2272E';

/** A photo with a comment in it, as a camera writes one. */
const photoWithPlace = (number: number): Buffer => {
  const photo = photoOf(number);
  const head = Buffer.from([0xff, 0xfe, 0, PLACE.length + 2]);
  return Buffer.concat([photo.subarray(0, 2), head, Buffer.from(PLACE), photo.subarray(2)]);
};

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

let edition: TestEdition;
let application: Application;
beforeAll(async () => {
  edition = await openTestEdition();
  application = await Application.open(edition);
});
afterAll(() => edition.close());

const latest = async () => {
  await edition.settle();
  const found = (await readDocuments(edition.ports.items, application.caseId)).at(-1);
  if (found === undefined) throw new Error('no document');
  return found;
};

/** Promised, and put where the form would have put it, with no event told yet. Resolves with its key. */
const lies = async (contentType: string, content: Uint8Array): Promise<string> => {
  const { caseId, worker } = application;
  const { documentId } = await worker.promise(caseId, { paper: 'bankCard', contentType, content });
  const key = documentKey(caseId, documentId);
  await edition.ports.documents.put(key, content, {
    contentType,
    sha256: sha256(content),
    onlyIfAbsent: true,
  });
  return key;
};

describe('a photo that tells where it was taken', () => {
  test('is kept without that, and the first form is gone', async () => {
    const content = photoWithPlace(1);
    await application.upload({ paper: 'bankCard', contentType: 'image/jpeg', content });
    const document = await latest();
    const first = documentKey(application.caseId, document.documentId);
    expect(document).toMatchObject({
      sha256: sha256(photoOf(1)),
      bytes: photoOf(1).length,
      state: {
        status: 'received',
        scan: 'unscanned',
        cleanedFrom: { key: first, sha256: sha256(content), bytes: content.length },
      },
    });
    expect(Buffer.from(await edition.ports.documents.read(document.key))).toEqual(photoOf(1));
    expect(await edition.ports.documents.head(first)).toBeUndefined();
    // The event once more, long after: nothing to do, and nothing to stumble over.
    expect(await receiveDocument(edition.ports, first)).toBe('settled');
  });

  test('loses its first form also where the call that received it was cut short before', async () => {
    const content = photoWithPlace(2);
    const { documents } = edition.ports;
    const dying = {
      ...edition.ports,
      documents: new Proxy(documents, {
        get: (store, name) => {
          if (name === 'remove') return () => Promise.reject(new Error('killed here'));
          const value: unknown = Reflect.get(store, name);
          return typeof value === 'function' ? value.bind(store) : value;
        },
      }),
    };
    const first = await lies('image/jpeg', content);
    await expect(receiveDocument(dying, first)).rejects.toThrow('killed here');
    expect(await documents.head(first)).toBeDefined();
    await receiveDocument(edition.ports, first);
    expect(await documents.head(first)).toBeUndefined();
  });
});

describe('a paper that may not come in', () => {
  test.each([
    ['locked by a password', pdfWith('locked', '/Encrypt 9 0 R'), 'encrypted', '密码'],
    ['with a program', pdfWith('program', '4 0 obj <</S/JavaScript>> endobj'), 'active-content', '程序'],
  ])('%s: refused, and the household is told what to do', async (_, content, code, told) => {
    await application.upload({ paper: 'bankCard', contentType: 'application/pdf', content });
    expect((await latest()).state).toMatchObject({ status: 'refused', code });
    expect((await application.letters()).at(-1)?.text).toContain(told);
  });

  test('infected: refused; a scanner that is away: the event comes again, and nothing has passed', async () => {
    const content = pdfWith('scanned');
    const key = await lies('application/pdf', content);
    const away = { scan: () => Promise.reject(new Error('away')) };
    await expect(receiveDocument({ ...edition.ports, scanner: away }, key)).rejects.toThrow('away');
    expect((await latest()).state.status).toBe('promised');
    const finds = { scan: () => Promise.resolve('infected' as const) };
    await receiveDocument({ ...edition.ports, scanner: finds }, key);
    expect((await latest()).state).toMatchObject({ status: 'refused', code: 'infected' });
  });
});
