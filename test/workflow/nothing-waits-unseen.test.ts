/** Whatever people do or leave undone, a case that has not ended waits for something that can be named and seen. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { hasEnded } from '#domain/filing/stages.ts';
import { findCheck } from '#functions/shared/check-store.ts';
import { findTask } from '#functions/shared/task-store.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

let edition: TestEdition;
let province: Client;
beforeAll(async () => {
  edition = await openTestEdition();
  province = await edition.person('province', 'centreReviewer', 'ah');
});
afterAll(() => edition.close());

const listSchema = z.looseObject({ tasks: z.array(z.looseObject({ taskId: z.string() })) });

/** What a case waits for; throws where it waits for nothing. */
const waitsFor = async (application: Application): Promise<string> => {
  const record = await application.record();
  const { stage, openTask, notice, crossCheck } = record;
  if (hasEnded(stage)) return 'nothing more';
  // Nothing has begun: it is the household's own, and no one else's to wait for.
  if (stage === 'draft' || stage === 'awaitingApplication') return 'the household';
  expect(await application.execution()).toMatchObject({ status: 'RUNNING' });
  if (openTask !== null) {
    const found = await findTask(edition.ports.items, openTask.taskId);
    expect(found?.task.state.status).toBe('OPEN');
    expect(found?.task.dueOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    // Those above see it, by its level and its age.
    const { tasks } = listSchema.parse(
      await province.get(`/v1/tasks?inbox=below&kind=${openTask.kind}&limit=999`),
    );
    expect(tasks.map(({ taskId }) => taskId)).toContain(openTask.taskId);
    return `task ${openTask.kind}`;
  }
  if (stage === 'notice') {
    expect(Date.parse(notice?.endsAt ?? '')).toBeGreaterThan(edition.ports.clock.now());
    return 'the end of the notice';
  }
  if (stage === 'crossCheck') {
    expect(crossCheck?.status).toBe('requested');
    const found = await findCheck(edition.ports.items, crossCheck?.requestId ?? '');
    expect(found?.check.expiresAt).toMatch(/Z$/);
    return 'the centre';
  }
  throw new Error(`a case at ${stage} waits for nothing`);
};

/** One thing that could happen next, whatever the stage. */
type Turn = 'go' | 'back' | 'refuse' | 'visit' | 'claim' | 'wait';

const REVIEWS: ReadonlySet<string> = new Set(['grassrootsReview', 'superiorReview', 'centreReview']);

const take = async (application: Application, turn: Turn): Promise<void> => {
  const { stage, openTask } = await application.record();
  const { grassroots, superior, centre } = application.staff;
  const kind = openTask?.kind;
  const review =
    kind === 'grassrootsReview' || kind === 'superiorReview' || kind === 'centreReview' ? kind : undefined;
  if (turn === 'wait') return edition.advanceDays(8);
  if (turn === 'visit' && REVIEWS.has(stage)) return application.visit(superior);
  if (turn === 'claim' && review !== undefined) {
    const by = { grassrootsReview: grassroots, superiorReview: superior, centreReview: centre }[review];
    await by.post(`/v1/tasks/${openTask?.taskId}/claim`);
    return;
  }
  if (turn === 'back' && review !== undefined) {
    return application.decide(review, {
      decision: 'supplement',
      opinion: '请重交银行卡复印件。',
      papers: [{ paper: 'bankCard' }],
    });
  }
  if (turn === 'refuse' && review !== undefined) {
    return application.decide(review, { decision: 'reject', opinion: '不符合。', clauses: ['B-7.1'] });
  }
  if (review === 'centreReview') {
    return application.decide(
      review,
      (await application.record()).determination?.outcome === 'eligible'
        ? PASS
        : { decision: 'reject', opinion: '不符合。', clauses: ['B-5.6'] },
    );
  }
  return application.step();
};

test('没有结束的申请，总有一个带期限的任务、一个走着的时限或一次未答复的比对，上级看得到', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        route: fc.constantFrom('provinceDirect' as const, 'territorial' as const),
        wage: fc.constantFrom('18000', null, '36000', '90000'),
        // Answers at once, keeps silent until released, doesn't authorise.
        centre: fc.constantFrom('answers', 'silent', 'unauthorised'),
        without: fc.constantFrom<readonly string[]>([], ['bankCard']),
      }),
      fc.array(fc.constantFrom<Turn>('go', 'go', 'go', 'go', 'back', 'refuse', 'visit', 'claim', 'wait'), {
        minLength: 8,
        maxLength: 14,
      }),
      async ({ route, wage, centre, without }, turns) => {
        const application = await Application.open(edition, {
          route,
          wage,
          ...(wage === '36000' ? { accident: '24000' } : {}),
          ...(centre === 'silent' ? { name: '池来信' } : {}),
          ...(centre === 'unauthorised' ? { declaration: { crossCheckAuthorised: false } } : {}),
        });
        seen.add(await waitsFor(application));
        await application.file(without);
        for (const turn of turns) {
          seen.add(await waitsFor(application));
          if (hasEnded((await application.record()).stage)) break;
          await take(application, turn);
          if (centre !== 'silent') await application.answered();
        }
        seen.add(await waitsFor(application));
        const { stage } = await application.record();
        if (stage === 'established') await application.meet();
        else if (!hasEnded(stage)) await application.withdraw();
        await edition.settle();
        seen.add(await waitsFor(application));
      },
    ),
    { numRuns: 14, seed: 20_190_107, endOnFailure: true },
  );
  // The runs above did come by all of it.
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'the household',
      'task supplement',
      'task grassrootsReview',
      'task superiorReview',
      'the centre',
      'task centreReview',
      'the end of the notice',
      'nothing more',
    ]),
  );
}, 120_000);
