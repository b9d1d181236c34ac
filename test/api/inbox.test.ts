import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { assignTask } from '#functions/handle-task/handle-task.ts';
import { listAssignees } from '#functions/read-tasks/read-tasks.ts';
import { keys } from '#functions/shared/keys.ts';
import { makeAccount } from '../support/accounts.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const file = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> =>
  (await Application.open(edition, wanted)).file();

const listSchema = z.object({
  tasks: z.array(z.looseObject({ taskId: z.string(), caseId: z.string(), dueOn: z.string().nullable() })),
  cursor: z.string().nullable(),
});
const list = async (client: Client, query = ''): Promise<z.infer<typeof listSchema>> =>
  listSchema.parse(await client.get(`/v1/tasks${query}`));
const casesIn = async (client: Client, query = ''): Promise<readonly string[]> =>
  (await list(client, query)).tasks.map(({ caseId }) => caseId);

const colleague = (subject: string): Promise<Client> =>
  edition.person(subject, 'grassrootsOfficer', 'ah-direct-1');

describe('认领', () => {
  let application: Application;
  let taskId: string;
  let mine: Client;
  let other: Client;
  beforeAll(async () => {
    application = await file();
    taskId = await application.taskId('grassrootsReview');
    mine = await colleague('claimer');
    other = await colleague('colleague');
    await mine.post(`/v1/tasks/${taskId}/claim`);
  });

  test('认领的任务只能由认领人办理，也只有认领人能释放', async () => {
    const body = await application.opinion(other, taskId, 'grassrootsReview', PASS);
    const mark = await application.mark();
    for (const refused of [
      await other.refused('POST', `/v1/tasks/${taskId}/decision`, body),
      await other.refused('POST', `/v1/tasks/${taskId}/claim`),
      await other.refused('POST', `/v1/tasks/${taskId}/release`),
      await other.refused('POST', `/v1/tasks/${taskId}/assignment`, {
        to: { subject: 'colleague', name: '同事' },
        reason: '我来办。',
      }),
    ]) {
      expect(refused).toMatchObject({ status: 409, code: 'claimed-by-other', by: 'claimer（样例）' });
    }
    expect(await application.mark()).toBe(mark);
  });

  test('收件箱按认领情况筛选', async () => {
    const { caseId } = application;
    expect(await casesIn(mine, '?claimed=me')).toContain(caseId);
    expect(await casesIn(mine, '?claimed=none')).not.toContain(caseId);
    expect(await casesIn(other, '?claimed=others')).toContain(caseId);
    expect(await casesIn(other, '?claimed=me')).toEqual([]);
    expect(await other.get(`/v1/tasks/${taskId}`)).toMatchObject({
      claim: { name: 'claimer（样例）', mine: false, lapsesOn: '2019-01-10' },
      dueBy: '本单位规定',
    });
  });

  test('只能转交给在该工会有相应岗位、未停用、没有在别级办理过的同事；名单里就是这些人', async () => {
    await makeAccount(edition.ports, 'claimer', ['grassrootsOfficer', 'ah-direct-1']);
    await makeAccount(edition.ports, 'colleague', ['grassrootsOfficer', 'ah-direct-1']);
    await makeAccount(edition.ports, 'keeper', ['keeper', 'ah-direct-1']);
    await makeAccount(edition.ports, 'elsewhere', ['grassrootsOfficer', 'hf-1-1']);
    await makeAccount(edition.ports, 'gone', ['grassrootsOfficer', 'ah-direct-1'], { state: 'suspended' });
    for (const [subject, code] of [
      ['nobody', 'unknown-person'],
      ['keeper', 'wrong-post'],
      ['elsewhere', 'wrong-post'],
      ['gone', 'suspended'],
    ]) {
      const refused = await mine.refused('POST', `/v1/tasks/${taskId}/assignment`, {
        to: { subject, name: '同事' },
        reason: '出差。',
      });
      expect(refused).toMatchObject({ status: 422, faults: [{ pointer: '/to/subject', code }] });
      expect(refused.detail).toMatch(/此人|这个人/);
    }
    const list = {
      assignees: [
        { subject: 'claimer', name: 'claimer（账号）', roleNames: ['基层工会经办人'] },
        { subject: 'colleague', name: 'colleague（账号）', roleNames: ['基层工会经办人'] },
      ],
    };
    for (const one of [mine, application.staff.superior]) {
      expect(await one.get(`/v1/tasks/${taskId}/assignees`)).toEqual(list);
    }
    const outsider = await edition.person('outsider', 'superiorOfficer', 'hf-1');
    for (const one of [outsider, application.worker]) {
      expect(await one.refused('GET', `/v1/tasks/${taskId}/assignees`)).toMatchObject({ status: 403 });
    }
  });

  test('在基层办理过的，上级的任务不能转给他，名单里也没有', async () => {
    const another = await file();
    await makeAccount(edition.ports, 'both', ['superiorOfficer', 'ah-direct']);
    await makeAccount(edition.ports, 'fresh', ['superiorOfficer', 'ah-direct']);
    await another.decide('grassrootsReview', PASS, await colleague('both'));
    const task = await another.taskId('superiorReview');
    const { superior } = another.staff;
    expect(await superior.get(`/v1/tasks/${task}/assignees`)).toMatchObject({
      assignees: [{ subject: 'fresh' }],
    });
    expect(
      await superior.refused('POST', `/v1/tasks/${task}/assignment`, {
        to: { subject: 'both', name: '同事' },
        reason: '转交。',
      }),
    ).toMatchObject({ status: 422, faults: [{ code: 'decided-before' }] });
    await superior.post(`/v1/tasks/${task}/assignment`, {
      to: { subject: 'fresh', name: '写错的姓名' },
      reason: '转交。',
    });
    // The name is the account's, whatever was typed.
    expect(await superior.get(`/v1/tasks/${task}`)).toMatchObject({ claim: { name: 'fresh（账号）' } });
    await another.withdraw();
  });

  test('岗位由别的系统管理时不知道同事是谁：没有名单，按填写的转交；办理过的人仍然不行', async () => {
    const another = await file();
    await another.decide('grassrootsReview', PASS, await colleague('both-2'));
    const task = await another.taskId('superiorReview');
    const settings = { ...edition.ports.settings, rolesFrom: 'claims' } as const;
    const ports = { ...edition.ports, settings };
    const caller = {
      subject: 'officer-2',
      name: '上级经办人',
      roles: ['superiorOfficer'],
      organisation: 'ah-direct',
    } as const;
    expect(await listAssignees(ports, caller, task)).toBeNull();
    const to = (subject: string) => ({ to: { subject, name: '填写的姓名' }, reason: '转交。' });
    await expect(assignTask(ports, caller, task, to('both-2'))).rejects.toMatchObject({
      status: 403,
      code: 'decided-before',
    });
    expect(await assignTask(ports, caller, task, to('unknown-here'))).toMatchObject({
      claim: { subject: 'unknown-here', name: '填写的姓名' },
    });
    await another.withdraw();
  });

  test('认领人可以转交给同事，接手的人才能办理；上级可以改派，下级不能', async () => {
    const assignment = (subject: string) => ({ to: { subject, name: `${subject}同志` }, reason: '出差。' });
    await mine.post(`/v1/tasks/${taskId}/assignment`, assignment('colleague'));
    expect(await mine.refused('POST', `/v1/tasks/${taskId}/release`)).toMatchObject({
      code: 'claimed-by-other',
    });
    await application.staff.superior.post(`/v1/tasks/${taskId}/assignment`, assignment('claimer'));
    expect(await mine.get(`/v1/tasks/${taskId}`)).toMatchObject({ claim: { mine: true } });
    const elsewhere = await edition.person('county', 'superiorOfficer', 'hf-1');
    expect(await elsewhere.refused('POST', `/v1/tasks/${taskId}/assignment`, assignment('x'))).toMatchObject({
      status: 403,
    });
  });

  test('备注和经过记入办理记录，家庭看不到备注', async () => {
    await mine.post(`/v1/tasks/${taskId}/comments`, { text: '已电话约定走访时间。' });
    await application.staff.superior.post(`/v1/tasks/${taskId}/comments`, { text: '请尽快。' });
    const history = z.object({ events: z.array(z.looseObject({ type: z.string() })) });
    const { events } = history.parse(await other.get(`/v1/tasks/${taskId}/history`));
    expect(events.map(({ type }) => type)).toEqual([
      'taskOpened',
      'claimed',
      'reassigned',
      'reassigned',
      'commented',
      'commented',
    ]);
    const timeline = (await application.timeline()).map(({ type }) => type);
    for (const type of ['claimed', 'reassigned', 'commented']) expect(timeline).not.toContain(type);
    const asOfficer = await application.staff.superior.get(`/v1/cases/${application.caseId}/events`);
    expect(JSON.stringify(asOfficer)).toContain('已电话约定走访时间。');
  });

  test('认领到期自行失效，别人可以办理', async () => {
    await edition.advanceTo('2019-01-10T15:00:00Z');
    expect(await other.get(`/v1/tasks/${taskId}`)).toMatchObject({ claim: { mine: false } });
    await edition.advanceTo('2019-01-10T16:00:00Z');
    expect(await other.get(`/v1/tasks/${taskId}`)).toMatchObject({ claim: null });
    await application.decide('grassrootsReview', PASS, other);
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });
    expect(await mine.refused('POST', `/v1/tasks/${taskId}/claim`)).toMatchObject({
      code: 'task-already-decided',
    });
    await application.withdraw();
  });

  test('释放之后谁都可以办理；认领、释放同时来，只有一个结果', async () => {
    const second = await file();
    const id = await second.taskId('grassrootsReview');
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => (await colleague(name)).call('POST', `/v1/tasks/${id}/claim`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
    const winner = await colleague(
      ['a', 'b', 'c', 'd'][answers.findIndex(({ status }) => status === 200)] ?? '',
    );
    await winner.post(`/v1/tasks/${id}/release`);
    await second.decide('grassrootsReview', PASS, await colleague('e'));
    await second.withdraw();
  });

  test('补正不需要认领', async () => {
    const waiting = await (await Application.open(edition)).file(['bankCard']);
    const id = await waiting.taskId('supplement');
    expect(await (await colleague('f')).refused('POST', `/v1/tasks/${id}/claim`)).toMatchObject({
      code: 'not-claimable',
    });
    await waiting.withdraw();
  });

  test('会议秘书认领之后，别的秘书不能记录这份档案的会议', async () => {
    const established = await file();
    await established.establish();
    const id = await established.taskId('meeting');
    const first = await edition.person('secretary-1', 'meetingSecretary', 'ah');
    await first.post(`/v1/tasks/${id}/claim`);
    expect(
      await established.staff.secretary.refused('POST', '/v1/meetings', established.minutes()),
    ).toMatchObject({ status: 409, code: 'claimed-by-other' });
    await first.post('/v1/meetings', established.minutes());
    await edition.settle();
    expect(await established.record()).toMatchObject({ stage: 'filed' });
  });
});

describe('收件箱和辖区', () => {
  let direct: Application;
  let city: Application;
  beforeAll(async () => {
    direct = await file();
    city = await file({ route: 'territorial' });
  });
  afterAll(async () => {
    await direct.withdraw();
    await city.withdraw();
  });

  /** By role and union: whose open tasks of the two cases are seen, in which listing. */
  test.each<[string, Parameters<TestEdition['person']>[1], string | undefined, string, string]>([
    ['基层经办人', 'grassrootsOfficer', 'ah-direct-1', 'own', 'direct'],
    ['别处的基层经办人', 'grassrootsOfficer', 'hf-1-1', 'own', 'city'],
    ['上级工会，自己的', 'superiorOfficer', 'ah-direct', 'own', ''],
    ['上级工会，看下级的', 'superiorOfficer', 'ah-direct', 'below', 'direct'],
    ['县工会，看下级的', 'superiorOfficer', 'hf-1', 'below', 'city'],
    ['市工会，看下级的', 'centreReviewer', 'hf', 'below', 'city'],
    ['省中心，看下级的', 'centreReviewer', 'ah', 'below', 'direct city'],
    ['抽查人', 'inspector', 'hf', 'below', 'city'],
    ['审计，全域', 'auditor', undefined, 'below', 'direct city'],
  ])('%s', async (_, role, organisation, inbox, seen) => {
    const client = await edition.person('watcher', role, organisation);
    const ids = await casesIn(client, `?inbox=${inbox}`);
    const names = [
      ...(ids.includes(direct.caseId) ? ['direct'] : []),
      ...(ids.includes(city.caseId) ? ['city'] : []),
    ];
    expect(names.join(' ')).toBe(seen);
  });

  test('看得到的只能看：上级不能办理、认领下级还没有上报的任务', async () => {
    const county = await edition.person('county', 'superiorOfficer', 'hf-1');
    const taskId = await city.taskId('grassrootsReview');
    expect(await county.get(`/v1/tasks/${taskId}`)).toMatchObject({ status: 'OPEN' });
    const body = await city.opinion(county, taskId, 'grassrootsReview', PASS);
    for (const [path, sent] of [
      ['decision', body],
      ['claim', undefined],
      ['release', undefined],
    ] as const) {
      expect(await county.refused('POST', `/v1/tasks/${taskId}/${path}`, sent)).toMatchObject({
        status: 403,
      });
    }
  });

  test('辖区之外的工会，不论有没有，一律不能看', async () => {
    const county = await edition.person('county', 'superiorOfficer', 'hf-1');
    for (const union of ['ah-direct', 'ah', 'nowhere']) {
      expect(await county.refused('GET', `/v1/tasks?inbox=below&union=${union}`)).toMatchObject({
        status: 403,
      });
      expect(await county.refused('GET', `/v1/ageing?union=${union}`)).toMatchObject({ status: 403 });
    }
    for (const role of [
      'grassrootsOfficer',
      'applicant',
      'meetingSecretary',
      'keeper',
      'administrator',
    ] as const) {
      const client = await edition.person('other', role, role === 'applicant' ? undefined : 'hf');
      expect(await client.refused('GET', '/v1/ageing')).toMatchObject({ status: 403 });
    }
    const taskId = await direct.taskId('grassrootsReview');
    for (const path of ['', '/history']) {
      expect(await county.refused('GET', `/v1/tasks/${taskId}${path}`)).toMatchObject({ status: 403 });
    }
  });

  test('按种类、级别、县区、逾期筛选；一页一页取，不重不漏，先到期的在前', async () => {
    const province = await edition.person('province', 'centreReviewer', 'ah');
    const more = await Promise.all([file({ route: 'territorial' }), file(), file({ route: 'territorial' })]);
    await more[1]?.decide('grassrootsReview', PASS);
    const wanted = [city, more[0], more[2]].map((one) => one?.caseId ?? '');

    expect((await casesIn(province, '?inbox=below&union=hf-1')).toSorted()).toEqual(wanted.toSorted());
    expect(await casesIn(province, '?inbox=below&kind=superiorReview')).toEqual([more[1]?.caseId]);
    expect(await casesIn(province, '?inbox=below&level=superior')).toEqual([more[1]?.caseId]);
    expect(await casesIn(province, '?inbox=below&level=superior&union=hf')).toEqual([]);
    expect(await casesIn(province, '?inbox=below&overdue=true')).toEqual([]);

    const paged: { taskId: string; dueOn: string | null }[] = [];
    let query = '?inbox=below&limit=2';
    for (;;) {
      const { tasks, cursor } = await list(province, query);
      expect(tasks.length).toBeLessThanOrEqual(2);
      paged.push(...tasks);
      if (cursor === null) break;
      query = `?inbox=below&limit=2&cursor=${encodeURIComponent(cursor)}`;
    }
    const all = await list(province, '?inbox=below');
    expect(paged.map(({ taskId }) => taskId)).toEqual(all.tasks.map(({ taskId }) => taskId));
    expect(new Set(paged.map(({ taskId }) => taskId)).size).toBe(5);
    const due = paged.map(({ dueOn }) => dueOn ?? '');
    expect(due).toEqual(due.toSorted());

    await edition.advanceDays(16);
    expect(await casesIn(province, '?inbox=below&overdue=true')).toHaveLength(5);
    expect(await casesIn(province, '?inbox=below&overdue=false')).toEqual([]);
    const summary = await province.get('/v1/ageing');
    expect(summary).toMatchObject({
      organisation: 'ah',
      levels: [
        { level: 'grassroots', open: 4, overdue: 4, withoutDueDay: 0 },
        { level: 'superior', open: 1, overdue: 1 },
        { level: 'centre', open: 0, overdue: 0, oldestSince: null },
      ],
      unions: [
        { organisation: 'ah-direct', open: 2 },
        { organisation: 'hf', open: 3 },
      ],
    });
    for (const one of more) await one.withdraw();
    await edition.settle();
    expect(await casesIn(province, '?inbox=below&overdue=true')).toHaveLength(2);
  });
});

test('异议的内容只给调查的人和上级看，申请人看不到', async () => {
  const application = await file();
  await application.passBelow();
  await application.decide('centreReview', PASS);
  await application.object();
  await application.noticeEnds();
  const taskId = await application.taskId('objections');
  const { superior, centre } = application.staff;
  for (const client of [superior, centre]) {
    expect(await client.get(`/v1/tasks/${taskId}`)).toMatchObject({ objections: [{ contact: null }] });
  }
  expect(await application.worker.refused('GET', `/v1/tasks/${taskId}`)).toMatchObject({ status: 403 });
  await application.withdraw();
});

describe('回避（B-4）', () => {
  const account = (idIndex: string, subject: string) =>
    edition.ports.items.transact([
      {
        type: 'put',
        item: { ...keys.accountGuard(idIndex), version: 1, schema: 1, data: { subject } },
        condition: 'absent',
      },
    ]);

  test('家庭成员、法定赡养抚养扶养人有账号的，不能办理、认领本家庭的申请', async () => {
    const application = await file();
    const [person] = (await application.record()).persons;
    await account(person?.idIndex ?? '', 'relative');
    const relative = await colleague('relative');
    await makeAccount(edition.ports, 'relative', ['grassrootsOfficer', 'ah-direct-1']);
    const taskId = await application.taskId('grassrootsReview');
    const body = await application.opinion(relative, taskId, 'grassrootsReview', PASS);
    for (const [path, sent] of [
      ['decision', body],
      ['claim', undefined],
    ] as const) {
      expect(await relative.refused('POST', `/v1/tasks/${taskId}/${path}`, sent)).toMatchObject({
        status: 403,
        code: 'decided-before',
        clause: 'B-4',
      });
    }
    const stranger = await colleague('stranger');
    expect(
      await stranger.refused('POST', `/v1/tasks/${taskId}/assignment`, {
        to: { subject: 'relative', name: '亲属' },
        reason: '转交。',
      }),
    ).toMatchObject({ status: 422, faults: [{ pointer: '/to/subject', code: 'decided-before' }] });
    expect(
      await relative.refused('POST', `/v1/cases/${application.caseId}/visits`, await application.visitForm()),
    ).toMatchObject({ status: 403, code: 'own-household', clause: 'B-4' });
    await application.decide('grassrootsReview', PASS, stranger);
    await application.withdraw();
  });
});
