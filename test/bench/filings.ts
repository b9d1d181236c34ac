/**
 * Whole filings a second on the embedded edition: from draft to archived file, over HTTP, every write synced to disk, the
 * cross-check centre's simulator in a process of its own. Server, simulator and load share the machine's two cores. The
 * run is checked in the same breath: every case must be filed at its tier, with its archive.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { endOfDayInstant } from '#domain/calendar/dates.ts';
import { mintToken } from '#embedded/identity/issuer.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import { pdfWith } from '#test/support/papers.ts';
import { ApiClient } from '../../scripts/demo/client.ts';
import { withConsent } from '../../scripts/demo/consent.ts';
import { APPLICATION_DATE, exampleOne, type Household } from '../../scripts/demo/households.ts';
import { syntheticIdNumber } from '../../scripts/demo/synthetic.ts';
import type { BenchRow } from './row.ts';

const ROOT = join(import.meta.dirname, '../..');
const START = Date.parse(`${APPLICATION_DATE}T01:00:00Z`);
/** Five working days after the application. */
export const NOTICE_LAST_DAY = '2018-12-27';
const PAPER_BYTES = 20_000;
const MEETING_SIZE = 10;

const viewSchema = z.looseObject({
  caseId: z.string(),
  stage: z.string(),
  openTask: z.looseObject({ taskId: z.string(), kind: z.string() }).nullable(),
  determination: z.looseObject({ tier: z.string().nullable() }).nullable(),
  archive: z.looseObject({ prefix: z.string() }).nullable(),
});
type View = z.infer<typeof viewSchema>;

/** Small files that are what they say they are; every one different. */
export const paper = (): Uint8Array => pdfWith(randomBytes(PAPER_BYTES / 2).toString('hex'));

/** Everyone of the household has an ID number that nobody else in this run has. */
export const householdOf = (number: number): Household => {
  const day = new Date(Date.UTC(1950, 0, 1 + Math.floor(number / 100))).toISOString().slice(0, 10);
  return {
    ...exampleOne,
    persons: exampleOne.persons.map((person, index) => ({
      ...person,
      idNumber: syntheticIdNumber({ birthDate: day, sex: 'male', serial: (number % 100) * 4 + index }),
    })),
  };
};

class Timed {
  readonly latencies: number[] = [];

  async of<T>(call: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const value = await call();
    this.latencies.push(performance.now() - from);
    return value;
  }

  /** Milliseconds within which so many of the calls were answered. */
  percentile(share: number): number {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  }
}

/** At most `limit` at once, in order of the list. */
const eachOf = async <T>(
  list: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> => {
  const left = [...list];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
};

const ask = async (server: ChildProcess, command: Readonly<Record<string, unknown>>): Promise<unknown> => {
  const answered = once(server, 'message');
  server.send(command);
  const [message] = await answered;
  return message;
};

type Load = { readonly filings: number; readonly concurrency: number };

/** `filings` whole filings, so many at once; throws where one of them isn't filed as it should be. */
export const benchFilings = async ({ filings, concurrency }: Load): Promise<readonly BenchRow[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-filings-'));
  const keys = join(folder, 'keys');
  const simulator = spawn(
    process.execPath,
    [join(ROOT, 'simulator/main.ts'), '--keys', ensureCrossCheckKeys(join(keys, 'cross-check')).centre],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: simulator.stdout });
  const [first] = await once(lines, 'line');
  lines.on('line', () => {});
  const centre = z.looseObject({ listening: z.string() }).parse(JSON.parse(String(first))).listening;
  const server = fork(join(import.meta.dirname, 'filings-server.ts'), [folder, centre, String(START)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  try {
    const [ready] = await once(server, 'message');
    const base = z.looseObject({ listening: z.string() }).parse(ready).listening;
    return await run(server, base, keys, { filings, concurrency });
  } finally {
    if (server.connected) server.send({ do: 'close' });
    await once(server, 'exit');
    simulator.kill('SIGTERM');
    await once(simulator, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
};

const run = async (
  server: ChildProcess,
  base: string,
  keys: string,
  { filings, concurrency }: Load,
): Promise<readonly BenchRow[]> => {
  const timed = new Timed();
  const sign = async (subject: string, role: Role, organisation?: string): Promise<ApiClient> =>
    new ApiClient(
      base,
      await mintToken(keys, {
        subject,
        name: subject,
        roles: [role],
        ttlSeconds: 3600,
        ...(organisation === undefined ? {} : { organisation }),
      }),
    );
  const grassroots = await sign('bench-grassroots', 'grassrootsOfficer', 'ah-direct-1');
  const superior = await sign('bench-superior', 'superiorOfficer', 'ah-direct');
  const reviewer = await sign('bench-centre', 'centreReviewer', 'ah');
  const secretary = await sign('bench-secretary', 'meetingSecretary', 'ah');

  const until = async (caseId: string, stage: string, task: boolean): Promise<View> => {
    for (let pause = 25; ; pause = Math.min(pause * 2, 400)) {
      const view = await timed.of(() => reviewer.get(`/v1/cases/${caseId}`, viewSchema));
      if (view.stage === stage && (!task || view.openTask !== null)) return view;
      if (view.stage === 'rejected') throw new Error(`case ${caseId} was refused`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  const decide = async (caseId: string, stage: string, by: ApiClient): Promise<void> => {
    const { openTask } = await until(caseId, stage, true);
    const path = `/v1/tasks/${openTask?.taskId}`;
    const { seen } = await timed.of(() => by.get(path, z.looseObject({ seen: z.unknown() })));
    const decision = { kind: openTask?.kind, seen, decision: 'pass', opinion: '同意。' };
    await timed.of(() => by.post(`${path}/decision`, decision, z.looseObject({})));
  };

  const toNotice = async (number: number): Promise<string> => {
    const worker = await sign(`bench-worker-${number}`, 'applicant');
    const household = householdOf(number);
    const application = await withConsent(worker, household);
    const { caseId } = await timed.of(() => worker.post('/v1/cases', application, viewSchema));
    const upload = (given: { paper: string; memberId?: string; expenditure?: string }): Promise<string> =>
      timed.of(() => worker.upload(caseId, { ...given, contentType: 'application/pdf', content: paper() }));
    // One after the other, as people do.
    for (const paper of ['authorisation', 'promise', 'bankCard']) await upload({ paper });
    for (const { memberId } of household.persons) await upload({ paper: 'identity', memberId });
    for (const memberId of ['li', 'spouse']) await upload({ paper: 'incomeProof', memberId });
    for (const expenditure of ['medical', 'schooling'])
      await upload({ paper: 'expenditureProof', expenditure });
    await timed.of(() => worker.post(`/v1/cases/${caseId}/submission`, undefined, viewSchema));
    await upload({ paper: 'application' });
    await decide(caseId, 'grassrootsReview', grassroots);
    await decide(caseId, 'superiorReview', superior);
    await decide(caseId, 'centreReview', reviewer);
    await until(caseId, 'notice', false);
    return caseId;
  };

  const cases: string[] = [];
  const from = performance.now();
  await eachOf(
    Array.from({ length: filings }, (_, number) => number),
    concurrency,
    async (number) => {
      cases.push(await toNotice(number));
    },
  );
  await ask(server, { do: 'advance', to: endOfDayInstant(NOTICE_LAST_DAY) });
  const meetings = Array.from({ length: Math.ceil(cases.length / MEETING_SIZE) }, (_, index) =>
    cases.slice(index * MEETING_SIZE, (index + 1) * MEETING_SIZE),
  );
  await eachOf(meetings, Math.ceil(concurrency / MEETING_SIZE), async (agenda) => {
    await Promise.all(agenda.map((caseId) => until(caseId, 'established', true)));
    await timed.of(() =>
      secretary.post(
        '/v1/meetings',
        {
          heldOn: '2018-12-28',
          attendees: ['甲', '乙'],
          minutes: '同意。',
          agenda: agenda.map((caseId) => ({
            caseId,
            aids: [{ kind: 'majorIllness', amount: '8000', fund: 'centralFiscal' }],
            resolution: '同意。',
          })),
        },
        z.looseObject({}),
      ),
    );
    await Promise.all(
      agenda.map(async (caseId) => {
        const view = await until(caseId, 'filed', false);
        if (view.determination?.tier !== 'national' || view.archive === null) {
          throw new Error(`case ${caseId} is filed, but not as it should be`);
        }
      }),
    );
  });
  const seconds = (performance.now() - from) / 1000;

  const { counts, cpuMicroseconds } = z
    .object({
      counts: z.object({ reads: z.number(), writes: z.number(), transactions: z.number() }),
      cpuMicroseconds: z.number(),
    })
    .parse(await ask(server, { do: 'counts' }));
  const { transitions } = z
    .object({ transitions: z.number() })
    .parse(await ask(server, { do: 'history', execution: `${cases[0]}-1-1` }));
  const perFiling = (count: number): number => Math.round((count / filings) * 10) / 10;
  return [
    { measure: 'whole filings', value: filings / seconds, unit: 'a second', aim: '≥ 25' },
    { measure: 'API answers, p50', value: timed.percentile(0.5), unit: 'ms', aim: '' },
    { measure: 'API answers, p99', value: timed.percentile(0.99), unit: 'ms', aim: '< 50' },
    { measure: 'API calls', value: perFiling(timed.latencies.length), unit: 'a filing', aim: '' },
    {
      measure: 'processor time of the server',
      value: perFiling(cpuMicroseconds / 1000),
      unit: 'ms a filing',
      aim: '',
    },
    { measure: 'state transitions', value: transitions, unit: 'a filing', aim: '' },
    { measure: 'item reads', value: perFiling(counts.reads), unit: 'a filing', aim: '' },
    { measure: 'item writes', value: perFiling(counts.writes), unit: 'a filing', aim: '' },
    { measure: 'transactions', value: perFiling(counts.transactions), unit: 'a filing', aim: '' },
  ];
};
