import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import { beijingDate } from '#domain/calendar/dates.ts';
import { checkArchive } from '#domain/filing/archive.ts';
import { verifyChain } from '#domain/filing/audit.ts';
import { executionName } from '#domain/filing/case.ts';
import { mintToken } from '#embedded/identity/issuer.ts';
import type { Role } from '#functions/shared/access/policy.ts';
import { findCase, readEvents } from '#functions/shared/case-store.ts';
import { readDocuments } from '#functions/shared/document-store.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { startSimulator } from '#simulator/simulator.ts';
import { BY_HAND, PASS } from '../support/application.ts';
import { Client, type Paper, UnexpectedAnswer } from '../support/client.ts';
import { MONDAY, openTestEdition } from '../support/edition.ts';
import { type Folder, temporaryFolder } from '../support/folder.ts';
import { type Household, householdOf, papersOf, pdf } from '../support/households.ts';
import { Process } from '../support/process.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const sign = async (
  url: string,
  subject: string,
  roles: readonly Role[],
  organisation?: string,
): Promise<Client> =>
  new Client(
    url,
    await mintToken(join(folder.path, 'keys'), {
      subject,
      name: `${subject}（样例）`,
      roles,
      ttlSeconds: 3600,
      ...(organisation === undefined ? {} : { organisation }),
    }),
  );

const viewSchema = z.looseObject({
  stage: z.string(),
  openTask: z.looseObject({ taskId: z.string(), kind: z.string() }).nullable(),
  notice: z.looseObject({ endsAt: z.string().nullable() }).nullable(),
  file: z.looseObject({ establishedAt: z.string() }).nullable(),
});
type View = z.infer<typeof viewSchema>;

const papersSchema = z.looseObject({
  documents: z.array(
    z.looseObject({
      paper: z.string(),
      memberId: z.string().nullable(),
      expenditure: z.string().nullable(),
      state: z.looseObject({ status: z.string() }),
    }),
  ),
});

const APPLICATION = (): Paper => ({ paper: 'application', contentType: 'application/pdf', content: pdf() });

/** What the server has said yes to: none of it may be lost. */
type Acknowledged = { readonly uploads: Set<string>; readonly decisions: Set<string> };

/** Drives a case by looking at it and doing what comes next, as people do who were cut off and come again. */
class Errand {
  readonly household: Household;
  readonly acknowledged: Acknowledged = { uploads: new Set(), decisions: new Set() };
  readonly #subject: string;
  readonly #url: string;
  readonly #advance: (instant: number) => Promise<void>;
  caseId: string | undefined;

  constructor(
    url: string,
    subject: string,
    household: Household,
    advance: (instant: number) => Promise<void>,
  ) {
    this.#url = url;
    this.#subject = subject;
    this.household = household;
    this.#advance = advance;
  }

  /** One thing; true once the case is filed. Rejects where the server went away. */
  async step(): Promise<boolean> {
    const worker = await sign(this.#url, this.#subject, ['applicant']);
    if (this.caseId === undefined) {
      this.caseId = z.string().parse((await worker.post('/v1/cases', this.household)).caseId);
      return false;
    }
    const view = viewSchema.parse(await worker.get(`/v1/cases/${this.caseId}`));
    if (view.stage === 'filed') return true;
    await this.#act(worker, this.caseId, view);
    return false;
  }

  async #upload(worker: Client, caseId: string, paper: Paper): Promise<string> {
    const id = await worker.upload(caseId, paper);
    this.acknowledged.uploads.add(id);
    return id;
  }

  async #act(worker: Client, caseId: string, view: View): Promise<void> {
    const { stage, openTask } = view;
    const { documents } = papersSchema.parse(await worker.get(`/v1/cases/${caseId}/documents`));
    switch (stage) {
      case 'draft': {
        const there = ({ paper, memberId, expenditure }: Paper): boolean =>
          documents.some(
            (one) =>
              one.paper === paper &&
              one.memberId === (memberId ?? null) &&
              one.expenditure === (expenditure ?? null) &&
              one.state.status === 'received',
          );
        const missing = [...papersOf(this.household).values()].filter((paper) => !there(paper));
        for (const paper of missing) await this.#upload(worker, caseId, paper);
        if (missing.length === 0) await worker.post(`/v1/cases/${caseId}/submission`);
        return;
      }
      case 'awaitingApplication':
        await this.#upload(worker, caseId, APPLICATION());
        return;
      case 'notice':
        return view.notice?.endsAt == null ? undefined : this.#advance(Date.parse(view.notice.endsAt));
      case 'established': {
        if (openTask === null || view.file === null) return;
        const secretary = await sign(this.#url, 'secretary', ['meetingSecretary'], 'ah');
        const answer = await secretary.call('POST', '/v1/meetings', {
          heldOn: beijingDate(Date.parse(view.file.establishedAt)),
          attendees: ['甲主任', '乙主任'],
          minutes: '会议逐户研究。',
          agenda: [{ caseId, aids: [], resolution: '本次不安排。' }],
        });
        if (answer.status === 201) this.acknowledged.decisions.add(openTask.taskId);
        return;
      }
      default:
        return openTask === null ? undefined : this.#decide(worker, caseId, openTask);
    }
  }

  async #decide(
    worker: Client,
    caseId: string,
    { taskId, kind }: { readonly taskId: string; readonly kind: string },
  ): Promise<void> {
    const people: Readonly<Record<string, readonly [string, Role, string]>> = {
      grassrootsReview: ['officer-1', 'grassrootsOfficer', 'ah-direct-1'],
      superiorReview: ['officer-2', 'superiorOfficer', 'ah-direct'],
      centreReview: ['reviewer', 'centreReviewer', 'ah'],
      crossCheckByHand: ['reviewer', 'centreReviewer', 'ah'],
    };
    const [subject, role, organisation] = people[kind] ?? ['nobody', 'applicant', ''];
    const person = await sign(this.#url, subject, [role], organisation);
    const evidence =
      kind === 'crossCheckByHand'
        ? [await this.#upload(worker, caseId, { ...APPLICATION(), paper: 'crossCheckEvidence' })]
        : [];
    const decision = kind === 'crossCheckByHand' ? { ...BY_HAND, evidence } : PASS;
    const body = { kind, seen: await person.seen(taskId), ...decision };
    const { status } = await person.call('POST', `/v1/tasks/${taskId}/decision`, body);
    if (status === 200) this.acknowledged.decisions.add(taskId);
  }
}

/** How each life of the process ends: at the n-th passing of a point, or by a kill after so many milliseconds. */
const LIVES = [
  'after-transact:9',
  'before-write:4',
  'kill:30',
  'after-write:6',
  'before-effect:3',
  'before-transact:8',
  'kill:60',
  'after-effect:3',
];

const CASES = 5;

test('kill -9 时丢不了已经答复的事：每份申请都办到归档，每一步只有一次', { timeout: 150_000 }, async () => {
  const keys = ensureCrossCheckKeys(join(folder.path, 'keys', 'cross-check'));
  const simulator = await startSimulator({ keys: parseKeyRing(readFileSync(keys.centre, 'utf8')) });
  const lives = [...LIVES];
  let port = '0';
  let deaths = 0;
  const launch = async (): Promise<{ process: Process; url: string }> => {
    for (;;) {
      const life = lives.shift() ?? '';
      const crash = life.startsWith('kill:') ? '' : life;
      const child = new Process('test/faults/edition-child.ts', [
        folder.path,
        port,
        simulator.url,
        String(MONDAY),
        crash,
      ]);
      const line = await child.line();
      if (line === undefined) {
        // A crash point may lie before it listens: in what it takes up from the last life.
        expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });
        deaths += 1;
        continue;
      }
      const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
      port = new URL(url).port;
      if (life.startsWith('kill:')) void delay(Number(life.slice(5))).then(() => child.end('SIGKILL'));
      return { process: child, url };
    }
  };

  let running = await launch();
  let over = false;
  let reason: unknown = 'they take too long';
  let up = Promise.resolve();
  const guard = (): void => {
    const { process: guarded } = running;
    up = guarded.ended.then(async ({ code, signal }) => {
      if (over) return;
      if (signal !== 'SIGKILL') throw new Error(`the edition ended by itself: ${code} ${guarded.errors}`);
      deaths += 1;
      running = await launch();
      guard();
    });
    up.catch((error: unknown) => {
      reason = error;
      over = true;
    });
  };
  guard();

  const advance = async (instant: number): Promise<void> => {
    running.process.say(String(instant));
    await running.process.line();
  };
  const errands = Array.from(
    { length: CASES },
    (_, index) => new Errand(running.url, `worker-${index}`, householdOf({ today: '2019-01-07' }), advance),
  );
  const finishedBy = Date.now() + 90_000;
  await Promise.all(
    errands.map(async (errand) => {
      for (;;) {
        if (over || Date.now() > finishedBy) throw new Error('the cases do not end', { cause: reason });
        try {
          if (await errand.step()) return;
        } catch (error) {
          // The server went away in the middle (what it had not answered may have happened or not), or things went
          // on since this one looked: look again.
          const gone = error instanceof TypeError || error instanceof SyntaxError;
          const late = error instanceof UnexpectedAnswer && error.status === 409;
          if (!gone && !late) throw error;
        }
        await delay(10);
      }
    }),
  )
    .finally(async () => {
      over = true;
      await simulator.close();
    })
    .catch(async (error: unknown) => {
      await running.process.end('SIGKILL');
      throw error;
    });
  expect(await running.process.end('SIGTERM')).toEqual({ code: 0, signal: null });

  // A life whose crash point lies further than the work that is left ends in peace.
  expect(deaths).toBeGreaterThanOrEqual(5);

  const after = await openTestEdition({ folder, centre: 'none' });
  try {
    await after.settle();
    const { items, documents, workflow } = after.ports;
    const numbers: string[] = [];
    for (const { caseId = '', acknowledged } of errands) {
      const record = (await findCase(items, caseId))?.record;
      if (record?.archive == null) throw new Error('a case without its archive');
      numbers.push(record.file?.number ?? '');
      const events = await readEvents(items, caseId);
      expect(verifyChain(events, caseId)).toEqual([]);
      const types = events.map(({ type }) => type);
      for (const once of [
        'opened',
        'submitted',
        'noticePublished',
        'noticeClosed',
        'established',
        'meetingHeld',
      ]) {
        expect(types.filter((type) => type === once)).toEqual([once]);
      }
      expect(types.filter((type) => type === 'archived')).toEqual(['archived']);
      const decided = events.flatMap(({ type, data }) =>
        type === 'decided' || type === 'meetingHeld' ? [String(data.taskId ?? data.meetingId)] : [],
      );
      expect(new Set(decided).size).toBe(decided.length);
      for (const taskId of acknowledged.decisions) {
        expect(record.opinions.filter((opinion) => opinion.taskId === taskId)).toHaveLength(1);
      }
      const received = (await readDocuments(items, caseId)).filter(
        ({ state }) => state.status === 'received',
      );
      const ids = received.map(({ documentId }) => documentId);
      for (const id of acknowledged.uploads) expect(ids).toContain(id);
      expect(await workflow.describe(executionName(record))).toMatchObject({ status: 'SUCCEEDED' });

      const files = new Map<string, Uint8Array>();
      for (const key of await documents.list(record.archive.prefix)) {
        files.set(key.slice(record.archive.prefix.length), await documents.read(key));
      }
      expect(checkArchive(files)).toMatchObject({ ok: true, faults: [] });
    }
    expect(numbers.toSorted()).toEqual(
      Array.from({ length: CASES }, (_, index) => `340100-2019-0000${index + 1}`),
    );
    for (const pk of outboxPartitions) expect((await items.query({ pk })).items).toEqual([]);
  } finally {
    await after.stop();
  }
});

test('npm start：SIGTERM 干净停下，重启后接着办；kill -9 之后也接着办', async () => {
  const start = async (): Promise<{ process: Process; url: string }> => {
    const child = new Process('embedded/main.ts', ['--data', folder.path, '--port', '0']);
    const line = await child.line();
    const url = /http:\/\/\S+/.exec(line ?? '')?.[0];
    if (url === undefined) throw new Error(`it did not start: ${line} ${child.errors}`);
    return { process: child, url };
  };
  const today = beijingDate(Date.now());
  const household = householdOf({ today });

  const first = await start();
  let worker = await sign(first.url, 'worker', ['applicant']);
  const caseId = z.string().parse((await worker.post('/v1/cases', household)).caseId);
  for (const paper of papersOf(household).values()) await worker.upload(caseId, paper);
  await worker.post(`/v1/cases/${caseId}/submission`);
  await worker.upload(caseId, APPLICATION());
  expect(await first.process.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const stageOf = async (client: Client, wanted: string): Promise<View> => {
    for (let tries = 0; tries < 500; tries += 1) {
      const view = viewSchema.parse(await client.get(`/v1/cases/${caseId}`));
      if (view.stage === wanted && (view.openTask !== null || wanted === 'rejected')) return view;
      await delay(10);
    }
    throw new Error(`the case does not come to ${wanted}`);
  };

  const second = await start();
  worker = await sign(second.url, 'worker', ['applicant']);
  const { openTask } = await stageOf(worker, 'grassrootsReview');
  const officer = await sign(second.url, 'officer', ['grassrootsOfficer'], 'ah-direct-1');
  await officer.post(`/v1/tasks/${openTask?.taskId}/decision`, {
    kind: 'grassrootsReview',
    seen: await officer.seen(openTask?.taskId ?? ''),
    decision: 'reject',
    opinion: '拥有两套住房。',
    clauses: ['B-7.1'],
  });
  // Acknowledged; whatever of it was under way is cut off here.
  expect(await second.process.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });

  const third = await start();
  worker = await sign(third.url, 'worker', ['applicant']);
  await stageOf(worker, 'rejected');
  expect(await third.process.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(third.process.errors).not.toContain('"level":"error"');
});
