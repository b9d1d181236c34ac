import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import { newPerson } from '#domain/people/person.ts';
import { readEvents, systemActor } from '#functions/shared/case-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { createPerson } from '#functions/shared/people-store.ts';
import type { Client } from '../../support/client.ts';
import { openTestEdition, type TestEdition } from '../../support/edition.ts';
import { type Household, householdOf, pdf } from '../../support/households.ts';

let edition: TestEdition;
let officer: Client;
beforeAll(async () => {
  edition = await openTestEdition({ centre: 'none' });
  officer = await edition.person('officer-1', 'grassrootsOfficer', 'ah-direct-1');
});
afterAll(() => edition.close());

const textOf = (value: unknown): string => z.string().parse(value);

/** A case that the officer has entered for somebody without an account. */
const assisted = async (): Promise<{ caseId: string; household: Household }> => {
  const household = householdOf({ today: edition.today });
  const { caseId } = await officer.post('/v1/cases', household);
  return { caseId: textOf(caseId), household };
};

/** A worker who has registered with this ID number. */
const registered = async (subject: string, idNumber: string): Promise<Client> => {
  const { ports } = edition;
  const idIndex = await ports.vault.blindIndex(idNumber);
  await createPerson(ports, {
    next: newPerson({ subject, name: '职工（样例）', kind: 'applicant', idIndex }, ports.clock.wall()),
    event: { type: 'registered', actor: systemActor('test'), data: {} },
  });
  return edition.person(subject, 'applicant');
};

const codeFor = async (caseId: string): Promise<string> =>
  textOf((await officer.post(`/v1/cases/${caseId}/claim-code`)).code);

describe('代为申请（A-1 须本人签名）', () => {
  test('经办人代为录入的申请记下是谁录入的；没有职工签名的申请书，流程不会开始', async () => {
    const { caseId } = await assisted();
    await officer.post(`/v1/cases/${caseId}/submission`);
    await edition.settle();
    expect(await officer.get(`/v1/cases/${caseId}`)).toMatchObject({
      stage: 'awaitingApplication',
      openedBy: { subject: 'officer-1', organisation: 'ah-direct-1' },
      applicantAccount: { registered: false, provedBy: null },
    });
    const paper = { paper: 'application', contentType: 'application/pdf', content: pdf() };
    await officer.upload(caseId, paper);
    await edition.settle();
    expect((await officer.get(`/v1/cases/${caseId}`)).stage).not.toBe('awaitingApplication');
    expect((await readEvents(edition.ports.items, caseId))[0]).toMatchObject({
      type: 'opened',
      data: { assisted: true },
    });
  });

  test('职工凭纸质认领码把申请转到自己的账号名下，此后自己补正、查看', async () => {
    const { caseId, household } = await assisted();
    const worker = await registered('claimant-1', household.persons[0]?.idNumber ?? '');
    expect(await worker.refused('GET', `/v1/cases/${caseId}`)).toMatchObject({ status: 403 });
    const code = await codeFor(caseId);
    expect(code).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    await worker.post('/v1/case-claims', { code: code.toLowerCase().replaceAll('-', ' ') });
    expect(await worker.get(`/v1/cases/${caseId}`)).toMatchObject({
      applicantAccount: { registered: true, provedBy: null },
    });
    expect((await worker.get('/v1/cases')).cases).toMatchObject([{ caseId }]);
    const events = await readEvents(edition.ports.items, caseId);
    expect(events.map(({ type }) => type)).toEqual(['opened', 'claimCodeIssued', 'ownerClaimed']);
    expect(JSON.stringify(events)).not.toContain(code);
    expect(await worker.refused('POST', '/v1/case-claims', { code })).toMatchObject({
      code: 'claim-code-invalid',
    });
    expect(await officer.refused('POST', `/v1/cases/${caseId}/claim-code`)).toMatchObject({
      code: 'already-claimed',
    });
  });

  test('正在等补正的申请被认领后，补正任务归职工本人', async () => {
    const { caseId, household } = await assisted();
    await officer.post(`/v1/cases/${caseId}/submission`);
    await officer.upload(caseId, { paper: 'application', contentType: 'application/pdf', content: pdf() });
    await edition.settle();
    const { openTask } = await officer.get(`/v1/cases/${caseId}`);
    const { taskId } = z.looseObject({ taskId: z.string(), kind: z.literal('supplement') }).parse(openTask);
    const worker = await registered('claimant-2', household.persons[0]?.idNumber ?? '');
    await worker.post('/v1/case-claims', { code: await codeFor(caseId) });
    expect((await worker.call('GET', `/v1/tasks/${taskId}`)).status).toBe(200);
  });

  test('身份证号码不是该职工的账号不能认领，认领码仍有效', async () => {
    const { caseId, household } = await assisted();
    const code = await codeFor(caseId);
    const other = await registered(
      'stranger-1',
      householdOf({ today: edition.today }).persons[0]?.idNumber ?? '',
    );
    expect(await other.refused('POST', '/v1/case-claims', { code })).toMatchObject({
      status: 403,
      code: 'not-the-worker',
    });
    const worker = await registered('claimant-3', household.persons[0]?.idNumber ?? '');
    expect((await worker.call('POST', '/v1/case-claims', { code })).status).toBe(200);
  });

  test('重新发码后旧码作废；编造的码无效；只有受理工会的经办人能发码', async () => {
    const { caseId } = await assisted();
    const worker = await edition.person('claimant-4', 'applicant');
    const before = await codeFor(caseId);
    await codeFor(caseId);
    for (const code of [before, '2222-2222-2222']) {
      expect(await worker.refused('POST', '/v1/case-claims', { code })).toMatchObject({
        status: 404,
        code: 'claim-code-invalid',
      });
    }
    const elsewhere = await edition.person('officer-9', 'grassrootsOfficer', 'hf-1-1');
    expect(await elsewhere.refused('POST', `/v1/cases/${caseId}/claim-code`)).toMatchObject({ status: 403 });
  });

  test('认领码到期后连同记录一并清除', async () => {
    const { caseId } = await assisted();
    const { code, expiresAt } = await officer.post(`/v1/cases/${caseId}/claim-code`);
    const hash = sha256(textOf(code).replaceAll('-', ''));
    const kept = await edition.ports.items.get(keys.claim(hash));
    const end = Date.parse(textOf(expiresAt)) / 1000;
    expect(kept?.expiresAt).toBeGreaterThanOrEqual(end);
    expect(kept?.expiresAt).toBeLessThan(end + 1);
  });

  test('几个账号同时用一个码，只有一个得到申请', async () => {
    const { caseId } = await assisted();
    const code = await codeFor(caseId);
    const workers = await Promise.all(
      [1, 2, 3, 4].map((number) => edition.person(`racer-${number}`, 'applicant')),
    );
    const answers = await Promise.all(
      workers.map((worker) => worker.call('POST', '/v1/case-claims', { code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
  });
});
