/**
 * A process with the embedded edition that ends itself with SIGKILL at a given moment, or runs until SIGTERM where there
 * is none. Arguments: the folder, the port, the centre's address, case time of the first start, and `point:n` for the
 * n-th passing of a point. Prints a line of JSON when it listens; each line on standard input is an instant to which case
 * time is to be moved, answered by a line when that is done.
 */
import { createInterface } from 'node:readline';
import { openEdition } from '#embedded/composition.ts';
import { createLogger } from '#functions/shared/log.ts';
import { UNLIMITED } from '#test/support/limits.ts';

const [folder = '', port = '0', centreUrl = '', start = '', crash = ''] = process.argv.slice(2);
const [crashPoint, crashAt] = crash.split(':');

let passed = 0;
const pass = (point: string): void => {
  if (point !== crashPoint) return;
  passed += 1;
  if (passed !== Number(crashAt)) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing must happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

const edition = await openEdition({
  folder,
  logger: createLogger({ sink: (line) => console.error(line), wall: Date.now, level: 'error' }),
  centreUrl,
  caseTimeOffset: Number(start) - Date.now(),
  probe: pass,
  http: { rateLimits: UNLIMITED },
  wrapItems: (items) => ({
    get: (key) => items.get(key),
    query: (query) => items.query(query),
    transact: async (operations) => {
      pass('before-transact');
      await items.transact(operations);
      pass('after-transact');
    },
  }),
});
const url = await edition.listen(Number(port));
console.log(JSON.stringify({ url }));
const commands = createInterface({ input: process.stdin });
let moved: Promise<void> = Promise.resolve();
commands.on('line', (line) => {
  moved = moved.then(async () => {
    // Several cases may ask for the same instant.
    if (Number(line) > edition.ports.clock.now()) await edition.advanceTo(Number(line));
    console.log(JSON.stringify({ now: edition.ports.clock.now() }));
  });
});
process.once('SIGTERM', () => {
  commands.close();
  void edition.close();
});
