/**
 * The child process of `documents.crash.test.ts`: replaces one document again and again and takes uploads in. A line is
 * printed when a promise has resolved, and when an event was consumed. Ends by being killed.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '#adapters/embedded/database.ts';
import { FileDocumentStore } from '#adapters/embedded/documents.ts';
import { KeyFileVault } from '#adapters/embedded/vault.ts';

const [folder = '', start = ''] = process.argv.slice(2);
const tell = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const store = await FileDocumentStore.open({
  database: new Database(join(folder, 'documents.db')),
  folder,
  uploadUrl: 'http://127.0.0.1/uploads',
  downloadUrl: 'http://127.0.0.1/downloads',
  uploadSecret: new Uint8Array(32),
  clock: { wall: Date.now },
  vault: await KeyFileVault.open(join(folder, 'keys', 'vault.json')),
  objectCreated: async (key) => tell(`consumed ${key}`),
  eventFailed: (_key, error) => {
    throw error;
  },
});

for (let n = Number(start); ; n++) {
  const content = new TextEncoder().encode(`${n} `.repeat(3000));
  const sha256 = createHash('sha256').update(content).digest('hex');
  const key = `uploads/c1/${n}`;
  const form = await store.issueUpload({
    key,
    contentType: 'text/plain',
    minBytes: 1,
    maxBytes: 100_000,
    sha256,
    expiresInSeconds: 60,
  });
  await Promise.all([
    store.acceptUpload(form.fields, [content]).then(() => tell(`uploaded ${key}`)),
    store
      .put('archive/c1/same', content, { contentType: 'text/plain', sha256, onlyIfAbsent: false })
      .then(() => tell(`put ${n}`)),
  ]);
}
