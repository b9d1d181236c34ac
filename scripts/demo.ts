/**
 * `npm run demo`: takes real applications through the whole process on the embedded edition, over real HTTP, with real
 * uploads, the cross-check centre's simulator as a process of its own, and case time moved over the notice. Prints each
 * case's timeline and decision, takes each archive out and checks it offline. Exit 1 where anything differs from the regulation.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { type Edition, openEdition } from '#embedded/composition.ts';
import { mintToken } from '#embedded/identity/issuer.ts';
import { takeOut } from '#embedded/take-out.ts';
import { createLogger } from '#functions/shared/log.ts';
import { ApiClient } from './demo/client.ts';
import { DEMO_START, playStories } from './demo/play.ts';
import { printCase } from './demo/print.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = join(ROOT, 'demo-data');

const started = performance.now();
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)}秒`;
const say = (line: string): void => console.log(`${seconds()}  ${line}`);

/** Starts the simulator as a process of its own; resolves with where it listens. */
const startSimulator = async (keys: string): Promise<{ process: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, [join(ROOT, 'simulator/main.ts'), '--keys', keys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('比对模拟中心没有启动'))),
  ]);
  // The rest of what it reports is its own affair, but has to be read.
  lines.on('line', () => {});
  const { listening } = z.looseObject({ listening: z.string() }).parse(JSON.parse(String(first)));
  return { process: child, url: listening };
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};

/** `npm run -s verify -- ARCHIVE`, as anyone would run it. */
const verifyArchive = async (archive: string, key: string): Promise<{ ok: boolean; report: string }> => {
  const child = spawn('npm', ['run', '-s', 'verify', '--', archive, '--key', key], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { ok: code === 0, report: Buffer.concat(chunks).toString('utf8').trim() };
};

const play = async (edition: Edition, base: string): Promise<number> => {
  const stories = await playStories(
    {
      base,
      sign: async (subject, name, role, organisation) =>
        new ApiClient(
          base,
          await mintToken(join(DATA, 'keys'), {
            subject,
            name,
            roles: [role],
            ttlSeconds: 3600,
            ...(organisation === undefined ? {} : { organisation }),
          }),
        ),
      idle: () => edition.idle(),
      advanceTo: (instant) => edition.advanceTo(instant),
    },
    say,
  );
  const keyFile = join(DATA, 'signing-key.json');
  const { publicKey } = await edition.ports.vault.sign(Buffer.from('the public key, to be published'));
  await writeFile(keyFile, JSON.stringify(publicKey));
  let differences = 0;
  for (const story of stories) {
    differences += await printCase(story, async (caseId) => {
      // In the edition it is sealed; what is handed on is plain, and its taking out is on record.
      const archive = join(DATA, 'taken-out', caseId);
      await takeOut(edition.ports, { caseId, target: archive, purpose: '演示核验', by: '演示' });
      return { place: relative(ROOT, archive), ...(await verifyArchive(archive, keyFile)) };
    });
  }
  return differences;
};

await rm(DATA, { recursive: true, force: true });
await mkdir(DATA, { recursive: true });
console.log('困难职工建档演示：八份申请，从草稿走到归档（或不予建档、撤回）。人物均为合成样例。\n');
const logger = createLogger({ sink: (line) => console.error(line), wall: Date.now, level: 'warn' });
const simulator = await startSimulator(ensureCrossCheckKeys(join(DATA, 'keys', 'cross-check')).centre);
say(`比对模拟中心已启动：${simulator.url}`);
const edition = await openEdition({
  folder: DATA,
  logger,
  centreUrl: simulator.url,
  caseTimeOffset: DEMO_START - Date.now(),
  // The demo is a rehearsal of the API too: an answer that isn't as described ends it.
  http: { checkAnswers: true },
});
try {
  const base = await edition.listen(0);
  say(`单机版已启动：${base}`);
  const differences = await play(edition, base);
  console.log(
    differences === 0
      ? `\n全部结果与规定一致，用时${seconds().trim()}。数据在 ${relative(ROOT, DATA)}/。`
      : `\n有 ${differences} 处与规定不一致。`,
  );
  process.exitCode = differences === 0 ? 0 : 1;
} finally {
  await edition.close();
  await stop(simulator.process);
}
