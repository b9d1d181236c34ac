/**
 * A process that runs an engine and ends itself with SIGKILL at a given moment, or runs to the end where there
 * is none. Arguments: the database, the log of effects, how many executions, and `point:n` for the n-th time
 * that the engine passes a point. Every effect is a line of the log, on disk before the effect is over.
 */
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { Database } from '#adapters/embedded/database.ts';
import { Engine, type Perform } from '#embedded/engine/engine.ts';
import { JumpClock } from '#embedded/engine/jump-clock.ts';
import { CHAIN, readEffects } from './engine-chain.ts';

const [databasePath = '', logPath = '', count = '0', crash = ''] = process.argv.slice(2);
const [crashPoint, crashAt] = crash.split(':');

let passed = 0;
function probe(point: string): void {
  if (point !== crashPoint) return;
  passed++;
  if (passed !== Number(crashAt)) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing must happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const perform: Perform = ({ execution, state, token, arguments: given }) => {
  const file = openSync(logPath, 'a');
  appendFileSync(file, `${JSON.stringify({ execution, state, token })}\n`);
  fsyncSync(file);
  closeSync(file);
  return Promise.resolve({ state, given });
};

const database = new Database(databasePath);
const clock = new JumpClock(Date.UTC(2026, 2, 2, 8));
const engine = new Engine({
  database,
  clock,
  machine: CHAIN,
  stateMachineName: 'chain',
  perform,
  probe,
  onFault: (fault) => {
    throw fault;
  },
});

await engine.resume();
const names = Array.from({ length: Number(count) }, (_, index) => `case-${index}`);
await Promise.all(names.map((name) => engine.start(name, { name })));
while (true) {
  await engine.idle();
  // Whoever was given a token answers it, again after a crash: the log stands for an outbox.
  const effects = existsSync(logPath) ? readEffects(readFileSync(logPath, 'utf8')) : [];
  for (const { token, execution } of effects) {
    if (token !== undefined) await engine.complete(token, { answered: execution });
  }
  await engine.idle();
  const next = clock.next();
  if (next === undefined) break;
  clock.jumpTo(next);
}
await engine.close();
database.close();
