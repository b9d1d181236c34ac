import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '#domain/filing/audit.ts';
import { executionName } from '#domain/filing/case.ts';
import { receiveDocument } from '#functions/receive-document/receive-document.ts';
import { documentKey, readDocuments } from '#functions/shared/document-store.ts';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson, papersOf, pdf } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();

const times = <T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

const countOf = async (application: Application, type: string): Promise<number> =>
  (await application.eventTypes()).filter((one) => one === type).length;

const APPLICATION = { paper: 'application', contentType: 'application/pdf' } as const;

describe('同时', () => {
  test('同一申请提交100次、同一份签字申请书上传100次：只有一次提交、一个流程', async () => {
    const application = await Application.open(edition);
    await application.upload(...papersOf(application.household).values());
    const path = `/v1/cases/${application.caseId}/submission`;
    const answers = await times(100, () => application.worker.call('POST', path));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await countOf(application, 'submitted')).toBe(1);

    const content = pdf();
    const place = await application.worker.promise(application.caseId, { ...APPLICATION, content });
    const sent = await times(100, () => application.worker.send(place, content, 'application/pdf'));
    expect(new Set(sent)).toEqual(new Set([204]));
    await edition.settle();
    const received = (await application.events()).filter(
      ({ type, data }) => type === 'documentReceived' && data.paper === 'application',
    );
    expect(received).toHaveLength(1);
    expect(await application.record()).toMatchObject({
      stage: 'grassrootsReview',
      submission: 1,
      attempt: 1,
    });
    expect(await countOf(application, 'taskOpened')).toBe(1);
    for (const attempt of [2, 3]) {
      const name = executionName({ caseId: application.caseId, submission: 1, attempt });
      expect(await edition.ports.workflow.describe(name)).toBeUndefined();
    }
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
  });

  test('一次上传许多材料：每一份都收到', async () => {
    const application = await Application.open(edition);
    await times(30, () =>
      application.worker.upload(application.caseId, {
        paper: 'visitRecord',
        contentType: 'application/pdf',
        content: pdf(),
      }),
    );
    await edition.settle();
    const documents = await readDocuments(edition.ports.items, application.caseId);
    expect(documents.map(({ state }) => state.status)).toEqual(Array(30).fill('received'));
    expect(await countOf(application, 'documentReceived')).toBe(30);
  });

  test('同一上传事件来两次、隔很久再来，都不改变什么', async () => {
    const application = await file();
    const keys = (await readDocuments(edition.ports.items, application.caseId)).map(({ documentId }) =>
      documentKey(application.caseId, documentId),
    );
    const mark = await application.mark();
    await Promise.all([...keys, ...keys].map((key) => receiveDocument(edition.ports, key)));
    await edition.settle();
    expect(await application.mark()).toBe(mark);
    await application.decide('grassrootsReview', PASS);
    const later = await application.mark();
    await Promise.all(keys.map((key) => receiveDocument(edition.ports, key)));
    expect(await application.mark()).toBe(later);
    expect(await receiveDocument(edition.ports, `uploads/${'0'.repeat(26)}/${'0'.repeat(26)}`)).toBe(
      'unknown',
    );
  });

  test('20人同时办理同一任务：一人办成，其余的人被告知是谁', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    const officers = await times(20, (index) =>
      edition.person(`racer-${index}`, 'grassrootsOfficer', 'ah-direct-1'),
    );
    const { grassroots } = application.staff;
    const body = await application.opinion(grassroots, taskId, 'grassrootsReview', PASS);
    const answers = await Promise.all(
      officers.map((officer) => officer.call('POST', `/v1/tasks/${taskId}/decision`, body)),
    );
    await edition.settle();
    const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
    expect(winners).toHaveLength(1);
    const winner = `racer-${winners[0]}（样例）`;
    for (const { status, body } of answers) {
      if (status === 200) continue;
      expect({ status, code: body.code, by: body.by }).toEqual({
        status: 409,
        code: 'task-already-decided',
        by: winner,
      });
    }
    const { opinions, stage } = await application.record();
    expect(stage).toBe('superiorReview');
    expect(opinions.map(({ by }) => by.name)).toEqual([winner]);
    expect(await countOf(application, 'decided')).toBe(1);
  });

  test('办理与撤回同时：或者先办后撤，或者只有撤回', async () => {
    const rounds = await times(6, () => file());
    await Promise.all(
      rounds.map(async (application, index) => {
        const taskId = await application.taskId('grassrootsReview');
        const { grassroots } = application.staff;
        const decision = await application.opinion(grassroots, taskId, 'grassrootsReview', PASS);
        const decide = () =>
          application.staff.grassroots.call('POST', `/v1/tasks/${taskId}/decision`, decision);
        const [first, second] = index % 2 === 0 ? [decide, null] : [null, decide];
        const answers = await Promise.all([first?.(), application.withdraw(), second?.()]);
        for (const answer of [answers[0], answers[2]]) {
          if (answer !== undefined) expect([200, 409]).toContain(answer.status);
        }
      }),
    );
    await edition.settle();
    for (const application of rounds) {
      expect(await application.record()).toMatchObject({ stage: 'withdrawn', openTask: null });
      // Stopped, or ended by itself where a step found the case closed first. FAILED would ring an alarm.
      const { status, error } = await application.execution();
      expect(['ABORTED Case.Withdrawn', 'SUCCEEDED undefined']).toContain(`${status} ${error}`);
    }
  });

  test('20份异议赶在公示结束的一刻：每一份要么计入，要么被告知公示已经结束', async () => {
    const application = await file();
    await application.passBelow();
    await application.decide('centreReview', PASS);
    const { notice } = await application.record();
    const endsAt = Date.parse(notice?.endsAt ?? '');
    await edition.advanceTo(endsAt - 60_000);
    const path = `/v1/notices/${notice?.noticeId}/objections`;
    const object = () => edition.anyone().call('POST', path, { text: '该户另有住房出租。' });
    const early = times(10, object);
    const closing = edition.edition.advanceTo(endsAt);
    const answers = [...(await early), ...(await times(10, object))];
    await closing;
    await edition.settle();
    const counted = answers.filter(({ status }) => status === 201).length;
    for (const { status, body } of answers) {
      if (status !== 201) expect({ status, code: body.code }).toEqual({ status: 409, code: 'notice-over' });
    }
    expect(counted).toBeLessThanOrEqual(10);
    expect(await countOf(application, 'objectionRaised')).toBe(counted);
    const closed = (await application.events()).filter(({ type }) => type === 'noticeClosed');
    expect(closed).toMatchObject([{ data: { objections: counted } }]);
    expect(await application.record()).toMatchObject({ stage: counted > 0 ? 'objections' : 'established' });
  });

  test('40人同时提出异议：全部计入', async () => {
    const application = await file();
    await application.passBelow();
    await application.decide('centreReview', PASS);
    const { notice } = await application.record();
    const answers = await times(40, () =>
      edition
        .anyone()
        .call('POST', `/v1/notices/${notice?.noticeId}/objections`, { text: '该户另有住房出租。' }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(201));
    await application.noticeEnds();
    const closed = (await application.events()).find(({ type }) => type === 'noticeClosed');
    expect(closed?.data).toMatchObject({ objections: 40 });
  });
});

test('20份档案同时建立：编号不缺不重；其中两户有同一成员，只建一份', async () => {
  const other = await openTestEdition();
  try {
    const spouse = newPerson('spouse', '配偶');
    const applications: Application[] = [];
    for (let count = 0; count < 20; count += 1) {
      const shared = count < 2 ? { spouse } : {};
      applications.push(await (await Application.open(other, shared)).file());
    }
    await Promise.all(
      applications.map(async (application) => {
        await application.passBelow();
        await application.decide('centreReview', PASS);
      }),
    );
    // All notices end at the same minute.
    await applications[0]?.noticeEnds();
    const records = await Promise.all(applications.map((application) => application.record()));
    const numbers = records.flatMap(({ file: established }) => established?.number ?? []);
    expect(numbers.toSorted()).toEqual(
      Array.from({ length: 19 }, (_, index) => `340100-2019-${String(index + 1).padStart(5, '0')}`),
    );
    const shared = records.slice(0, 2).map(({ stage }) => stage);
    expect(shared.toSorted()).toEqual(['established', 'rejected']);
    expect(records.slice(2).map(({ stage }) => stage)).toEqual(Array(18).fill('established'));
  } finally {
    await other.close();
  }
});
