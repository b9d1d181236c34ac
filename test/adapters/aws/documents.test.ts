import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { S3DocumentStore } from '#adapters/aws/documents.ts';
import type { DownloadPromise, UploadForm, UploadPromise } from '#functions/shared/ports.ts';
import { bytesOf, sha256Of } from '#test/contract/documents.contract.ts';
import { startLocalServer } from '#test/support/local-server.ts';
import { type S3ForTests, sendForm, startS3 } from '#test/support/s3.ts';
import { VirtualClock } from '#test/support/virtual-clock.ts';

const CONTENT = bytesOf('困难职工申请书');
const storeOn = (client: S3Client) =>
  new S3DocumentStore({
    client,
    uploadsBucket: 'uploads-bucket',
    archiveBucket: 'archive-bucket',
    lockMode: 'COMPLIANCE',
    clock: new VirtualClock('2026-07-01T00:00:00Z'),
    sign: { form: createPresignedPost, link: getSignedUrl },
  });

let s3: S3ForTests;
let client: S3Client;
let store: S3DocumentStore;
beforeAll(async () => {
  s3 = await startS3('uploads-bucket', 'archive-bucket');
  client = s3.client();
  store = storeOn(client);
});
afterAll(async () => {
  client.destroy();
  await s3.stop();
});
beforeEach(() => {
  s3.requests.length = 0;
});

const putNew = (key: string, onlyIfAbsent = true) =>
  store.put(key, CONTENT, { contentType: 'application/pdf', sha256: sha256Of(CONTENT), onlyIfAbsent });
const sent = (method: string) => s3.requests.filter((request) => request.method === method);

describe('links to S3', () => {
  const promise: DownloadPromise = {
    key: 'uploads/c1/p1',
    fileName: '申请书.pdf',
    contentType: 'application/pdf',
    expiresInSeconds: 60,
  };

  it('sign what is answered, for a minute, and name nothing else', async () => {
    const url = new URL((await store.issueDownload(promise)).url);
    expect(url.pathname).toBe('/uploads-bucket/uploads/c1/p1');
    expect(url.searchParams.get('X-Amz-Expires')).toBe('60');
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    expect(url.searchParams.get('response-content-type')).toBe('application/pdf');
    expect(url.searchParams.get('response-cache-control')).toBe('no-store');
    expect(url.searchParams.get('response-content-disposition')).toBe(
      'attachment; filename="download.pdf"; filename*=UTF-8\'\'%E7%94%B3%E8%AF%B7%E4%B9%A6.pdf',
    );
    expect(s3.requests).toEqual([]);
  });

  it('lead into the archive for its keys', async () => {
    const { url } = await store.issueDownload({ ...promise, key: 'archive/c1/9/a' });
    expect(new URL(url).pathname).toBe('/archive-bucket/archive/c1/9/a');
  });
});

describe('forms for S3', () => {
  const promise: UploadPromise = {
    key: 'uploads/c1/申请书.pdf',
    contentType: 'application/pdf',
    minBytes: 5,
    maxBytes: 100,
    sha256: sha256Of(CONTENT),
    expiresInSeconds: 300,
  };

  it('carry a policy of exactly what was promised', async () => {
    const before = Date.now();
    const { url, fields } = await store.issueUpload(promise);
    expect(url).toContain('uploads-bucket');
    const policy: { expiration: string; conditions: unknown[] } = JSON.parse(
      Buffer.from(fields.Policy ?? '', 'base64').toString(),
    );
    const checksum = Buffer.from(promise.sha256, 'hex').toString('base64');
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 5, 100],
        { key: promise.key },
        { bucket: 'uploads-bucket' },
        { 'Content-Type': 'application/pdf' },
        { 'x-amz-checksum-algorithm': 'SHA256' },
        { 'x-amz-checksum-sha256': checksum },
      ]),
    );
    const lifetime = Date.parse(policy.expiration) - before;
    expect(lifetime).toBeGreaterThan(298_000);
    expect(lifetime).toBeLessThan(302_000);
    expect(JSON.stringify(policy)).not.toContain('starts-with');
  });

  const changes: [string, number, (form: UploadForm) => readonly [UploadForm, Uint8Array]][] = [
    ['other bytes', 400, (form) => [form, bytesOf('困难职工申请表')]],
    ['too many bytes', 400, (form) => [form, new Uint8Array(101)]],
    ['too few bytes', 400, (form) => [form, bytesOf('abcd')]],
    ['another key', 403, (form) => [{ ...form, fields: { ...form.fields, key: 'uploads/c2/x' } }, CONTENT]],
    [
      'another type',
      403,
      (form) => [{ ...form, fields: { ...form.fields, 'Content-Type': 'text/html' } }, CONTENT],
    ],
    ['one field more', 403, (form) => [{ ...form, fields: { ...form.fields, acl: 'public-read' } }, CONTENT]],
  ];
  it.each(changes)('are refused with %s', async (_what, status, change) => {
    const [form, content] = change(await store.issueUpload({ ...promise, key: 'uploads/c1/refused' }));
    expect((await sendForm(form, content)).status).toBe(status);
    expect(await store.head('uploads/c1/refused')).toBeUndefined();
  });
});

describe('requests to S3', () => {
  it('a document is put with its checksum and, if so asked, only where nothing is', async () => {
    await putNew('archive/put/a');
    await putNew('archive/put/a', false);
    const checksum = Buffer.from(sha256Of(CONTENT), 'hex').toString('base64');
    const [first, second] = sent('PUT');
    expect(first?.headers).toMatchObject({ 'x-amz-checksum-sha256': checksum, 'if-none-match': '*' });
    expect(second?.headers).toMatchObject({ 'x-amz-checksum-sha256': checksum });
    expect(second?.headers).not.toHaveProperty('if-none-match');
  });

  it('each area has its bucket', async () => {
    await putNew('archive/area/a');
    await store.put('uploads/area/a', CONTENT, {
      contentType: 'application/pdf',
      sha256: sha256Of(CONTENT),
      onlyIfAbsent: true,
    });
    expect(sent('PUT').map(({ path }) => path)).toEqual([
      '/archive-bucket/archive/area/a',
      '/uploads-bucket/uploads/area/a',
    ]);
  });

  it('a retention is locked in the mode of the house until the end of its day in Beijing', async () => {
    await putNew('archive/retained/a');
    await store.setRetention('archive/retained/a', '2099-12-31');
    const body = sent('PUT').at(-1)?.body.toString() ?? '';
    expect(body).toContain('<Mode>COMPLIANCE</Mode>');
    expect(body).toContain('<RetainUntilDate>2099-12-31T16:00:00Z</RetainUntilDate>');
    expect(sent('PUT').at(-1)?.headers).not.toHaveProperty('x-amz-bypass-governance-retention');
  });

  it('a removal names the version that it saw', async () => {
    await putNew('archive/removed/a');
    await store.remove('archive/removed/a');
    expect(sent('DELETE').map(({ query }) => query.get('versionId'))).toEqual(['v1']);
  });
});

describe('answers of S3', () => {
  /** A service that gives the answers laid out, one a request, whatever is asked. */
  async function scripted(
    answers: readonly { status: number; headers?: Record<string, string>; code?: string }[],
    use: (store: S3DocumentStore) => Promise<void>,
  ): Promise<string[]> {
    const requests: string[] = [];
    const left = [...answers];
    const server = await startLocalServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      request.resume();
      const { status, headers, code } = left.shift() ?? { status: 418 };
      response.writeHead(status, headers);
      response.end(code === undefined ? undefined : `<Error><Code>${code}</Code></Error>`);
    });
    const scriptedClient = new S3Client({
      endpoint: server.url,
      forcePathStyle: true,
      region: 'cn-north-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    try {
      await use(storeOn(scriptedClient));
    } finally {
      scriptedClient.destroy();
      await server.stop();
    }
    return requests;
  }
  const found = (version: string, more: Record<string, string> = {}) => ({
    status: 200,
    headers: {
      'content-length': '3',
      'content-type': 'text/plain',
      'x-amz-checksum-sha256': Buffer.from(sha256Of(CONTENT), 'hex').toString('base64'),
      'x-amz-version-id': version,
      ...more,
    },
  });
  const put = (it: S3DocumentStore) =>
    it.put('archive/a', CONTENT, {
      contentType: 'text/plain',
      sha256: sha256Of(CONTENT),
      onlyIfAbsent: true,
    });

  it('a removal goes on to the versions before, and stops at a locked one', async () => {
    const requests = await scripted(
      [
        found('v3'),
        { status: 204 },
        found('v2'),
        { status: 204 },
        found('v1', { 'x-amz-object-lock-legal-hold': 'ON' }),
      ],
      (it) => expect(it.remove('archive/a')).rejects.toMatchObject({ name: 'DocumentLocked' }),
    );
    expect(requests.filter((request) => request.startsWith('DELETE'))).toEqual([
      expect.stringContaining('versionId=v3'),
      expect.stringContaining('versionId=v2'),
    ]);
  });

  it('one that asks to come again for a conflict is asked again, five times at most', async () => {
    const conflict = { status: 409, code: 'ConditionalRequestConflict' };
    expect(await scripted([conflict, conflict, { status: 200 }], put)).toHaveLength(3);
    const requests = await scripted(Array(9).fill(conflict), (it) =>
      expect(put(it)).rejects.toMatchObject({ name: 'ConditionalRequestConflict' }),
    );
    expect(requests).toHaveLength(5);
  });

  it.each([
    ['2099-12-31T16:00:00Z', '2099-12-31'],
    ['2099-12-31T16:00:01Z', '2100-01-01'],
    ['2099-12-31T15:59:59Z', '2099-12-31'],
  ])('a lock until %s is told as the Beijing date %s', async (until, date) => {
    await scripted([found('v1', { 'x-amz-object-lock-retain-until-date': until })], async (it) => {
      expect(await it.head('archive/a')).toMatchObject({ retainUntil: date });
    });
  });

  it('a bucket that is not there is no missing document', async () => {
    await scripted([{ status: 404, code: 'NoSuchBucket' }], (it) =>
      expect(it.read('archive/a')).rejects.toMatchObject({ name: 'NoSuchBucket' }),
    );
  });

  it('a refused access is a fault and not an absence', async () => {
    await scripted([{ status: 403 }], (it) => expect(it.head('archive/a')).rejects.toThrow());
    await scripted([{ status: 403, code: 'AccessDenied' }], (it) =>
      expect(it.read('archive/a')).rejects.toMatchObject({ name: 'AccessDenied' }),
    );
  });

  it('an object without the checksum of ours is a fault', async () => {
    await scripted(
      [{ status: 200, headers: { 'content-length': '3', 'content-type': 'text/plain' } }],
      (it) => expect(it.head('archive/a')).rejects.toThrow('not put there by this store'),
    );
  });
});
