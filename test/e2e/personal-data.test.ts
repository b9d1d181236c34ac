import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executionName } from '#domain/filing/case.ts';
import { Application, PASS } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { type Household, newPerson } from '../support/households.ts';

/** What must not stand anywhere in plain form. The address also by its part below the street. */
const secretsOf = (household: Household): readonly string[] => [
  ...household.persons.map(({ idNumber }) => idNumber),
  household.phone,
  household.bankCard.number,
  household.address,
  /样例路(\d+号303室)/.exec(household.address)?.[1] ?? household.address,
];

const CONTACT = '张样例 13955512345';

const found = (content: Uint8Array, secrets: readonly string[]): readonly string[] => {
  const bytes = Buffer.from(content);
  return secrets.filter((secret) => bytes.includes(secret));
};

let edition: TestEdition;
const applications: Application[] = [];
const answers: string[] = [];
let secrets: readonly string[] = [];

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
});
afterAll(() => edition.close());

describe('个人信息', () => {
  test('接口的答复只有遮蔽后的形式', async () => {
    expect(answers.length).toBeGreaterThan(50);
    for (const answer of answers) expect(found(Buffer.from(answer), secrets)).toEqual([]);
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
    expect(found(Buffer.from(edition.log.join('\n')), secrets)).toEqual([]);
  });

  test('流程的输入和历史里没有，连姓名也没有', async () => {
    for (const application of applications) {
      const name = executionName(await application.record());
      const { workflow } = edition.ports;
      const text = JSON.stringify([await workflow.describe(name), await workflow.history(name)]);
      const names = application.household.persons.map(({ name: person }) => person);
      expect(found(Buffer.from(text), [...secrets, ...names])).toEqual([]);
    }
  });

  test('数据目录里除了上传的材料和归档的材料，任何文件里都没有', async () => {
    const root = edition.folder.path;
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const searched = files.filter(
      (file) =>
        !file.startsWith(join(root, 'documents', 'uploads')) &&
        !/documents\/archive\/[^/]+\/[^/]+\/documents\//.test(file),
    );
    const names = searched.map((file) => file.slice(root.length + 1));
    expect(names).toContain('filing.db');
    expect(names).toContain('messages.jsonl');
    expect(names.some((name) => name.includes('case.json'))).toBe(true);
    for (const file of searched) {
      const content = await readFile(file);
      expect({ file, found: found(content, secrets) }).toEqual({ file, found: [] });
    }
    // The search does find what is there: the case's id stands in the database.
    const ids = applications.map(({ caseId }) => caseId);
    const database = await Promise.all(
      searched.filter((file) => file.includes('filing.db')).map((file) => readFile(file)),
    );
    expect(found(Buffer.concat(database), ids)).toEqual(ids);
  });
});
