import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executionName } from '#domain/filing/case.ts';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { type Household, newPerson } from '../support/households.ts';
import { Leaks } from '../support/leaks.ts';

/** What must not stand anywhere in plain form. The address also by its part below the street. */
const secretsOf = (household: Household): readonly string[] => [
  ...household.persons.map(({ idNumber }) => idNumber),
  household.phone,
  household.bankCard.number,
  household.address,
  /样例路(\d+号303室)/.exec(household.address)?.[1] ?? household.address,
];

const CONTACT = '张样例 13955512345';

let edition: TestEdition;
const applications: Application[] = [];
const answers: string[] = [];
let secrets: readonly string[] = [];
let leaks: Leaks;

const look = async (application: Application): Promise<void> => {
  const path = `/v1/cases/${application.caseId}`;
  const { openTask, notice } = await application.record();
  const { grassroots, superior, centre } = application.staff;
  for (const reader of [application.worker, grassroots, superior, centre]) {
    for (const tail of ['', '/events', '/letters'])
      answers.push(JSON.stringify(await reader.get(`${path}${tail}`)));
    answers.push(JSON.stringify(await reader.get('/v1/cases')));
    answers.push(JSON.stringify(await reader.get('/v1/tasks')));
  }
  if (openTask !== null)
    answers.push(JSON.stringify((await centre.call('GET', `/v1/tasks/${openTask.taskId}`)).body));
  const visitor = edition.anyone();
  answers.push(JSON.stringify(await visitor.get('/v1/notices')));
  if (notice !== null)
    answers.push(JSON.stringify((await visitor.call('GET', `/v1/notices/${notice.noticeId}`)).body));
};

beforeAll(async () => {
  edition = await openTestEdition();
  const open = async (wanted: Parameters<typeof Application.open>[1] = {}): Promise<Application> => {
    const application = await (await Application.open(edition, wanted)).file();
    applications.push(application);
    return application;
  };
  // One to its archive, over an objection; one refused; one withdrawn.
  const filed = await open({ spouse: newPerson('spouse', '配偶'), name: '程双房' });
  await look(filed);
  await filed.passBelow();
  await look(filed);
  await filed.adjudicate({
    'home/property-1': { choice: 'declared', reason: '已出售。' },
    'home/property-2': { choice: 'declared', reason: '已出售。' },
  });
  await filed.decide('centreReview', PASS);
  await look(filed);
  const { notice } = await filed.record();
  await edition
    .anyone()
    .post(`/v1/notices/${notice?.noticeId}/objections`, { text: '该户另有住房出租。', contact: CONTACT });
  await filed.noticeEnds();
  await look(filed);
  await filed.finish();
  await look(filed);
  const refused = await open({ route: 'territorial' });
  await refused.decide('grassrootsReview', { decision: 'reject', opinion: '不符合。', clauses: ['B-5.6'] });
  await look(refused);
  const withdrawn = await open();
  await withdrawn.withdraw();
  await look(withdrawn);
  const [first] = applications;
  if (first === undefined) throw new Error('there are applications');
  // Refusals of what was typed wrongly, keys and values alike.
  const { worker, household } = first;
  for (const body of [
    {
      ...household,
      phone: `${household.phone}9`,
      persons: household.persons.map((one) => ({ ...one, idNumber: `${one.idNumber}9` })),
    },
    { ...household, bankCard: { ...household.bankCard, number: `${household.bankCard.number}9` } },
    { ...household, address: { street: household.address }, [household.phone]: household.phone.length },
  ]) {
    const problem = await worker.refused('POST', '/v1/cases', body);
    const { faults, ...rest } = problem;
    // A key that the caller made up is named; what stands under keys of ours is not.
    answers.push(JSON.stringify([rest, (faults ?? []).filter(({ code }) => code !== 'unknown-key')]));
  }
  await edition.settle();
  secrets = [
    ...applications.flatMap((application) => secretsOf(application.household)),
    CONTACT,
    '13955512345',
  ];
  leaks = new Leaks(secrets);
});
afterAll(() => edition.close());

describe('个人信息', () => {
  test('接口的答复只有遮蔽后的形式', async () => {
    expect(answers.length).toBeGreaterThan(50);
    expect(leaks.search(answers.join('\n'))).toEqual([]);
    const [application] = applications;
    const view = await application?.worker.get(`/v1/cases/${application.caseId}`);
    expect(view).toMatchObject({
      phone: expect.stringMatching(/^\d{3}\*{4}\d{4}$/),
      address: expect.stringContaining('*'),
      bankCard: { number: expect.stringMatching(/\*/) },
      persons: [{ idNumber: expect.stringMatching(/\*/) }, { idNumber: expect.stringMatching(/\*/) }],
    });
    for (const answer of answers) {
      for (const inside of ['"sealed"', '"idIndex"', 'taskToken']) expect(answer).not.toContain(inside);
    }
  });

  test('日志里没有', () => {
    expect(edition.log.length).toBeGreaterThan(20);
    expect(leaks.search(edition.log.join('\n'))).toEqual([]);
  });

  test('流程的输入和历史里没有，连姓名也没有', async () => {
    for (const application of applications) {
      const name = executionName(await application.record());
      const { workflow } = edition.ports;
      const text = JSON.stringify([await workflow.describe(name), await workflow.history(name)]);
      const names = application.household.persons.map(({ name: person }) => person);
      expect(new Leaks([...secrets, ...names]).search(text)).toEqual([]);
    }
  });

  test('档案的文字里只有遮蔽后的和密封的形式；查找本身有效', async () => {
    const { documents } = edition.ports;
    const keys = (await documents.list('archive/')).filter((key) => /\.jsonl?$/.test(key));
    expect(keys.length).toBeGreaterThan(5);
    const texts = await Promise.all(keys.map((key) => documents.read(key)));
    expect(leaks.search(Buffer.concat(texts))).toEqual([]);
    const [filed] = applications;
    expect(new Leaks([filed?.caseId ?? '']).search(Buffer.concat(texts))).toHaveLength(1);
  });

  test('数据目录的任何文件里都没有，材料和档案也不例外', async () => {
    const root = edition.folder.path;
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const names = files.map((file) => file.slice(root.length + 1));
    expect(names).toEqual(expect.arrayContaining(['filing.db', 'messages.jsonl']));
    expect(names.some((name) => name.includes('case.json'))).toBe(true);
    for (const file of files) {
      expect({ file, found: leaks.search(await readFile(file)) }).toEqual({ file, found: [] });
    }
    // The search does find what is there: the cases' ids stand in the database.
    const database = await Promise.all(
      files.filter((file) => file.includes('filing.db')).map((file) => readFile(file)),
    );
    const ids = new Leaks(applications.map(({ caseId }) => caseId));
    expect(ids.search(Buffer.concat(database))).toHaveLength(applications.length);
  });
});
