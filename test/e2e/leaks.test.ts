/**
 * The whole demonstration, and people around it, on the one-machine edition; then everything that the edition has written
 * or said is searched for what must not be readable: its answers, its log, its data folder file by file, its tables row by
 * row, its executions, its metrics. Of the papers, not one byte of content either.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { ApiClient } from '../../scripts/demo/client.ts';
import { DEMO_START, playStories } from '../../scripts/demo/play.ts';
import { printCase } from '../../scripts/demo/print.ts';
import type { Story } from '../../scripts/demo/stories.ts';
import { Browser } from '../support/browser.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson } from '../support/households.ts';
import { Leaks } from '../support/leaks.ts';

const CONTACT = '13955512345';
const REGISTERED = { name: '某注册', idNumber: newPerson('m1', '本人').idNumber, phone: '13866612345' };

let edition: TestEdition;
let stories: readonly Story[];
let leaks: Leaks;
/** Bodies of all answers, whoever asked; and what the demonstration printed. */
const answers: string[] = [];
const printed: string[] = [];

/** Keeps what every answer says; the bytes that clients send are no concern of it. */
const listen = (): (() => void) => {
  const original = globalThis.fetch;
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (...request) => {
    const answer = await original(...request);
    answers.push(JSON.stringify([...answer.headers]), await answer.clone().text());
    return answer;
  });
  return () => spy.mockRestore();
};

const refusals = async (worker: ApiClient, story: Story): Promise<void> => {
  const { household } = story.filing;
  const [first] = household.persons;
  const wrong = [
    { ...household, phone: `${household.phone}9` },
    { ...household, bankCard: { ...household.bankCard, number: `${household.bankCard.number}9` } },
    { ...household, address: [household.address] },
    { ...household, persons: [{ ...first, idNumber: `${first?.idNumber}9` }] },
  ];
  for (const body of wrong) await expect(worker.post('/v1/cases', body, z.unknown())).rejects.toThrow();
  for (const path of [`/v1/cases/${first?.idNumber}`, `/v1/cases?cursor=${household.phone}`]) {
    await expect(worker.get(path, z.unknown())).rejects.toThrow();
  }
};

beforeAll(async () => {
  const stop = listen();
  const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
    printed.push(String(line));
  });
  try {
    edition = await openTestEdition({ start: DEMO_START });
    const sign = async (...who: Parameters<TestEdition['token']>) =>
      new ApiClient(edition.url, await edition.token(...who));
    stories = await playStories(
      {
        base: edition.url,
        sign,
        idle: () => edition.edition.idle(),
        advanceTo: (instant) => edition.edition.advanceTo(instant),
      },
      (line) => printed.push(line),
    );
    for (const story of stories) await printCase(story, async (place) => ({ place, ok: true, report: '' }));
    const [first] = stories;
    if (first === undefined) throw new Error('there are stories');
    await refusals(await sign('worker-1', '某', 'applicant'), first);
    // Someone objects with a contact, after the notice: refused or not, it must not be repeated.
    const { notices } = z
      .looseObject({ notices: z.array(z.looseObject({ noticeId: z.string() })) })
      .parse(await edition.anyone().get('/v1/notices'));
    for (const { noticeId } of notices) {
      await edition
        .anyone()
        .call('POST', `/v1/notices/${noticeId}/objections`, { text: '有异议。', contact: CONTACT });
    }
    const browser = new Browser();
    const password = 'correct horse battery';
    const registered = await browser.submit(await browser.open(`${edition.url}/account/register`), {
      ...REGISTERED,
      password,
      again: password,
    });
    expect(registered.text).toContain('注册已受理');
    answers.push(await (await fetch(`${edition.url}/metrics`)).text());
    await edition.settle();
  } finally {
    log.mockRestore();
    stop();
  }
  leaks = new Leaks([
    ...stories.flatMap(({ filing: { household } }) => [
      ...household.persons.map(({ idNumber }) => idNumber),
      household.phone,
      household.bankCard.number,
      household.address,
      household.address.slice(household.address.indexOf('样例路')),
    ]),
    CONTACT,
    REGISTERED.idNumber,
    REGISTERED.phone,
  ]);
}, 120_000);
afterAll(() => edition.close());

const filesOf = async (): Promise<readonly string[]> => {
  const entries = await readdir(edition.folder.path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

const foundInFiles = async (): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const file of await filesOf()) {
    for (const leak of leaks.search(await readFile(file))) found.push(`${file}: ${leak}`);
  }
  return found;
};

/** Every row of every table, as JSON: a page of the file may end within a value. */
const rowsOf = (): ReadonlyMap<string, readonly string[]> => {
  const database = new DatabaseSync(join(edition.folder.path, 'filing.db'), { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return new Map(
      tables.map(({ name }) => [
        String(name),
        database
          .prepare(`SELECT * FROM "${String(name)}"`)
          .all()
          .map((row) => JSON.stringify(row)),
      ]),
    );
  } finally {
    database.close();
  }
};

describe('证件号码、手机号码、银行卡号、住址、异议人联系方式，任何写法都读不到', () => {
  test('找得到：放进去的每一种都会被发现', async () => {
    expect(leaks.size).toBeGreaterThan(40);
    const planted = join(edition.folder.path, 'documents', 'planted');
    const [story] = stories;
    await writeFile(planted, Buffer.from(`x${story?.filing.household.bankCard.number}`, 'utf16le'));
    expect(await foundInFiles()).toEqual([
      `${planted}: ${story?.filing.household.bankCard.number} (utf-16le)`,
    ]);
    await writeFile(planted, '');
    // And what stands in plain on purpose is seen where it stands: the search does reach the tables.
    const ids = new Leaks(stories.map(({ filing }) => filing.caseId));
    expect(ids.search([...rowsOf().values()].flat().join('\n'))).toHaveLength(stories.length);
  });

  test('接口的答复、报错和指标里没有', () => {
    expect(answers.length).toBeGreaterThan(300);
    expect(answers.some((text) => text.includes('invalid-input'))).toBe(true);
    expect(answers.some((text) => text.includes('StageEntered') || text.includes('stage_entered'))).toBe(
      true,
    );
    expect(leaks.search(answers.join('\n'))).toEqual([]);
  });

  test('日志和演示的输出里没有', () => {
    expect(edition.log.length).toBeGreaterThan(50);
    expect(printed.length).toBeGreaterThan(100);
    expect(leaks.search([...edition.log, ...printed].join('\n'))).toEqual([]);
  });

  test('数据目录的任何文件里都没有：数据库、日志、材料、档案、消息、密钥', async () => {
    const names = (await filesOf()).map((file) => file.slice(edition.folder.path.length + 1));
    for (const name of [
      'filing.db',
      'filing.db-wal',
      'messages.jsonl',
      'sign-ins.jsonl',
      'keys/vault.json',
    ]) {
      expect(names).toContain(name);
    }
    expect(names.filter((name) => name.startsWith('documents/uploads/')).length).toBeGreaterThan(50);
    expect(names.filter((name) => name.startsWith('documents/archive/')).length).toBeGreaterThan(50);
    expect(await foundInFiles()).toEqual([]);
  });

  test('数据库的任何一行里都没有，流程的输入和历史里连姓名也没有', () => {
    const rows = rowsOf();
    expect([...rows.keys()]).toEqual(
      expect.arrayContaining(['items', 'documents', 'workflow_executions', 'workflow_history', 'sign_in']),
    );
    for (const [table, texts] of rows) {
      expect({ table, found: leaks.search(texts.join('\n')) }).toEqual({ table, found: [] });
    }
    const names = new Leaks(
      stories.flatMap(({ filing }) => filing.household.persons.map(({ name }) => name)),
    );
    for (const [table, texts] of rows) {
      if (!table.startsWith('workflow')) continue;
      expect(texts.length).toBeGreaterThan(0);
      expect({ table, found: names.search(texts.join('\n')) }).toEqual({ table, found: [] });
    }
  });
});

test('材料和档案的内容，磁盘上一个片段也读不到', async () => {
  const { documents } = edition.ports;
  const pieces: Buffer[] = [Buffer.from('%PDF-1.'), Buffer.from('JFIF\0'), Buffer.from('endstream')];
  const keys = [...(await documents.list('uploads/')), ...(await documents.list('archive/'))];
  expect(keys.length).toBeGreaterThan(100);
  for (const key of keys) {
    const content = Buffer.from(await documents.read(key));
    for (const at of [0, content.length >> 1, content.length - 32]) {
      if (at >= 0 && content.length >= 32) pieces.push(content.subarray(at, at + 32));
    }
  }
  const stored = Buffer.concat(
    await Promise.all(
      (await filesOf()).filter((file) => file.includes('/documents/')).map((file) => readFile(file)),
    ),
  );
  expect(stored.length).toBeGreaterThan(1_000_000);
  const distinct = [...new Map(pieces.map((piece) => [piece.toString('latin1'), piece])).values()];
  expect(distinct.length).toBeGreaterThan(100);
  expect(distinct.filter((piece) => stored.includes(piece))).toEqual([]);
});
