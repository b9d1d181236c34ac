/**
 * `npm run demo`: takes real applications through the whole process on the embedded edition, over real HTTP, with real
 * uploads, the cross-check centre's simulator as a process of its own, and case time moved over the notice. Prints each
 * case's timeline and decision and checks each archive offline. Exit 1 where anything differs from the regulation.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { endOfDayInstant } from '#domain/calendar/dates.ts';
import { type Edition, openEdition } from '#embedded/composition.ts';
import { mintToken } from '#embedded/identity/issuer.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import { createLogger } from '#functions/shared/log.ts';
import { ApiClient } from './demo/client.ts';
import { Filing, type People } from './demo/filing.ts';
import * as households from './demo/households.ts';
import { printCase } from './demo/print.ts';
import {
  exampleOneStory,
  exampleTwoStory,
  objectionStory,
  type Pause,
  type Story,
  supplementStory,
  territorialStory,
  unauthorisedStory,
  withdrawalStory,
} from './demo/stories.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = join(ROOT, 'demo-data');
/** Thursday, 20 December 2018, nine in the morning in Hefei. */
const START = Date.parse('2018-12-20T01:00:00Z');
/** The fifth working day after the publication. */
const NOTICE_LAST_DAY = '2018-12-27';

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

type Staff = Omit<People, 'worker'> & { readonly secretary: ApiClient };

const staffOf = async (
  sign: (subject: string, name: string, role: Role, organisation: string) => Promise<ApiClient>,
  prefix: string,
  [grassroots, superior, centre]: readonly [string, string, string],
): Promise<Staff> => ({
  grassroots: await sign(`${prefix}-grassroots`, '基层工会经办人', 'grassrootsOfficer', grassroots),
  superior: await sign(`${prefix}-superior`, '上级工会审核人', 'superiorOfficer', superior),
  centre: await sign(`${prefix}-centre`, '服务中心复审人', 'centreReviewer', centre),
  secretary: await sign(`${prefix}-secretary`, '会议记录人', 'meetingSecretary', centre),
});

/** Runs every story up to its next pause; the pauses that were reached come back with their stories. */
const runRound = async (
  running: ReadonlyMap<Story, AsyncGenerator<Pause, void>>,
): Promise<ReadonlyMap<Story, Pause>> => {
  const results = await Promise.all(
    [...running].map(async ([story, steps]) => [story, await steps.next()] as const),
  );
  return new Map(
    results.flatMap(([story, step]) => (step.done === true ? [] : [[story, step.value] as const])),
  );
};

const holdMeeting = async (
  secretary: ApiClient,
  stories: readonly Story[],
  heldOn: string,
): Promise<void> => {
  if (stories.length === 0) return;
  await secretary.post(
    '/v1/meetings',
    {
      heldOn,
      attendees: ['中心主任（样例）', '帮扶部负责人（样例）', '财务负责人（样例）'],
      minutes: '会议逐户研究了拟帮扶家庭的困难情况、帮扶措施和资金来源，形成如下意见。',
      agenda: stories.map(({ filing, aids = [], resolution = '' }) => ({
        caseId: filing.caseId,
        aids,
        resolution,
      })),
    },
    z.looseObject({ meetingId: z.string() }),
  );
  say(`会议研究 ${stories.length} 份档案：${stories.map(({ filing }) => filing.title).join('、')}`);
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
  const sign =
    (roles: readonly Role[]) =>
    async (subject: string, name: string, organisation?: string): Promise<ApiClient> =>
      new ApiClient(
        base,
        await mintToken(join(DATA, 'keys'), {
          subject,
          name,
          roles,
          ttlSeconds: 3600,
          ...(organisation === undefined ? {} : { organisation }),
        }),
      );
  const signStaff = (subject: string, name: string, role: Role, organisation: string): Promise<ApiClient> =>
    sign([role])(subject, name, organisation);
  const direct = await staffOf(signStaff, 'ah', ['ah-direct-1', 'ah-direct', 'ah']);
  const city = await staffOf(signStaff, 'hf', ['hf-1-1', 'hf-1', 'hf']);

  let worker = 0;
  const filingOf = async (title: string, household: households.Household, staff: Staff): Promise<Filing> => {
    worker += 1;
    const people = {
      ...staff,
      worker: await sign(['applicant'])(`worker-${worker}`, household.persons[0]?.name ?? ''),
    };
    return new Filing(title, household, people, (line) => say(`［${title}］${line}`));
  };
  const stories: readonly Story[] = [
    exampleOneStory(await filingOf('例一', households.exampleOne, direct)),
    exampleTwoStory(await filingOf('例二', households.exampleTwo, direct)),
    territorialStory(await filingOf('属地', households.territorial, city)),
    supplementStory(await filingOf('补正', households.supplemented, direct)),
    objectionStory(await filingOf('异议', households.objected, direct), base),
    unauthorisedStory(await filingOf('未授权', households.unauthorised, direct)),
    withdrawalStory(await filingOf('撤回', households.withdrawn, direct)),
  ];

  const running = new Map(stories.map((story) => [story, story.run()] as const));
  let waiting = await runRound(running);
  await edition.idle();
  say(`公示期：时间推进到${NOTICE_LAST_DAY}结束`);
  await edition.advanceTo(endOfDayInstant(NOTICE_LAST_DAY));
  waiting = await runRound(new Map([...running].filter(([story]) => waiting.has(story))));
  const forMeeting = [...waiting].flatMap(([story, pause]) => (pause === 'meeting' ? [story] : []));
  const heldOn = '2018-12-28';
  await holdMeeting(
    direct.secretary,
    forMeeting.filter(({ filing }) => filing.household.route === 'provinceDirect'),
    heldOn,
  );
  await holdMeeting(
    city.secretary,
    forMeeting.filter(({ filing }) => filing.household.route === 'territorial'),
    heldOn,
  );
  await runRound(new Map([...running].filter(([story]) => waiting.has(story))));
  await edition.idle();

  const keyFile = join(DATA, 'signing-key.json');
  const { publicKey } = await edition.ports.vault.sign(Buffer.from('the public key, to be published'));
  await writeFile(keyFile, JSON.stringify(publicKey));
  let differences = 0;
  for (const story of stories) {
    differences += await printCase(story, async (prefix) => {
      const archive = join(DATA, 'documents', prefix);
      return { place: relative(ROOT, archive), ...(await verifyArchive(archive, keyFile)) };
    });
  }
  return differences;
};

await rm(DATA, { recursive: true, force: true });
await mkdir(DATA, { recursive: true });
console.log('困难职工建档演示：七份申请，从草稿走到归档（或不予建档、撤回）。人物均为合成样例。\n');
const logger = createLogger({ sink: (line) => console.error(line), wall: Date.now, level: 'warn' });
const simulator = await startSimulator(ensureCrossCheckKeys(join(DATA, 'keys', 'cross-check')).centre);
say(`比对模拟中心已启动：${simulator.url}`);
const edition = await openEdition({
  folder: DATA,
  logger,
  centreUrl: simulator.url,
  caseTimeOffset: START - Date.now(),
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
