import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '#domain/filing/audit.ts';
import { executionName } from '#domain/filing/case.ts';
import { findTask } from '#functions/shared/task-store.ts';
import { Application, PASS } from '../support/application.ts';
import { Breaker } from '../support/breaker.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { papersOf, pdf } from '../support/households.ts';

const breaker = new Breaker();
let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition({ wrapItems: breaker.wrap });
});
afterAll(() => edition.close());

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();

const submitted = async (): Promise<Application> => {
  const application = await Application.open(edition);
  await application.submit();
  return application;
};

const toCentre = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> => {
  const application = await file(wanted);
  await application.passBelow();
  return application;
};

const toNotice = async (): Promise<Application> => {
  const application = await toCentre();
  await application.decide('centreReview', PASS);
  return application;
};

const toObjections = async (): Promise<Application> => {
  const application = await toNotice();
  await application.object();
  await application.noticeEnds();
  return application;
};

const toHand = async (): Promise<Application> => {
  const application = await toCentre({ name: '莫无声' });
  for (let chase = 0; chase < 3; chase += 1) await edition.advanceDays(7);
  return application;
};

const expectWithdrawn = async (application: Application, running: boolean): Promise<void> => {
  const { stage, openTask, notice } = await application.record();
  expect({ stage, openTask }).toEqual({ stage: 'withdrawn', openTask: null });
  if (running) {
    expect(await application.execution()).toMatchObject({ status: 'ABORTED', error: 'Case.Withdrawn' });
  }
  if (notice !== null) {
    expect(await edition.anyone().refused('GET', `/v1/notices/${notice.noticeId}`)).toMatchObject({
      status: 410,
    });
  }
  expect((await application.eventTypes()).at(-1)).toBe('withdrawn');
  expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
  expect((await application.letters()).at(-1)).toMatchObject({
    to: { subject: application.subject },
    title: '申请已撤回',
  });
  // The worker may apply again.
  const again = await Application.open(edition, { household: application.household });
  if (again.household.declaration.applicationDate === edition.today) {
    await again.submit();
    await again.withdraw();
  }
};

describe('撤回', () => {
  test.each<[string, () => Promise<Application>, boolean]>([
    ['填写中', () => Application.open(edition), false],
    ['待上传签字的申请书', submitted, false],
    [
      '待补正材料',
      async () => {
        const application = await Application.open(edition);
        return application.file(['bankCard']);
      },
      true,
    ],
    ['基层工会初审', () => file(), true],
    [
      '上级工会审核',
      async () => {
        const application = await file();
        await application.decide('grassrootsReview', PASS);
        return application;
      },
      true,
    ],
    ['信息比对', () => toCentre({ name: '池来信' }), true],
    ['人工核查', toHand, true],
    ['待核实事实', () => toCentre({ wage: null }), true],
    ['一事一议', () => toCentre({ wage: '36000', accident: '24000' }), true],
    ['复审', () => toCentre(), true],
    ['公示', toNotice, true],
    ['异议调查', toObjections, true],
  ])('在“%s”环节可以撤回', async (stageName, reach, running) => {
    const application = await reach();
    const view = await application.worker.get(`/v1/cases/${application.caseId}`);
    expect(view.stageName).toBe(stageName);
    const { openTask } = await application.record();
    await application.withdraw();
    await edition.settle();
    await expectWithdrawn(application, running);
    if (openTask !== null) {
      const task = await findTask(edition.ports.items, openTask.taskId);
      expect(task?.task.state).toEqual({ status: 'CLOSED' });
      const late = await application.staff.centre.refused('POST', `/v1/tasks/${openTask.taskId}/decision`, {
        kind: 'centreReview',
        ...PASS,
      });
      expect(late.status).toBeGreaterThanOrEqual(400);
    }
    const mark = await application.mark();
    await application.withdraw();
    expect(await application.mark()).toBe(mark);
  });

  test('截止日待定时可以撤回，公示随之撤下', async () => {
    const december = await openTestEdition({ start: Date.parse('2026-12-28T01:00:00Z') });
    try {
      const application = await (await Application.open(december)).file();
      await application.passBelow();
      await application.decide('centreReview', PASS);
      expect(await application.record()).toMatchObject({ stage: 'settingNoticeEnd' });
      await application.withdraw();
      await december.settle();
      const { notice } = await application.record();
      expect(await december.anyone().refused('GET', `/v1/notices/${notice?.noticeId}`)).toMatchObject({
        status: 410,
      });
      expect(await application.execution()).toMatchObject({ status: 'ABORTED', error: 'Case.Withdrawn' });
    } finally {
      await december.close();
    }
  });

  test.each([
    ['材料检查', { event: 'materialsChecked' }, 'checkingMaterials'],
    ['测算认定', { event: 'taskOpened', kind: 'centreReview' }, 'assessing'],
  ] as const)('在“%s”环节进行到一半时可以撤回，迟到的一步不改变什么', async (_, write, stage) => {
    const application = await Application.open(edition);
    await application.upload(...papersOf(application.household).values());
    await application.submit();
    const held = breaker.hold(write);
    const signed = application.sign();
    if (stage === 'assessing') {
      await signed;
      await application.decide('grassrootsReview', PASS);
      const task = await application.taskId('superiorReview');
      const { superior } = application.staff;
      await superior.post(
        `/v1/tasks/${task}/decision`,
        await application.opinion(superior, task, 'superiorReview', PASS),
      );
    }
    await held.reached;
    expect(await application.record()).toMatchObject({ stage });
    await application.withdraw();
    held.release();
    await signed;
    await edition.settle();
    await expectWithdrawn(application, true);
  });

  test('建档之后不能撤回', async () => {
    const application = await toNotice();
    await application.noticeEnds();
    expect(await application.record()).toMatchObject({ stage: 'established' });
    const withdrawal = [
      'POST',
      `/v1/cases/${application.caseId}/withdrawal`,
      { reason: '不需要了。' },
    ] as const;
    const mark = await application.mark();
    expect(await application.worker.refused(...withdrawal)).toMatchObject({
      status: 409,
      code: 'wrong-stage',
    });
    expect(await application.mark()).toBe(mark);
    await application.meet();
    expect(await application.record()).toMatchObject({ stage: 'filed' });
    expect(await application.worker.refused(...withdrawal)).toMatchObject({
      status: 409,
      code: 'wrong-stage',
    });
  });

  test('撤回之后迟到的比对结果和材料不再改动申请', async () => {
    const application = await toCentre({ name: '池来信' });
    const paper = [...papersOf(application.household).values()][0];
    if (paper === undefined) throw new Error('a household has papers');
    const place = await application.worker.promise(application.caseId, paper);
    await application.withdraw();
    await edition.settle();
    const mark = await application.mark();
    edition.release();
    await edition.centreQuiet();
    expect(await application.worker.send(place, paper.content, paper.contentType)).toBe(204);
    await edition.settle();
    expect(await application.mark()).toBe(mark);
  });
});

describe('恢复办理', () => {
  const lose = async (application: Application): Promise<void> => {
    const name = executionName(await application.record());
    await edition.ports.workflow.stop(name, 'Test.Lost', 'lost on purpose');
  };

  const expectFiled = async (application: Application): Promise<void> => {
    await application.finish();
    const types = await application.eventTypes();
    for (const type of ['established', 'meetingHeld', 'archived']) {
      expect(types.filter((one) => one === type)).toHaveLength(1);
    }
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
    expect(await application.checkArchive()).toMatchObject({ ok: true, faults: [] });
    expect(await application.record()).toMatchObject({ fault: null });
  };

  test.each<[string, () => Promise<Application>]>([
    ['awaitingSupplement', async () => (await Application.open(edition)).file(['bankCard'])],
    ['grassrootsReview', () => file()],
    [
      'superiorReview',
      async () => {
        const application = await file();
        await application.decide('grassrootsReview', PASS);
        return application;
      },
    ],
    ['crossCheck', () => toCentre({ name: '池来信' })],
    ['crossCheckByHand', toHand],
    ['awaitingFacts', () => toCentre({ wage: null })],
    ['caseStudy', () => toCentre({ wage: '36000', accident: '24000' })],
    ['centreReview', () => toCentre()],
    ['notice', toNotice],
    ['objections', toObjections],
    [
      'established',
      async () => {
        const application = await toNotice();
        await application.noticeEnds();
        return application;
      },
    ],
  ])('流程在 %s 丢失：从原环节恢复，任务还是同一个，一直办到归档', async (stage, reach) => {
    const application = await reach();
    const before = await application.record();
    expect(before.stage).toBe(stage);
    await lose(application);
    await application.resume();
    const after = await application.record();
    expect(after).toMatchObject({ stage, attempt: before.attempt + 1, openTask: before.openTask });
    expect(await application.execution()).toMatchObject({ status: 'RUNNING' });
    await expectFiled(application);
  });

  test('流程在截止日待定时丢失：恢复后由人确定，再恢复后照常等到截止日', async () => {
    const december = await openTestEdition({ start: Date.parse('2026-12-28T01:00:00Z') });
    try {
      const application = await (await Application.open(december)).file();
      await application.passBelow();
      await application.decide('centreReview', PASS);
      const { notice } = await application.record();
      await application.resume();
      expect(await application.record()).toMatchObject({ stage: 'settingNoticeEnd', notice });
      await application.decide('noticeEnd', {
        decision: 'set',
        opinion: '按通知确定。',
        lastDay: '2027-01-06',
      });
      await application.resume();
      expect(await application.record()).toMatchObject({ stage: 'notice' });
      await application.noticeEnds();
      expect(await application.record()).toMatchObject({ stage: 'established' });
    } finally {
      await december.close();
    }
  });

  test.each([
    [{ event: 'materialsChecked' }, 'checkingMaterials', 'CheckMaterials'],
    [{ event: 'taskOpened', kind: 'grassrootsReview' }, 'checkingMaterials', 'GrassrootsReview'],
    [{ event: 'taskOpened', kind: 'superiorReview' }, 'grassrootsReview', 'SuperiorReview'],
    [{ event: 'crossCheckRequested' }, 'superiorReview', 'CrossCheck'],
    [{ event: 'assessed' }, 'crossCheck', 'Assess'],
    [{ event: 'taskOpened', kind: 'centreReview' }, 'assessing', 'CentreReview'],
    [{ event: 'noticePublished' }, 'centreReview', 'PublishNotice'],
    [{ event: 'noticeClosed' }, 'notice', 'CloseNotice'],
    [{ event: 'established' }, 'notice', 'EstablishFile'],
    [{ event: 'taskOpened', kind: 'meeting' }, 'established', 'MeetingDecision'],
    [{ event: 'archiving' }, 'established', 'Archive'],
    [{ event: 'archived' }, 'archiving', 'Archive'],
  ] as const)(
    '写入 %j 时出了故障：申请停在原环节并有标记，恢复后一直办到归档',
    async (write, stage, state) => {
      breaker.fail(write);
      const application = await file();
      for (let step = 0; step < 20 && (await application.record()).fault === null; step += 1) {
        const { stage: now } = await application.record();
        if (now === 'grassrootsReview') await application.decide('grassrootsReview', PASS);
        else if (now === 'superiorReview') {
          await application.decide('superiorReview', PASS);
          await application.answered();
        } else if (now === 'centreReview') await application.decide('centreReview', PASS);
        else if (now === 'notice') await application.noticeEnds();
        else if (now === 'established') await application.meet();
      }
      expect(await application.record()).toMatchObject({ stage, fault: { state, error: 'DiskFailure' } });
      expect(await application.execution()).toMatchObject({ status: 'FAILED', error: 'Case.Faulted' });
      const told = (await application.letters()).at(-1);
      expect(told).toMatchObject({ to: { organisation: 'ah' }, title: '系统处理失败' });
      breaker.mend();
      await application.resume();
      expect(await application.record()).toMatchObject({ fault: null });
      await expectFiled(application);
    },
  );

  test('登记不予建档时出了故障：恢复后仍以原来的理由不予建档', async () => {
    const application = await file();
    breaker.fail({ event: 'rejected' });
    await application.decide('grassrootsReview', {
      decision: 'reject',
      opinion: '拥有两套住房。',
      clauses: ['B-7.1'],
    });
    expect(await application.record()).toMatchObject({
      stage: 'grassrootsReview',
      fault: { state: 'RecordRejection' },
    });
    breaker.mend();
    await application.resume();
    expect(await application.record()).toMatchObject({
      stage: 'rejected',
      refusal: { reason: '拥有两套住房。' },
    });
  });

  test('上级工会退回的补正在检查材料时出了故障：恢复后仍回到上级工会', async () => {
    const application = await file();
    await application.decide('grassrootsReview', PASS);
    await application.decide('superiorReview', {
      decision: 'supplement',
      opinion: '请补充走访记录。',
      papers: [{ paper: 'visitRecord' }],
    });
    await application.upload({ paper: 'visitRecord', contentType: 'application/pdf', content: pdf() });
    breaker.fail({ event: 'materialsChecked' });
    await application.decide('supplement', { decision: 'supplied' });
    expect(await application.record()).toMatchObject({ fault: { state: 'CheckMaterials' } });
    breaker.mend();
    await application.resume();
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
  });

  test('没有在办流程的申请不能恢复', async () => {
    const draft = await Application.open(edition);
    const refused = await draft.staff.administrator.refused('POST', `/v1/cases/${draft.caseId}/resumption`, {
      reason: '试试。',
    });
    expect(refused).toMatchObject({ status: 409, code: 'wrong-stage' });
    const other = await draft.staff.centre.refused('POST', `/v1/cases/${draft.caseId}/resumption`, {
      reason: '试试。',
    });
    expect(other).toMatchObject({ status: 403, code: 'not-allowed' });
  });
});
