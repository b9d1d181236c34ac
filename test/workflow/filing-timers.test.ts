import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TaskKind, taskKindSchema } from '#domain/filing/task-kinds.ts';
import { sweepOutbox } from '#functions/relay-outbox/relay-outbox.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import { findTask } from '#functions/shared/task-store.ts';
import { listen } from '../simulator/union.ts';
import { Application, BY_HAND, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { pdf } from '../support/households.ts';

let edition: TestEdition;
/** Without an interface to the centre: the musts are checked by hand. */
let byHand: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
  byHand = await openTestEdition({ centre: 'none' });
});
afterAll(async () => {
  await edition.close();
  await byHand.close();
});

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();

const toCentre = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> => {
  const application = await file(wanted);
  await application.passBelow();
  return application;
};

/** Lets the task's time run out once: case time goes to the execution's timer, which lies after the due day. */
const runOut = async (application: Application): Promise<void> => {
  const events = (await application.events()).length;
  for (let week = 0; week < 10 && (await application.events()).length === events; week += 1) {
    await application.edition.advanceDays(7);
  }
};

const typesSince = async (application: Application, from: number): Promise<readonly string[]> =>
  (await application.eventTypes()).slice(from);

describe('逾期', () => {
  const covered = new Set<TaskKind>();
  const reach: readonly [TaskKind, string, string | null, () => Promise<Application>][] = [
    ['grassrootsReview', 'ah-direct-1', 'ah-direct', () => file()],
    [
      'superiorReview',
      'ah-direct',
      'ah',
      async () => {
        const application = await file();
        await application.decide('grassrootsReview', PASS);
        return application;
      },
    ],
    [
      'crossCheckByHand',
      'hf',
      'ah',
      async () => {
        const application = await (await Application.open(byHand, { route: 'territorial' })).file();
        await application.passBelow();
        return application;
      },
    ],
    ['adjudication', 'ah', null, () => toCentre({ name: '程双房' })],
    ['adjudication', 'hf', 'ah', () => toCentre({ name: '程双房', route: 'territorial' })],
    ['facts', 'ah', null, () => toCentre({ wage: null })],
    ['facts', 'hf', 'ah', () => toCentre({ wage: null, route: 'territorial' })],
    ['caseStudy', 'ah', null, () => toCentre({ wage: '36000', accident: '24000' })],
    ['caseStudy', 'hf', 'ah', () => toCentre({ wage: '36000', accident: '24000', route: 'territorial' })],
    ['centreReview', 'hf', 'ah', () => toCentre({ route: 'territorial' })],
    [
      'objections',
      'ah-direct',
      'ah',
      async () => {
        const application = await toCentre();
        await application.decide('centreReview', PASS);
        await application.object();
        await application.noticeEnds();
        return application;
      },
    ],
    [
      'meeting',
      'hf',
      'ah',
      async () => {
        const application = await toCentre({ route: 'territorial' });
        await application.decide('centreReview', PASS);
        return application;
      },
    ],
  ];

  test.each(reach)('%s：先催办，再逾期上报上一级，任务不变', async (kind, organisation, above, open) => {
    const application = await open();
    const taskId = await application.taskId(kind);
    const { ports } = application.edition;
    const dueOn = (await findTask(ports.items, taskId))?.task.dueOn ?? '';
    const from = (await application.events()).length;
    await runOut(application);
    expect(application.edition.today > dueOn).toBe(true);
    expect(await typesSince(application, from)).toEqual(['reminded']);
    expect((await application.letters()).at(-1)).toMatchObject({
      to: { organisation },
      title: expect.stringMatching(/^催办：/),
    });
    await runOut(application);
    expect(await typesSince(application, from)).toEqual([
      'reminded',
      above === null ? 'reminded' : 'escalated',
    ]);
    const stored = await findTask(ports.items, taskId);
    expect(stored?.task).toMatchObject({ escalatedTo: above, state: { status: 'OPEN' } });
    expect(await application.taskId(kind)).toBe(taskId);
    if (above !== null) {
      expect((await application.letters()).at(-1)).toMatchObject({
        to: { organisation: above },
        text: expect.stringContaining('你单位也可以直接办理'),
      });
    }
    await application.withdraw().catch(() => application.meet());
    await application.edition.settle();
    covered.add(kind);
  });

  test('未到期限时醒来不催办', async () => {
    const application = await file();
    const from = (await application.events()).length;
    await edition.advanceDays(13);
    expect(await typesSince(application, from)).toEqual([]);
    await application.withdraw();
  });

  test('上报之后上一级可以直接办理', async () => {
    const application = await file();
    const deputy = await edition.person('deputy', 'superiorOfficer', 'ah-direct');
    const taskId = await application.taskId('grassrootsReview');
    const call = ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'grassrootsReview', ...PASS }] as const;
    expect(await deputy.refused(...call)).toMatchObject({ status: 403 });
    await runOut(application);
    await runOut(application);
    const { tasks } = await deputy.get('/v1/tasks?inbox=escalated');
    expect(tasks).toMatchObject([{ taskId, caseId: application.caseId }]);
    await application.decide('grassrootsReview', PASS, deputy);
    expect(await application.record()).toMatchObject({ stage: 'superiorReview', reminders: 0 });
    const superiorTask = await application.taskId('superiorReview');
    expect(
      await deputy.refused('POST', `/v1/tasks/${superiorTask}/decision`, { kind: 'superiorReview', ...PASS }),
    ).toMatchObject({ code: 'decided-before' });
    await application.withdraw();
  });

  test('属地路径的会议上报之后，省里的会议可以研究', async () => {
    const application = await toCentre({ route: 'territorial' });
    await application.decide('centreReview', PASS);
    const province = await edition.person('province', 'meetingSecretary', 'ah');
    expect(await province.refused('POST', '/v1/meetings', application.minutes())).toMatchObject({
      status: 422,
    });
    await runOut(application);
    await runOut(application);
    await province.post('/v1/meetings', application.minutes());
    await edition.settle();
    expect(await application.record()).toMatchObject({ stage: 'filed' });
  });

  test('补正两次催办后仍无人理会：申请终止，写明理由，可以重新申请', async () => {
    const application = await (await Application.open(edition)).file(['bankCard']);
    const from = (await application.events()).length;
    await runOut(application);
    expect((await application.letters()).at(-1)).toMatchObject({ to: { subject: application.subject } });
    await runOut(application);
    await runOut(application);
    expect(await typesSince(application, from)).toEqual(['reminded', 'escalated', 'lapsed', 'rejected']);
    expect(await application.record()).toMatchObject({ stage: 'rejected', openTask: null });
    const told = (await application.letters()).find(({ title }) => title === '不予建档通知');
    expect(told?.text).toContain('经2次催办仍未补正材料，申请终止（本单位规定）');
    const { declaration } = application.household;
    const year = Number(edition.today.slice(0, 4)) - 1;
    const again = await Application.open(edition, {
      household: {
        ...application.household,
        declaration: {
          ...declaration,
          applicationDate: edition.today,
          incomePeriod: { from: `${year}-01`, to: `${year}-12` },
        },
      },
    });
    await again.submit();
    await again.withdraw();
  });

  test('补正由上一级代办之后，经手人仍可审核：代交材料不算作出意见', async () => {
    const application = await (await Application.open(edition)).file(['bankCard']);
    await runOut(application);
    await runOut(application);
    await application.upload({
      paper: 'bankCard',
      contentType: 'application/pdf',
      content: pdf(),
    });
    await application.decide('supplement', { decision: 'supplied' }, application.staff.superior);
    await application.decide('grassrootsReview', PASS);
    await application.decide('superiorReview', PASS);
    await application.answered();
    expect(await application.record()).toMatchObject({ stage: 'centreReview' });
    await application.withdraw();
  });

  test('截止日无人确定：也催办', async () => {
    const december = await openTestEdition({ start: Date.parse('2026-12-28T01:00:00Z') });
    try {
      const application = await (await Application.open(december)).file();
      await application.passBelow();
      await application.decide('centreReview', PASS);
      await application.taskId('noticeEnd');
      await december.advanceDays(6);
      expect((await application.eventTypes()).at(-1)).toBe('reminded');
      expect(await application.taskId('noticeEnd')).toBeTruthy();
    } finally {
      await december.close();
    }
  });

  test('属地路径的截止日无人确定：先催办，再上报省里', async () => {
    // The territorial route publishes right after the first review; its end is for the city to set.
    const december = await openTestEdition({ start: Date.parse('2026-12-28T01:00:00Z') });
    try {
      const application = await (await Application.open(december, { route: 'territorial' })).file();
      await application.decide('grassrootsReview', PASS);
      const taskId = await application.taskId('noticeEnd');
      await runOut(application);
      expect((await application.eventTypes()).at(-1)).toBe('reminded');
      await runOut(application);
      expect((await application.eventTypes()).at(-1)).toBe('escalated');
      const stored = await findTask(december.ports.items, taskId);
      expect(stored?.task).toMatchObject({ organisation: 'hf', escalatedTo: 'ah' });
      covered.add('noticeEnd');
    } finally {
      await december.close();
    }
  });

  test('每一种任务的催办和上报都在上面证明过（补正另有终止）', () => {
    const elsewhere: readonly TaskKind[] = ['supplement'];
    expect([...covered, ...elsewhere].toSorted()).toEqual(taskKindSchema.options.toSorted());
  });
});

describe('信息比对的等候', () => {
  test('中心沉默：催办两次，再转人工核查；迟到的结果记录在案，不再改变结论', async () => {
    const application = await toCentre({ name: '池来信' });
    const from = (await application.events()).length;
    await edition.advanceDays(7);
    await edition.advanceDays(7);
    expect(await typesSince(application, from)).toEqual([
      'crossCheckChased',
      'crossCheckRequested',
      'crossCheckChased',
      'crossCheckRequested',
    ]);
    expect((await application.letters()).at(-1)).toMatchObject({ to: { organisation: 'ah' } });
    await edition.advanceDays(7);
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
    edition.release();
    await edition.centreQuiet();
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'byHand' },
    });
    expect((await application.eventTypes()).at(-1)).toBe('crossCheckAnswered');
    await application.withdraw();
  });

  test('催办之后中心答复：照常继续', async () => {
    const application = await toCentre({ name: '池来信' });
    await edition.advanceDays(7);
    edition.release();
    await edition.centreQuiet();
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'complete', chased: 1 },
    });
    await application.withdraw();
  });

  test('结果在人工核查期间才到：核查仍由人作出结论', async () => {
    const application = await toCentre({ name: '池来信' });
    for (let week = 0; week < 3; week += 1) await edition.advanceDays(7);
    edition.release();
    await edition.centreQuiet();
    expect(await application.record()).toMatchObject({
      stage: 'crossCheckByHand',
      crossCheck: { status: 'complete' },
    });
    await application.step();
    expect(await application.record()).toMatchObject({
      stage: 'centreReview',
      crossCheck: { status: 'byHand' },
    });
    await application.withdraw();
  });

  test('没有接口：直接人工核查', async () => {
    const alone = await openTestEdition({ centre: 'none' });
    try {
      const application = await (await Application.open(alone)).file();
      await application.passBelow();
      expect(await application.record()).toMatchObject({ stage: 'crossCheckByHand' });
      await application.step();
      expect(await application.record()).toMatchObject({ stage: 'centreReview' });
      await application.withdraw();
    } finally {
      await alone.close();
    }
  });

  test('中心暂时不可用：过一会儿再试；中心拒绝：转人工核查', async () => {
    let status = 503;
    let asked = 0;
    const centre = await listen(async () => {
      asked += 1;
      return { status };
    });
    const alone = await openTestEdition({ centre: { url: centre.url } });
    try {
      const application = await (await Application.open(alone)).file();
      await application.passBelow();
      expect(await application.record()).toMatchObject({ stage: 'crossCheck' });
      expect(await application.execution()).toMatchObject({ status: 'RUNNING' });
      const before = asked;
      expect(before).toBeGreaterThanOrEqual(1);
      await alone.advanceDays(1);
      expect(asked).toBeGreaterThan(before);
      status = 400;
      for (let hour = 0; hour < 24 && (await application.record()).stage === 'crossCheck'; hour += 1) {
        await alone.advanceTo(alone.ports.clock.now() + 3_600_000);
      }
      expect(await application.record()).toMatchObject({ stage: 'crossCheckByHand' });
    } finally {
      await alone.close();
      await centre.close();
    }
  });
});

describe('发件箱', () => {
  /** An edition in which the engine can be kept from writing, and the outbox from being read. */
  const fragile = async () => {
    const state = { engineDown: false, outboxDown: false };
    const late = await openTestEdition({
      probe: (point) => {
        if (state.engineDown && point === 'before-write') throw new Error('the disk is full');
      },
      wrapItems: (items) => ({
        get: (key) => items.get(key),
        query: (query) =>
          state.outboxDown && query.pk.startsWith('OUTBOX#')
            ? Promise.reject(new Error('the outbox cannot be read'))
            : items.query(query),
        transact: (operations) => items.transact(operations),
      }),
    });
    return { state, late };
  };

  const rowsOf = async ({ ports }: TestEdition): Promise<number> => {
    const pages = await Promise.all(outboxPartitions.map((pk) => ports.items.query({ pk })));
    return pages.reduce((sum, { items }) => sum + items.length, 0);
  };

  /** Decides the first review while the workflow can't be told of it. */
  const decideUntold = async ({ state, late }: Awaited<ReturnType<typeof fragile>>): Promise<Application> => {
    const application = await (await Application.open(late)).file();
    const taskId = await application.taskId('grassrootsReview');
    const { grassroots } = application.staff;
    const body = await application.opinion(grassroots, taskId, 'grassrootsReview', PASS);
    state.outboxDown = true;
    state.engineDown = true;
    await grassroots.post(`/v1/tasks/${taskId}/decision`, body);
    await late.settle();
    state.engineDown = false;
    expect(await application.record()).toMatchObject({ stage: 'grassrootsReview', openTask: null });
    expect((await findTask(late.ports.items, taskId))?.task.state.status).toBe('DECIDED');
    expect(late.log.filter((line) => line.includes('an outbox row could not be told'))).not.toEqual([]);
    return application;
  };

  test('没有送达的留在发件箱，下一次清扫送达', async () => {
    const both = await fragile();
    try {
      const application = await decideUntold(both);
      both.state.outboxDown = false;
      expect(await rowsOf(both.late)).toBe(1);
      expect(await sweepOutbox(both.late.ports)).toEqual([]);
      await both.late.settle();
      expect(await rowsOf(both.late)).toBe(0);
      expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
      expect(await application.states()).not.toContain('Escalate');
    } finally {
      await both.late.close();
    }
  });

  test('办理已定而没有送达，等候随后到期：不催办、不重办，照常继续；迟到的送达不再起作用', async () => {
    const both = await fragile();
    try {
      const application = await decideUntold(both);
      await both.late.advanceDays(15);
      expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
      expect(await application.states()).toEqual([
        ...['Begin', 'GoTo', 'CheckMaterials', 'MaterialsChecked', 'GoTo', 'GrassrootsReview'],
        ...['Escalate', 'Escalated', 'GoTo', 'GrassrootsReview', 'GrassrootsReviewed', 'SuperiorReview'],
      ]);
      const types = await application.eventTypes();
      expect(types).not.toContain('reminded');
      expect(types.filter((type) => type === 'decided')).toHaveLength(1);
      both.state.outboxDown = false;
      const mark = await application.mark();
      expect(await sweepOutbox(both.late.ports)).toEqual([]);
      await both.late.settle();
      expect(await rowsOf(both.late)).toBe(0);
      expect(await application.mark()).toBe(mark);
    } finally {
      await both.late.close();
    }
  });
});
