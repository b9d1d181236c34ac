/**
 * A process that does one step of a transfer and ends itself with SIGKILL at a given moment. Arguments: the command
 * (`export`, `import`, `start`), the bundle, the data folder, the key file, and `point:n` for the n-th passing of a
 * point. One that gets through prints how often each point was passed, as one line of JSON.
 */
import type { DocumentStore, ItemStore } from '#functions/shared/ports.ts';
import { DEFAULT_WAITING_TIMES } from '#functions/shared/settings.ts';
import parametersDocument from '#parameters/example-2018.json' with { type: 'json' };
import { openEmbedded, type Side } from '../../scripts/transfer/edition.ts';
import { exportBundle } from '../../scripts/transfer/export.ts';
import { importBundle } from '../../scripts/transfer/import.ts';
import { TransferKey } from '../../scripts/transfer/key.ts';
import { startCases } from '../../scripts/transfer/start.ts';
import { verifyBundle } from '../../scripts/transfer/verify.ts';

const [command = '', folder = '', data = '', keyFile = '', crash = ''] = process.argv.slice(2);
const [crashPoint, crashAt] = crash.split(':');

const passed = new Map<string, number>();
const pass = (point: string): void => {
  const times = (passed.get(point) ?? 0) + 1;
  passed.set(point, times);
  if (point !== crashPoint || times !== Number(crashAt)) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing must happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

const watched = (side: Side): Side => {
  const items: ItemStore = {
    get: (key) => side.items.get(key),
    query: (query) => side.items.query(query),
    transact: async (operations) => {
      pass('before-transact');
      await side.items.transact(operations);
      pass('after-transact');
    },
  };
  const { documents: files } = side;
  const documents: DocumentStore = {
    issueUpload: (promise) => files.issueUpload(promise),
    issueDownload: (promise) => files.issueDownload(promise),
    head: (key) => files.head(key),
    list: (prefix) => files.list(prefix),
    remove: (key) => files.remove(key),
    setRetention: (key, until) => files.setRetention(key, until),
    read: (key) => {
      pass('read');
      return files.read(key);
    },
    put: async (key, content, options) => {
      pass('before-put');
      await files.put(key, content, options);
      pass('after-put');
    },
    setLegalHold: (key, on) => {
      pass('hold');
      return files.setLegalHold(key, on);
    },
  };
  const page: Side['inventory']['items']['page'] = (options) => {
    pass('page');
    return side.inventory.items.page(options);
  };
  return { ...side, items, documents, inventory: { ...side.inventory, items: { page } } };
};

const key = await TransferKey.read(keyFile);
const side = watched(await openEmbedded(data, command === 'import'));
const say = (): void => pass('say');
if (command === 'export') {
  const parameters = Buffer.from(JSON.stringify(parametersDocument));
  await exportBundle(side, { folder, key, parameters, say, partBytes: 4_000, page: 20 });
} else {
  const { manifest, id, faults } = await verifyBundle(folder, key);
  if (faults.length > 0) throw new Error('the bundle is not sound');
  const bundle = { folder, manifest, id };
  if (command === 'import') await importBundle(side, bundle, key, say);
  else await startCases(side, bundle, DEFAULT_WAITING_TIMES, say);
}
await side.close();
console.log(JSON.stringify(Object.fromEntries(passed)));
