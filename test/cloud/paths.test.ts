/**
 * What the stories have no need of, in the cloud edition: waits that run out, a centre that keeps silent, faults and
 * resumptions, events that come twice or not at all, callers whom the gateway turns away.
 */
import { SignJWT } from 'jose';
import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { Application, BY_HAND, PASS } from '#test/support/application.ts';
import { Client } from '#test/support/client.ts';
import { type CloudEdition, NOT_IN_STORIES, openCloudEdition } from '#test/support/cloud/edition.ts';
import { whyNoDynamoDbLocal } from '#test/support/dynamodb-local.ts';
import { MONDAY } from '#test/support/edition.ts';
import { householdOf, pdf } from '#test/support/households.ts';
import { outsiderForm } from '../support/outsider.ts';

const reason = whyNoDynamoDbLocal();
if (reason !== undefined) console.warn(`SKIPPED: further paths in the cloud edition: ${reason}`);

// The limits are for a machine that does much else.
describe.skipIf(reason !== undefined)('the cloud edition', { timeout: 180_000 }, () => {
  let cloud: CloudEdition;
  beforeAll(async () => {
    cloud = await openCloudEdition({ start: MONDAY });
  }, 180_000);
  afterAll(() => cloud.close());

  const file = async (wanted: Parameters<typeof Application.open>[1] = {}) =>
    (await Application.open(cloud, wanted)).file();
  const typesSince = async (application: Application<CloudEdition>, from: number) =>
    (await application.eventTypes()).slice(from);

  it('reminds of a task, then lets the level above decide it', async () => {
    const application = await file();
    const from = (await application.events()).length;
    const taskId = await application.taskId('grassrootsReview');
    for (let week = 0; week < 6; week += 1) await cloud.advanceDays(7);
    expect((await typesSince(application, from)).slice(0, 2)).toEqual(['reminded', 'escalated']);
    const deputy = await cloud.person('deputy', 'superiorOfficer', 'ah-direct');
    const { tasks } = await deputy.get('/v1/tasks?inbox=escalated');
    expect(tasks).toMatchObject([{ taskId, caseId: application.caseId }]);
    await application.decide('grassrootsReview', PASS, deputy);
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
    await application.withdraw();
    await cloud.settle();
    expect(await application.execution()).toMatchObject({ status: 'ABORTED', error: 'Case.Withdrawn' });
  });

  it('chases a centre that keeps silent, then has a person check by hand', async () => {
    const application = await file({ name: '莫无声' });
    await application.passBelow();
    for (let week = 0; week < 3; week += 1) await cloud.advanceDays(7);
    expect(await application.record()).toMatchObject({
      stage: 'crossCheckByHand',
      crossCheck: { chased: 3 },
    });
    const evidence = await application.upload({
      paper: 'crossCheckEvidence',
      contentType: 'application/pdf',
      content: pdf(),
    });
    await application.decide('crossCheckByHand', { ...BY_HAND, evidence });
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'byHand' },
    });
    await application.withdraw();
    await cloud.settle();
  });

  it('waits for facts that are missing, and files the case once they are settled', async () => {
    const application = await file({ wage: null });
    await application.passBelow();
    expect(await application.record()).toMatchObject({ stage: 'awaitingFacts' });
    await application.finish();
    expect((await application.checkArchive()).faults).toEqual([]);
    expect(await application.execution()).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('reports a fault that no retry mends, and goes on where it was resumed', async () => {
    const application = await file();
    await application.establish();
    const [key = ''] = await cloud.ports.documents.list(`uploads/${application.caseId}/`);
    const content = await cloud.ports.documents.read(key);
    const head = await cloud.ports.documents.head(key);
    await cloud.ports.documents.remove(key);
    await application.meet();
    expect(await application.record()).toMatchObject({
      stage: 'archiving',
      fault: { state: 'Archive', error: 'DocumentMissing' },
    });
    expect(await application.execution()).toMatchObject({ status: 'FAILED' });
    await cloud.ports.documents.put(key, content, {
      contentType: head?.contentType ?? '',
      sha256: head?.sha256 ?? '',
      onlyIfAbsent: true,
    });
    await application.resume();
    expect(await application.record()).toMatchObject({ stage: 'filed', fault: null });
    expect((await application.checkArchive()).faults).toEqual([]);
  });

  it('takes an event that comes twice as one', async () => {
    const application = await file();
    const before = await application.mark();
    const executions = cloud.engine.counts().RUNNING;
    for (const key of await cloud.ports.documents.list(`uploads/${application.caseId}/`)) {
      await Promise.all([cloud.tellAgain(key), cloud.tellAgain(key)]);
    }
    await cloud.settle();
    expect(await application.mark()).toBe(before);
    expect(cloud.engine.counts().RUNNING).toBe(executions);
    await application.withdraw();
    await cloud.settle();
  });

  it('tells by the schedule what the stream has not told', async () => {
    const application = await Application.open(cloud);
    cloud.holdStream(true);
    await application.file();
    expect(await application.record()).toMatchObject({ stage: 'checkingMaterials' });
    expect(await cloud.ports.workflow.describe(`${application.caseId}-1-1`)).toBeUndefined();
    await cloud.schedule();
    await cloud.settle();
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview' });
    cloud.holdStream(false);
    await cloud.schedule();
    for (const pk of outboxPartitions) expect((await cloud.ports.items.query({ pk })).items).toEqual([]);
    await application.withdraw();
    await cloud.settle();
  });

  it('counts what it refuses of the centre’s callbacks', async () => {
    expect(
      await cloud.anyone().refused('POST', '/v1/cross-checks/01j9z3k4m5n6p7q8r9s0t1v2w3/results', {}),
    ).toMatchObject({ status: 401 });
    expect(cloud.log.filter((line) => line.includes('"CallbacksRefused":1'))).toHaveLength(1);
  });

  it('opens a field and a paper on record, and shows who looked', async () => {
    const application = await file();
    const { caseId, household, staff } = application;
    expect(
      await staff.grassroots.post(`/v1/cases/${caseId}/openings`, { field: 'phone', purpose: 'visit' }),
    ).toEqual({ field: 'phone', value: household.phone });
    const content = pdf();
    const [id = ''] = await application.upload({
      paper: 'promise',
      contentType: 'application/pdf',
      content,
    });
    const { url } = await staff.grassroots.post(`/v1/cases/${caseId}/documents/${id}/openings`, {
      purpose: 'review',
    });
    const response = await fetch(z.string().parse(url));
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(content));
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; /);
    const { accesses } = await application.worker.get(`/v1/cases/${caseId}/accesses`);
    expect(accesses).toMatchObject([{ kind: 'paper' }, { kind: 'field' }]);
    const auditor = await cloud.person('auditor', 'auditor', 'ah');
    expect((await auditor.get('/v1/accesses?subject=officer-1')).accesses).toHaveLength(2);
    const sheet = await auditor.file('/v1/accesses/export?subject=officer-1&format=csv');
    expect(Buffer.from(sheet.content).toString().trim().split('\r\n')).toHaveLength(3);
    await application.withdraw();
    await cloud.settle();
  });

  it('opens a paper to an outsider whom the keeper approved, stamped, by a code', async () => {
    const application = await file();
    const { caseId, staff } = application;
    const [id = ''] = await application.upload({
      paper: 'promise',
      contentType: 'application/pdf',
      content: pdf(),
    });
    const { accessId } = await staff.grassroots.post(
      `/v1/cases/${caseId}/external-accesses`,
      outsiderForm([id]),
    );
    const keeper = await cloud.person('keeper', 'keeper', 'ah-direct-1');
    const { code } = await keeper.post(`/v1/external-accesses/${String(accessId)}/decision`, {
      decision: 'approve',
    });
    const response = await fetch(new URL('/v1/external-openings', cloud.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, documentId: id }),
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const stamped = await PDFDocument.load(await response.arrayBuffer());
    expect(stamped.getPageCount()).toBe(1);
    expect(
      await cloud.anyone().refused('POST', '/v1/external-openings', { code: 'x'.repeat(16), documentId: id }),
    ).toMatchObject({ status: expect.toSatisfy((status) => status === 404 || status === 422) });
    await application.withdraw();
    await cloud.settle();
  });

  it('answers a trial calculation to whoever asks', async () => {
    const application = await Application.open(cloud);
    const { declaration } = application.household;
    expect(await cloud.anyone().post('/v1/assessments', declaration)).toMatchObject({
      outcome: expect.stringMatching(/^(eligible|ineligible|incomplete|study)$/),
    });
    expect(
      await cloud.anyone().refused('POST', '/v1/assessments', { ...declaration, extra: 1 }),
    ).toMatchObject({ status: 422 });
  });

  it('turns away at the gateway who has no valid token, and paths that are none', async () => {
    const answer = async (client: Client, path: string) => {
      const { status, body } = await client.call('GET', path);
      return [status, body];
    };
    const unauthorised = [401, { message: 'Unauthorized' }];
    const claims = { name: '甲', roles: ['auditor'] };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('x')
      .setIssuer('https://id.example.cn')
      .setAudience('hardship-filing')
      .setExpirationTime('1h')
      .sign(new Uint8Array(32));
    expect(await answer(cloud.anyone(), '/v1/cases')).toEqual(unauthorised);
    expect(await answer(new Client(cloud.url, forged), '/v1/cases')).toEqual(unauthorised);
    expect(await answer(new Client(cloud.url, 'x'), '/v1/cases')).toEqual(unauthorised);
    expect(await answer(cloud.anyone(), '/v1/elsewhere')).toEqual([404, { message: 'Not Found' }]);
    const worker = await cloud.person('outsider', 'applicant');
    expect(await worker.refused('GET', '/v1/cases/01j9z3k4m5n6p7q8r9s0t1v2w3')).toMatchObject({
      code: 'case-not-found',
      status: 404,
    });
  });

  it('reads the roles of the token, which the gateway has flattened', async () => {
    const both = await cloud.person('both', ['grassrootsOfficer', 'superiorOfficer'], 'ah-direct-1');
    expect(z.object({ tasks: z.array(z.unknown()) }).parse(await both.get('/v1/tasks'))).toBeTruthy();
  });

  it('answers at every door of what else people do', async () => {
    const roles = [
      'administrator',
      'auditor',
      'keeper',
      'grassrootsOfficer',
      'centreReviewer',
      'applicant',
    ] as const;
    const someone = await cloud.person('everyone', roles, 'ah-direct-1');
    const none = '01j9z3k4m5n6p7q8r9s0t1v2w3';
    const doors = [
      ['GET', '/v1/openapi.json', 200],
      ['GET', '/v1/organisations?limit=1', 200],
      ['GET', '/v1/people', 200],
      ['GET', '/v1/custody-transfers', 200],
      ['GET', '/v1/handovers', 200],
      ['GET', '/v1/messages', 200],
      ['POST', `/v1/messages/${none}-1/reading`, 404],
      ['POST', `/v1/tasks/${'0'.repeat(32)}/claim`, 404],
      ['POST', '/v1/organisations/import', 415],
      ['GET', '/v1/cross-checks/export', 422],
      ['POST', '/v1/cross-checks/import', 415],
    ] as const;
    for (const [method, path, status] of doors) {
      expect([path, (await someone.call(method, path)).status]).toEqual([path, status]);
    }
    const forms = [
      ['PUT', '/v1/organisations/none', {}],
      ['POST', `/v1/cases/${none}/visits`, {}],
      ['POST', '/v1/case-claims', {}],
    ] as const;
    for (const [method, path, body] of forms) {
      expect([path, (await someone.call(method, path, body)).status]).toEqual([path, 422]);
    }
    const { contentType } = await someone.file('/v1/organisations/export?format=csv');
    expect(contentType).toContain('text/csv');
  });

  it('shows the own data, corrects them, bars after a false declaration, and disposes of what came to no file', async () => {
    const application = await file();
    await application.withdraw();
    await cloud.settle();
    const path = `/v1/cases/${application.caseId}`;
    const { household, worker } = application;
    await worker.put(`${path}/contact`, { because: 'changed', phone: '13911112222' });
    expect(await worker.get(`${path}/own-data`)).toMatchObject({
      opened: { phone: '13911112222', address: household.address, bankCard: household.bankCard.number },
    });

    const deciders = await Promise.all(
      ['decider-1', 'decider-2'].map((name) => cloud.person(name, 'centreReviewer', 'ah')),
    );
    const { sanctionId } =
      (await deciders[0]?.post('/v1/sanctions', {
        caseId: application.caseId,
        number: '示工处〔2019〕1号',
        decidedOn: cloud.today,
        facts: '隐瞒房产。',
        persons: ['worker'],
      })) ?? {};
    await deciders[1]?.post(`/v1/sanctions/${String(sanctionId)}/confirmation`);
    await cloud.settle();
    const again = await Application.open(cloud, {
      household: { ...householdOf({ today: cloud.today }), persons: household.persons },
    });
    expect(await again.worker.refused('POST', `/v1/cases/${again.caseId}/submission`)).toMatchObject({
      code: 'barred',
    });
    await again.withdraw();

    await cloud.advanceDays(3 * 366 + 1);
    const [keeper, other] = await Promise.all(
      ['keeper-1', 'keeper-2'].map((name) => cloud.person(name, 'keeper', 'ah-direct-1')),
    );
    const due = z.object({ due: z.array(z.object({ caseId: z.string() })) });
    const listed = due.parse(await keeper?.get('/v1/disposals/due')).due.map(({ caseId }) => caseId);
    expect(listed).toContain(application.caseId);
    const { disposalId } =
      (await keeper?.post('/v1/disposals', {
        union: 'ah-direct-1',
        caseIds: [application.caseId],
        reason: '保存期满。',
      })) ?? {};
    expect(await other?.post(`/v1/disposals/${String(disposalId)}/approval`)).toMatchObject({
      completed: true,
    });
    expect(await cloud.ports.documents.list(`uploads/${application.caseId}/`)).toEqual([]);
    expect(await keeper?.get(`${path}/tombstone`)).toMatchObject({ outcome: 'withdrawn', disposalId });
    expect(await other?.refused('GET', path)).toMatchObject({ status: 404 });
  });

  it('has called every function of the manifest that the stories have no need of, and lost nothing', () => {
    const called = new Set<string>(cloud.usage().invocations.map(({ function: name }) => name));
    expect(NOT_IN_STORIES.filter((name) => !called.has(name))).toEqual([]);
    expect(cloud.lost).toEqual([]);
  });
});
