import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { pdf } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();
const paper = () => ({ contentType: 'application/pdf', content: pdf() }) as const;

describe('意见签署（B-4）', () => {
  test('意见写明具名的人、工会编号和名称、时刻、意见，并与所见内容的摘要绑在一起', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    const { grassroots } = application.staff;
    const seen = await grassroots.seen(taskId);
    await application.decide('grassrootsReview', PASS);
    const [opinion] = (await application.record()).opinions;
    expect(opinion).toEqual({
      task: 'grassrootsReview',
      taskId,
      visit: 1,
      decision: 'pass',
      opinion: PASS.opinion,
      by: { subject: 'officer-1', name: 'officer-1（样例）', organisation: 'ah-direct-1' },
      organisationName: '示例设计院工会',
      at: expect.stringMatching(/^2019-01-07T01:/),
      seen,
      stampedOpinion: null,
      participants: [],
    });
    const decided = (await application.events()).find(({ type }) => type === 'decided');
    expect(decided?.data).toMatchObject({ organisationName: '示例设计院工会', content: { seen } });
    await application.withdraw();
  });

  test('没有看过就不能作出意见', async () => {
    const application = await file();
    const taskId = await application.taskId('grassrootsReview');
    const mark = await application.mark();
    expect(
      await application.staff.grassroots.refused('POST', `/v1/tasks/${taskId}/decision`, {
        kind: 'grassrootsReview',
        ...PASS,
      }),
    ).toMatchObject({ status: 422, faults: [{ pointer: '/seen', code: 'required' }] });
    expect(await application.mark()).toBe(mark);
    await application.withdraw();
  });

  test('看过之后有变化的，退回并说明是什么变了；重新查看之后可以作出意见', async () => {
    const application = await file();
    const { grassroots } = application.staff;
    const taskId = await application.taskId('grassrootsReview');
    const body = await application.opinion(grassroots, taskId, 'grassrootsReview', PASS);
    await application.upload({ paper: 'objectionRecord', ...paper() });
    expect(await grassroots.refused('POST', `/v1/tasks/${taskId}/decision`, body)).toMatchObject({
      status: 409,
      code: 'case-changed',
      changed: ['材料'],
    });
    await application.visit(grassroots);
    const after = await grassroots.refused('POST', `/v1/tasks/${taskId}/decision`, body);
    expect(after).toMatchObject({ code: 'case-changed', changed: ['材料', '走访记录'] });
    expect(after.detail).toContain('材料、走访记录有变化');
    await application.decide('grassrootsReview', PASS);
    await application.withdraw();
  });

  test('与内容无关的事不算变化：认领、备注、催办', async () => {
    const application = await file();
    const { grassroots } = application.staff;
    const taskId = await application.taskId('grassrootsReview');
    const body = await application.opinion(grassroots, taskId, 'grassrootsReview', PASS);
    await grassroots.post(`/v1/tasks/${taskId}/claim`);
    await grassroots.post(`/v1/tasks/${taskId}/comments`, { text: '已核实。' });
    await grassroots.post(`/v1/tasks/${taskId}/decision`, body);
    await edition.settle();
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
    await application.withdraw();
  });

  test('单位要求盖章的：没有盖章的意见扫描件不能通过（A-4、B-8.2）', async () => {
    const strict = await openTestEdition({ stampedOpinions: true });
    try {
      const application = await (await Application.open(strict)).file();
      const { grassroots } = application.staff;
      const taskId = await application.taskId('grassrootsReview');
      const post = async (decision: Record<string, unknown>) =>
        grassroots.refused(
          'POST',
          `/v1/tasks/${taskId}/decision`,
          await application.opinion(grassroots, taskId, 'grassrootsReview', { ...PASS, ...decision }),
        );
      expect(await post({})).toMatchObject({
        faults: [{ pointer: '/stampedOpinion', code: 'stamp-missing' }],
      });
      const [other] = await application.upload({ paper: 'visitRecord', ...paper() });
      expect(await post({ stampedOpinion: other })).toMatchObject({
        faults: [{ pointer: '/stampedOpinion', code: 'unknown-document' }],
      });
      const [stampedOpinion] = await application.upload({ paper: 'stampedOpinion', ...paper() });
      await application.decide('grassrootsReview', { ...PASS, stampedOpinion });
      expect((await application.record()).opinions).toMatchObject([{ stampedOpinion }]);
      const { superior } = application.staff;
      const next = await application.taskId('superiorReview');
      const reused = { ...PASS, stampedOpinion };
      expect(
        await superior.refused(
          'POST',
          `/v1/tasks/${next}/decision`,
          await application.opinion(superior, next, 'superiorReview', reused),
        ),
      ).toMatchObject({ faults: [{ pointer: '/stampedOpinion', code: 'stamp-used' }] });
      await application.withdraw();
    } finally {
      await strict.close();
    }
  });
});

describe('集体研究', () => {
  test('属地路径：基层工会须集体研究（B-8.2），市级须经分管副主席同意、集体研究（B-8.4）', async () => {
    const application = await file({ route: 'territorial' });
    const { grassroots, centre } = application.staff;
    const refused = async (
      by: typeof grassroots,
      kind: 'grassrootsReview' | 'centreReview',
      participants: readonly unknown[],
    ) => {
      const taskId = await application.taskId(kind);
      const body = await application.opinion(by, taskId, kind, { ...PASS, participants });
      return by.refused('POST', `/v1/tasks/${taskId}/decision`, body);
    };
    const one = { name: '甲', duty: 'member' };
    const two = { name: '乙', duty: 'member' };
    for (const participants of [[], [one], [one, one]]) {
      expect(await refused(grassroots, 'grassrootsReview', participants)).toMatchObject({
        faults: [{ pointer: '/participants', code: 'collective-decision' }],
      });
    }
    await application.decide('grassrootsReview', { ...PASS, participants: [one, two] });
    await application.noticeEnds();
    // The county gives its opinion; the law asks for no collective one there (B-8.3).
    await application.decide('superiorReview', PASS);
    await application.answered();
    expect(await refused(centre, 'centreReview', [one, two])).toMatchObject({
      faults: [{ pointer: '/participants', code: 'vice-chair' }],
    });
    const chair = { name: '丙', duty: 'viceChair' };
    await application.decide('centreReview', { ...PASS, participants: [one, chair] });
    const { opinions } = await application.record();
    expect(opinions.map(({ participants }) => participants)).toEqual([[one, two], [], [one, chair]]);
  });

  test('退回补正不是决定，不要求集体研究', async () => {
    const application = await file({ route: 'territorial' });
    await application.decide('grassrootsReview', {
      decision: 'supplement',
      opinion: '请重交银行卡复印件。',
      papers: [{ paper: 'bankCard' }],
      participants: [],
    });
    expect(await application.record()).toMatchObject({ stage: 'awaitingSupplement' });
    await application.withdraw();
  });

  test('一事一议只由县级以上工会研究（C-6），参会人和纪要存入意见', async () => {
    const application = await file({ wage: '36000', accident: '24000' });
    await application.passBelow();
    expect(await application.record()).toMatchObject({ stage: 'caseStudy' });
    const taskId = await application.taskId('caseStudy');
    for (const [role, union] of [
      ['grassrootsOfficer', 'ah-direct-1'],
      ['superiorOfficer', 'ah-direct'],
      ['centreReviewer', 'hf'],
      ['meetingSecretary', 'ah'],
    ] as const) {
      const client = await edition.person('student', role, union);
      const answer = await client.refused('POST', `/v1/tasks/${taskId}/decision`, {
        kind: 'caseStudy',
        decision: 'reject',
        opinion: '不同意。',
        attendees: ['甲', '乙'],
        minutes: 'x',
        clauses: ['C-6'],
      });
      expect(answer.status).toBe(403);
    }
    await application.step();
    expect((await application.record()).opinions.at(-1)).toMatchObject({
      task: 'caseStudy',
      participants: [
        { name: '甲主席', duty: 'member' },
        { name: '乙主席', duty: 'member' },
      ],
    });
    await application.withdraw();
  });
});
