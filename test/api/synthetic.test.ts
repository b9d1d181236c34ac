/** A synthetic case proves that the system is alive, and leaves no trace in what unions see and count. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { findTask } from '#functions/shared/task-store.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { householdOf, papersOf, pdf } from '../support/households.ts';

let edition: TestEdition;
let probe: Client;
beforeAll(async () => {
  edition = await openTestEdition();
  probe = await edition.person('probe', ['applicant', 'administrator']);
});
afterAll(() => edition.close());

const household = () => ({ ...householdOf({ today: edition.today }), synthetic: true });

/** Files a synthetic case up to its first review. */
const file = async (): Promise<string> => {
  const body = household();
  const caseId = z.string().parse((await probe.post('/v1/cases', body)).caseId);
  for (const paper of papersOf(body).values()) await probe.upload(caseId, paper);
  await edition.settle();
  await probe.post(`/v1/cases/${caseId}/submission`);
  await probe.upload(caseId, { paper: 'application', contentType: 'application/pdf', content: pdf() });
  await edition.settle();
  return caseId;
};

/** The letters of the case to unions, as this officer sees them. */
const lettersToUnions = async (officer: Client, caseId: string): Promise<readonly unknown[]> =>
  z
    .array(z.looseObject({ to: z.record(z.string(), z.string()) }))
    .parse((await officer.get(`/v1/cases/${caseId}/letters`)).letters)
    .filter(({ to }) => 'organisation' in to);

const Listed = z.object({ cases: z.array(z.looseObject({ caseId: z.string() })) });

test('只有系统管理员可以建立合成申请', async () => {
  const applicant = await edition.person('someone', 'applicant');
  const refused = await applicant.refused('POST', '/v1/cases', household());
  expect(refused).toMatchObject({ status: 403, code: 'not-allowed' });
  const administrator = await edition.person('somebody', 'administrator');
  expect(await administrator.refused('POST', '/v1/cases', household())).toMatchObject({ status: 403 });
});

test('合成申请走到基层工会初审，却不在工会的待办、申请清单和来信中', async () => {
  const caseId = await file();
  const view = await probe.get(`/v1/cases/${caseId}`);
  expect(view).toMatchObject({ stage: 'grassrootsReview', synthetic: true });

  const officer = await edition.person('officer-1', 'grassrootsOfficer', 'ah-direct-1');
  const real = await (await Application.open(edition)).file();
  const { tasks } = z
    .object({ tasks: z.array(z.looseObject({ caseId: z.string() })) })
    .parse(await officer.get('/v1/tasks'));
  expect(tasks.map((task) => task.caseId)).toEqual([real.caseId]);
  const { cases } = Listed.parse(await officer.get('/v1/cases'));
  expect(cases.map((one) => one.caseId)).toEqual([real.caseId]);
  expect(await lettersToUnions(officer, caseId)).toEqual([]);
  expect(await lettersToUnions(officer, real.caseId)).not.toEqual([]);
  // Who filed it finds it.
  const own = Listed.parse(await probe.get('/v1/cases'));
  expect(own.cases.map((one) => one.caseId)).toContain(caseId);
});

test('合成申请不能办理：不比对、不公示、不编号，只能撤回', async () => {
  const caseId = await file();
  const { openTask } = z
    .object({ openTask: z.object({ taskId: z.string() }) })
    .parse(await probe.get(`/v1/cases/${caseId}`));
  const officer = await edition.person('officer-1', 'grassrootsOfficer', 'ah-direct-1');
  const decision = { kind: 'grassrootsReview', ...PASS };
  const refused = await officer.refused('POST', `/v1/tasks/${openTask.taskId}/decision`, decision);
  expect(refused).toMatchObject({ status: 409, code: 'synthetic-case' });
  await edition.settle();
  expect(await probe.get(`/v1/cases/${caseId}`)).toMatchObject({
    stage: 'grassrootsReview',
    crossCheck: null,
  });
  expect((await edition.anyone().get('/v1/notices')).notices).toEqual([]);

  await probe.post(`/v1/cases/${caseId}/withdrawal`, { reason: '检验结束。' });
  await edition.settle();
  expect(await probe.get(`/v1/cases/${caseId}`)).toMatchObject({
    stage: 'withdrawn',
    openTask: null,
    notice: null,
    file: null,
  });
  expect((await findTask(edition.ports.items, openTask.taskId))?.task.state).toEqual({ status: 'CLOSED' });
});

test('合成申请放着不管，催办和上报也不会进任何工会的待办', async () => {
  const caseId = await file();
  for (let round = 0; round < 3; round += 1) await edition.advanceDays(20);
  expect(await probe.get(`/v1/cases/${caseId}`)).toMatchObject({ stage: 'grassrootsReview' });
  for (const [role, union] of [
    ['grassrootsOfficer', 'ah-direct-1'],
    ['superiorOfficer', 'ah-direct'],
    ['centreReviewer', 'ah'],
  ] as const) {
    const officer = await edition.person(`late-${role}`, role, union);
    const { tasks } = z
      .object({ tasks: z.array(z.looseObject({ caseId: z.string() })) })
      .parse(await officer.get('/v1/tasks'));
    expect(tasks.map((task) => task.caseId)).not.toContain(caseId);
    expect(await lettersToUnions(officer, caseId)).toEqual([]);
  }
});
