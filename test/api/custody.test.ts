import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { verifyChain } from '#domain/filing/audit.ts';
import { readSheet } from '#functions/shared/sheet.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

let edition: TestEdition;
let administrator: Client;
beforeEach(async () => {
  edition = await openTestEdition();
  administrator = await edition.person('administrator', 'administrator');
  await union('hf-1-2', '承接街道工会', 'community', 'hf-1');
  await union('hf-2', '另一区总工会', 'county', 'hf');
  await union('hf-2-1', '另一区的基层工会', 'grassroots', 'hf-2');
});
afterEach(() => edition.close());

const union = (id: string, name: string, kind: string, parent: string): Promise<unknown> =>
  administrator.post('/v1/organisations', {
    id,
    name,
    kind,
    parent,
    region: '340104',
    supervisionPhone: `0551-6234567${id.at(-1)}`,
    reason: '新设',
  });

const dissolve = async (id: string, successor: string): Promise<void> => {
  await administrator.post(`/v1/organisations/${id}/dissolution`, { successor, reason: '机构改革' });
  await edition.settle();
};

const filed = async (): Promise<Application> =>
  (await Application.open(edition, { route: 'territorial' })).file();

const household = async (application: Application, title: string): Promise<string> => {
  const { letters } = await application.worker.get(`/v1/cases/${application.caseId}/letters`);
  const found = z
    .array(z.looseObject({ title: z.string(), text: z.string() }))
    .parse(letters)
    .find((one) => one.title === title);
  return found?.text ?? '';
};

const TRANSFER = z.looseObject({ transferId: z.string() });
const open = async (keeper: Client, form: object): Promise<string> =>
  TRANSFER.parse(await keeper.post('/v1/custody-transfers', { reason: '重新就业', ...form })).transferId;

describe('单位撤销（B-12）', () => {
  test('未办结的任务转给承接单位办理，原单位不再能看，新单位能看，家庭接到通知', async () => {
    const application = await filed();
    const before = edition.person('officer-1', 'grassrootsOfficer', 'hf-1-1');
    await dissolve('hf-1-1', 'hf-1-2');
    const record = await application.record();
    expect(record).toMatchObject({
      unions: { grassroots: 'hf-1-2', superior: 'hf-1', centre: 'hf' },
      organisationPath: ['ah', 'hf', 'hf-1', 'hf-1-1'],
      custody: { organisation: 'hf-1-2', path: ['ah', 'hf', 'hf-1', 'hf-1-2'], from: 'hf-1-1' },
    });
    const path = `/v1/cases/${application.caseId}`;
    expect((await (await before).refused('GET', path)).status).toBe(403);
    const officer = await edition.person('officer-9', 'grassrootsOfficer', 'hf-1-2');
    expect(await officer.get(path)).toMatchObject({ custodian: 'hf-1-2' });
    expect((await officer.get('/v1/cases')).cases).toMatchObject([{ caseId: application.caseId }]);
    expect((await officer.get('/v1/tasks')).tasks).toMatchObject([{ kind: 'grassrootsReview' }]);
    await application.decide('grassrootsReview', PASS, officer);
    expect(await household(application, '受理工会变更')).toContain(
      '现由承接街道工会（电话0551-62345672）继续办理',
    );
    // Its notice, published after the move, is the successor's.
    const { notice } = await application.record();
    expect(await edition.anyone().get(`/v1/notices/${notice?.noticeId}`)).toMatchObject({
      organisation: 'hf-1-2',
      organisationName: '承接街道工会',
    });
    await application.finish();
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
    expect((await application.checkArchive()).faults).toEqual([]);
  });

  test('没有新单位的，由上级工会代管并代办；复核仍须另一个人', async () => {
    const application = await filed();
    await dissolve('hf-1-1', 'hf-1');
    expect((await application.record()).unions).toEqual({
      grassroots: 'hf-1',
      superior: 'hf-1',
      centre: 'hf',
    });
    const { superior } = application.staff;
    await application.decide('grassrootsReview', PASS, superior);
    await application.noticeEnds();
    const taskId = await application.taskId('superiorReview');
    const decision = { kind: 'superiorReview', ...PASS };
    const refused = await superior.refused('POST', `/v1/tasks/${taskId}/decision`, decision);
    expect(refused.code).toBe('decided-before');
    await application.decide(
      'superiorReview',
      PASS,
      await edition.person('officer-8', 'superiorOfficer', 'hf-1'),
    );
    await application.answered();
    await application.decide('centreReview', PASS);
    expect((await application.record()).stage).toBe('established');
    expect(await household(application, '已建立困难职工档案')).toContain('档案由示例区总工会');
  });

  test('公示期间撤销的：公示上换成承接单位的名称和监督电话', async () => {
    const application = await filed();
    await application.decide('grassrootsReview', PASS);
    const { notice } = await application.record();
    await dissolve('hf-1-1', 'hf-1-2');
    expect(await edition.anyone().get(`/v1/notices/${notice?.noticeId}`)).toMatchObject({
      organisation: 'hf-1-2',
      supervisionPhone: '0551-62345672',
    });
  });

  test('已归档的：由承接单位保管，办理时的单位仍是原来的', async () => {
    const application = await filed();
    await application.finish();
    const { unions } = await application.record();
    await dissolve('hf-1-1', 'hf-1-2');
    expect(await application.record()).toMatchObject({
      stage: 'filed',
      unions,
      custody: { organisation: 'hf-1-2', from: 'hf-1-1', transfer: null },
    });
    expect(await household(application, '档案保管单位变更')).toContain(
      '移交承接街道工会（电话0551-62345672）保管',
    );
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
    expect((await application.checkArchive()).faults).toEqual([]);
  });

  test('一撤再撤：到最后的承接单位', async () => {
    const application = await filed();
    await dissolve('hf-1-1', 'hf-1-2');
    await dissolve('hf-1-2', 'hf-2-1');
    expect(await application.record()).toMatchObject({
      unions: { grassroots: 'hf-2-1', superior: 'hf-2' },
      custody: { organisation: 'hf-2-1', from: 'hf-1-2' },
    });
  });

  test('撤销后不能再向它申请，也不能指它为承接单位', async () => {
    await dissolve('hf-1-1', 'hf-1-2');
    await expect(filed()).rejects.toThrow('unknown-union');
    const refused = await administrator.refused('POST', '/v1/organisations/hf-2-1/dissolution', {
      successor: 'hf-1-1',
      reason: '撤销',
    });
    expect(refused.faults).toMatchObject([{ pointer: '/successor', code: 'successor-dissolved' }]);
  });

  test('隶属关系变更：上级的任务转给新的上级，家庭不必知道', async () => {
    const application = await filed();
    await application.decide('grassrootsReview', PASS);
    await application.noticeEnds();
    const { letters } = await application.record();
    await administrator.put('/v1/organisations/hf-1-1', {
      name: '示例街道社区工会',
      parent: 'hf-2',
      region: '340104',
      supervisionPhone: '0551-00000006',
      reason: '区划调整',
    });
    await edition.settle();
    expect(await application.record()).toMatchObject({
      unions: { grassroots: 'hf-1-1', superior: 'hf-2', centre: 'hf' },
      letters: letters + 1,
    });
    const taskId = await application.taskId('superiorReview');
    const path = `/v1/tasks/${taskId}/decision`;
    const officer = await edition.person('officer-7', 'superiorOfficer', 'hf-2');
    const decision = { kind: 'superiorReview', ...PASS, seen: await officer.seen(taskId) };
    expect((await application.staff.superior.refused('POST', path, decision)).status).toBe(403);
    await officer.post(path, decision);
  });

  test('撤销与许多申请同时：没有一份留在已撤销的单位', async () => {
    const opened = Promise.all(
      Array.from({ length: 12 }, () =>
        filed().then(
          (application) => application,
          () => undefined,
        ),
      ),
    );
    await dissolve('hf-1-1', 'hf-1-2');
    const applications = (await opened).filter((one) => one !== undefined);
    await edition.settle();
    for (const application of applications) {
      const { openTask } = await application.record();
      if (openTask === null) continue;
      const officer = await edition.person('officer-9', 'grassrootsOfficer', 'hf-1-2');
      expect(await officer.get(`/v1/tasks/${openTask.taskId}`)).toMatchObject({ organisation: 'hf-1-2' });
    }
  });
});

test('正在写入的申请，撤销时还看不到它：写入以后也转给承接单位', async () => {
  let meanwhile: (() => Promise<unknown>) | undefined;
  const other = await openTestEdition({
    wrapItems: (items) => ({
      get: (key) => items.get(key),
      query: (query) => items.query(query),
      transact: async (operations) => {
        const opens = operations.some((one) => one.type === 'put' && one.item.sk === 'CASE');
        const run = opens ? meanwhile : undefined;
        if (opens) meanwhile = undefined;
        await run?.();
        await items.transact(operations);
      },
    }),
  });
  try {
    const by = await other.person('administrator', 'administrator');
    meanwhile = async () => {
      await by.post('/v1/organisations/hf-1-1/dissolution', { successor: 'hf-1', reason: '机构改革' });
      await other.settle();
    };
    const application = await Application.open(other, { route: 'territorial' });
    expect(await application.record()).toMatchObject({
      unions: { grassroots: 'hf-1' },
      custody: { organisation: 'hf-1', from: 'hf-1-1' },
    });
  } finally {
    await other.close();
  }
});

describe('移交保管（B-10、B-12）', () => {
  test('一份档案移交给新单位：列明材料，双方签字，家庭接到通知，记录在案', async () => {
    const application = await filed();
    await application.finish();
    const giver = await edition.person('keeper-1', 'keeper', 'hf-1-1');
    const taker = await edition.person('keeper-2', 'keeper', 'hf-2-1');
    const form = {
      from: 'hf-1-1',
      to: 'hf-2-1',
      caseIds: [application.caseId],
      originals: ['申请书原件1份'],
    };
    const transferId = await open(giver, form);
    const path = `/v1/custody-transfers/${transferId}`;
    expect(await taker.get(path)).toMatchObject({
      cases: [
        { caseId: application.caseId, papers: expect.arrayContaining([{ name: '个人申请书', count: 1 }]) },
      ],
      accepted: null,
      completed: false,
    });
    expect((await application.record()).custody).toBeNull();
    // Neither the giver nor a stranger can sign for the taker.
    const both = await edition.person('keeper-1', 'keeper', 'hf-2-1');
    expect((await both.refused('POST', `${path}/acceptance`)).code).toBe('same-person');
    expect((await giver.refused('POST', `${path}/acceptance`)).status).toBe(403);
    const answers = await Promise.all([1, 2, 3].map(() => taker.call('POST', `${path}/acceptance`)));
    expect(answers.map(({ status, body }) => [status, body.completed])).toEqual(Array(3).fill([200, true]));
    expect(await application.record()).toMatchObject({
      custody: { organisation: 'hf-2-1', from: 'hf-1-1', transfer: transferId },
    });
    expect((await application.events()).filter(({ type }) => type === 'custodyTransferred')).toMatchObject([
      {
        actor: { subject: 'keeper-2', organisation: 'hf-2-1' },
        data: {
          clause: 'B-12',
          handedOver: { subject: 'keeper-1', organisation: 'hf-1-1' },
          accepted: { subject: 'keeper-2' },
          originals: ['申请书原件1份'],
        },
      },
    ]);
    expect(await household(application, '档案保管单位变更')).toContain('原因：重新就业');
    const casePath = `/v1/cases/${application.caseId}`;
    expect((await giver.refused('GET', casePath)).status).toBe(403);
    expect(await taker.get(casePath)).toMatchObject({ custodian: 'hf-2-1' });
    expect((await giver.get('/v1/custody-transfers?side=given')).transfers).toMatchObject([{ transferId }]);
    expect((await taker.get('/v1/custody-transfers')).transfers).toMatchObject([{ transferId }]);
    // It isn't the giver's any more.
    const again = await giver.refused('POST', '/v1/custody-transfers', { ...form, reason: '再移交' });
    expect(again.faults).toMatchObject([{ pointer: '/caseIds/0', code: 'not-in-custody' }]);
  });

  test('撤销单位的全部：由上级的档案管理员移交，承接单位签收', async () => {
    const applications = [await filed(), await filed()];
    await dissolve('hf-1-1', 'hf-1-2');
    const above = await edition.person('keeper-hf', 'keeper', 'hf-1');
    const taker = await edition.person('keeper-3', 'keeper', 'hf-1-2');
    const wrong = await above.refused('POST', '/v1/custody-transfers', {
      from: 'hf-1-1',
      to: 'hf-2-1',
      reason: '移交',
    });
    expect(wrong.faults).toMatchObject([{ pointer: '/to', code: 'not-the-successor' }]);
    const transferId = await open(above, { from: 'hf-1-1', to: 'hf-1-2' });
    await taker.post(`/v1/custody-transfers/${transferId}/acceptance`);
    for (const application of applications) {
      expect(await application.record()).toMatchObject({
        custody: { organisation: 'hf-1-2', transfer: transferId },
      });
      // One letter, of the dissolution: nothing new for the household.
      const letters = (await application.letters()).filter(({ title }) => title === '受理工会变更');
      expect(letters).toHaveLength(1);
    }
    const rest = { from: 'hf-1-1', to: 'hf-1-2', reason: '移交' };
    expect((await above.refused('POST', '/v1/custody-transfers', rest)).code).toBe('nothing-to-transfer');
  });

  test('别的单位的档案管理员不能移交', async () => {
    const application = await filed();
    const stranger = await edition.person('keeper-2', 'keeper', 'hf-2-1');
    const form = { from: 'hf-1-1', to: 'hf-2-1', caseIds: [application.caseId], reason: '移交' };
    expect((await stranger.refused('POST', '/v1/custody-transfers', form)).status).toBe(403);
    const giver = await edition.person('keeper-1', 'keeper', 'hf-1-1');
    const other = await edition.person('keeper-4', 'keeper', 'hf-1-2');
    const transferId = await open(giver, form);
    expect((await other.refused('GET', `/v1/custody-transfers/${transferId}`)).status).toBe(403);
    expect((await other.refused('POST', `/v1/custody-transfers/${transferId}/acceptance`)).status).toBe(403);
  });
});

describe('岗位交接（B-15）', () => {
  const HANDOVER = z.looseObject({ handoverId: z.string() });

  test('列出未办结的任务和保管的档案，双方各自签字，可以打印', async () => {
    const done = await filed();
    await done.finish();
    const application = await filed();
    const posts = ['grassrootsOfficer', 'keeper'] as const;
    const leaves = await edition.person('old-keeper', posts, 'hf-1-1');
    const made = await leaves.post('/v1/handovers', { reason: '调离', objects: ['档案柜钥匙2把'] });
    const { handoverId } = HANDOVER.parse(made);
    const { file } = await done.record();
    expect(made).toMatchObject({
      counts: { tasks: 1, files: 1 },
      lines: [
        { kind: 'task', caseId: application.caseId, name: '基层工会初审' },
        { kind: 'file', caseId: done.caseId, fileNumber: file?.number },
      ],
    });
    const path = `/v1/handovers/${handoverId}`;
    expect((await leaves.refused('POST', `${path}/acceptance`)).code).toBe('same-person');
    const half = await edition.person('half', 'grassrootsOfficer', 'hf-1-1');
    expect(await half.refused('POST', `${path}/acceptance`)).toMatchObject({
      code: 'post-missing',
      detail: expect.stringContaining('档案管理员'),
    });
    const elsewhere = await edition.person('elsewhere', posts, 'hf-2-1');
    expect((await elsewhere.refused('POST', `${path}/acceptance`)).status).toBe(403);
    expect((await elsewhere.refused('GET', path)).status).toBe(403);
    const takes = await edition.person('new-keeper', posts, 'hf-1-1');
    await takes.post(`${path}/acceptance`);
    const third = await edition.person('third', posts, 'hf-1-1');
    expect((await third.refused('POST', `${path}/acceptance`)).code).toBe('already-accepted');

    const { content, contentType } = await takes.file(`${path}/text`);
    expect(contentType).toBe('text/plain; charset=utf-8');
    const text = new TextDecoder().decode(content);
    for (const line of [
      '单位：示例街道社区工会',
      '岗位：基层工会经办人、档案管理员',
      '一、未办结事项（1件）',
      `1. ${file?.number}，`,
      '1. 档案柜钥匙2把',
      '移交人：old-keeper（样例）（账号 old-keeper），',
      '接收人：new-keeper（样例）（账号 new-keeper），',
    ]) {
      expect(text).toContain(line);
    }
    expect((await takes.get('/v1/handovers')).handovers).toMatchObject([
      { handoverId, accepted: { subject: 'new-keeper' } },
    ]);
  });

  test('指定了接收人的，别人不能代签；不能指定自己', async () => {
    const leaves = await edition.person('old', 'keeper', 'hf-1-1');
    expect((await leaves.refused('POST', '/v1/handovers', { reason: '调离', takesOver: 'old' })).code).toBe(
      'same-person',
    );
    const made = await leaves.post('/v1/handovers', { reason: '调离', takesOver: 'named' });
    const path = `/v1/handovers/${HANDOVER.parse(made).handoverId}/acceptance`;
    const other = await edition.person('other', 'keeper', 'hf-1-1');
    expect((await other.refused('POST', path)).code).toBe('not-the-one');
    await (await edition.person('named', 'keeper', 'hf-1-1')).post(path);
  });
});

test('导出的表里没有能被当作公式的内容，导入后又是原来的名称', async () => {
  await union('formula-1', '=HYPERLINK("http://x")工会', 'community', 'hf-1');
  const raw = await administrator.file('/v1/organisations/export?format=csv');
  expect(new TextDecoder().decode(raw.content)).toContain('"\'=HYPERLINK(""http://x"")工会"');
  const names = (await readSheet(raw.content)).map(([, , name]) => name);
  expect(names).toContain('=HYPERLINK("http://x")工会');
});
