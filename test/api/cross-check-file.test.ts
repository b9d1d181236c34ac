/** The cross-check by file: the list, the reply with every fault, and the same records as by callback. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { REPLY_HEADINGS } from '#domain/filing/cross-check-sheet.ts';
import { readSheet, type SheetFormat, writeSheet } from '#functions/shared/sheet.ts';
import { run } from '../../scripts/cross-check.ts';
import { Application } from '../support/application.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { newPerson } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  // No interface to the centre: everything goes by file.
  edition = await openTestEdition({ centre: 'none' });
});
afterAll(() => edition.close());

const byHand = async (given: Parameters<typeof Application.open>[1] = {}) => {
  const application = await (await Application.open(edition, given)).file();
  await application.passBelow();
  expect(await application.record()).toMatchObject({ stage: 'crossCheckByHand' });
  const requestId = (await application.record()).crossCheck?.requestId ?? '';
  return { application, requestId };
};

const EXPORT = `/v1/cross-checks/export?purpose=${encodeURIComponent('送民政信息中心比对')}`;
const report = z.looseObject({
  applied: z.boolean(),
  faults: z.array(z.looseObject({ row: z.number(), column: z.string().nullable(), code: z.string() })),
  counts: z.record(z.string(), z.number()),
});

const row = (cells: Partial<Record<(typeof REPLY_HEADINGS)[number], string>>): string[] =>
  REPLY_HEADINGS.map((heading) => cells[heading] ?? '');
const base = { 来源: '省民政信息中心', 数据日期: '2019-01-07' } as const;
const clean = (请求编号: string, ...categories: string[]): string[][] =>
  categories.map((类别) => row({ ...base, 请求编号, 类别, 结果: '无' }));
const home = (
  请求编号: string,
  more: Partial<Record<(typeof REPLY_HEADINGS)[number], string>> = {},
): string[] =>
  row({
    ...base,
    请求编号,
    类别: '房产',
    结果: '有',
    人员编号: 'p1',
    种类: '住房',
    编号: 'a',
    面积或价格: '60',
    坐落或名称: '合肥市样例路**号',
    ...more,
  });

const sheet = (rows: readonly string[][], format: SheetFormat = 'xlsx'): Promise<Uint8Array> =>
  writeSheet('比对结果', [[...REPLY_HEADINGS], ...rows], format);

const send = async (
  application: Application,
  rows: readonly string[][],
  apply = false,
  format: SheetFormat = 'xlsx',
) => {
  const type = format === 'csv' ? 'text/csv' : 'application/octet-stream';
  const { status, body } = await application.staff.centre.sendFile(
    `/v1/cross-checks/import?apply=${apply}`,
    await sheet(rows, format),
    type,
  );
  expect(status).toBe(200);
  await edition.settle();
  return report.parse(body);
};

describe('the list', () => {
  test.each(['xlsx', 'csv'] as const)(
    '%s: members and supporters, ID numbers as text; who took it and what for is on record',
    async (format) => {
      const supporter = newPerson('supporter', '父亲');
      const spouse = newPerson('spouse', '配偶');
      const opened = await Application.open(edition, { spouse });
      const household = { ...opened.household, supporters: [supporter] };
      const { application, requestId } = await byHand({ household });
      const { content } = await application.staff.centre.file(`${EXPORT}&format=${format}`);
      const rows = (await readSheet(content)).filter(([id]) => id === requestId);
      const [worker] = application.household.persons;
      expect(
        rows.map(([, personId, name, idNumber, relation, categories]) => [
          personId,
          name,
          idNumber,
          relation,
          categories,
        ]),
      ).toEqual([
        ['p1', worker?.name, worker?.idNumber, '本人', '房产、车辆、工商登记'],
        ['p2', spouse.name, spouse.idNumber, '配偶', '房产、车辆、工商登记'],
        ['p3', supporter.name, supporter.idNumber, '户外法定赡养、抚养、扶养人', '房产、车辆、工商登记'],
      ]);
      expect((await application.events()).at(-1)).toMatchObject({
        type: 'crossCheckExported',
        actor: { kind: 'person', subject: 'reviewer' },
        data: { requestId, persons: 3, opened: { field: 'idNumber', purpose: '送民政信息中心比对' } },
      });
      const personal = [worker, spouse, supporter].flatMap((one) => [one?.idNumber ?? '', one?.name ?? '']);
      expect(edition.log.filter((line) => personal.some((one) => line.includes(one)))).toEqual([]);
      await application.withdraw();
    },
  );

  test('only the reviewer of the own centre gets it, and only for a purpose', async () => {
    const { application, requestId } = await byHand();
    const { grassroots, superior, secretary, centre } = application.staff;
    for (const by of [grassroots, superior, secretary, application.worker]) {
      expect(await by.refused('GET', EXPORT)).toMatchObject({ status: 403 });
    }
    expect(await centre.refused('GET', '/v1/cross-checks/export')).toMatchObject({ status: 422 });
    const elsewhere = await edition.person('elsewhere', 'centreReviewer', 'hf');
    const rows = await readSheet((await elsewhere.file(EXPORT)).content);
    expect(rows.filter(([id]) => id === requestId)).toEqual([]);
    expect(await application.eventTypes()).not.toContain('crossCheckExported');
    await application.withdraw();
  });
});

describe('the reply', () => {
  test('names every fault by row and column, and takes nothing; tried first, then taken', async () => {
    const { application, requestId } = await byHand();
    const mark = await application.mark();
    const faulty = [
      home(requestId, { 人员编号: 'p9' }),
      home(requestId, { 编号: 'b', 面积或价格: '六十' }),
      ...clean(requestId, '车辆', '存款', '户口'),
      row({ ...base, 请求编号: requestId, 类别: '工商登记', 结果: '不详' }),
      ...clean('0'.repeat(26), '房产'),
    ];
    const { applied, faults } = await send(application, faulty, true);
    expect(applied).toBe(false);
    expect(faults.map(({ row: at, column, code }) => [at, column, code])).toEqual([
      [3, '面积或价格', 'invalid'],
      [5, '类别', 'not-asked'],
      [6, '类别', 'unknown-category'],
      [7, '结果', 'unknown-status'],
      [8, '请求编号', 'unknown-request'],
    ]);
    const stranger = [
      home(requestId),
      home(requestId, { 编号: 'b', 人员编号: 'p9' }),
      ...clean(requestId, '车辆', '工商登记'),
    ];
    expect((await send(application, stranger, true)).faults).toMatchObject([
      { row: 3, column: '人员编号', code: 'person-not-asked' },
    ]);
    const sound = [home(requestId), ...clean(requestId, '车辆', '工商登记')];
    expect(await send(application, sound)).toMatchObject({
      applied: false,
      faults: [],
      counts: { taken: 1 },
    });
    expect(await application.mark()).toBe(mark);

    expect(await send(application, sound, true, 'csv')).toMatchObject({
      applied: true,
      counts: { taken: 1, known: 0 },
    });
    expect(await application.record()).toMatchObject({
      crossCheck: { status: 'complete', findings: [{ clause: 'B-8.1' }] },
    });
    expect((await application.events()).at(-1)).toMatchObject({
      type: 'crossCheckAnswered',
      actor: { kind: 'person', subject: 'reviewer' },
      data: { complete: true, hits: ['housing'], byFile: true },
    });
    // The same reply in another file is no second one.
    expect(await send(application, sound, true)).toMatchObject({
      applied: true,
      counts: { taken: 0, known: 1 },
    });

    await application.step();
    expect(await application.record()).toMatchObject({ stage: 'adjudicating' });
    expect((await application.table()).filter(({ open }) => open)).toMatchObject([{ id: 'home/a' }]);
    await application.adjudicate();
    expect(await application.record()).toMatchObject({ stage: 'centreReview' });
  });

  test('another centre’s request is none', async () => {
    const { application, requestId } = await byHand();
    const elsewhere = await edition.person('elsewhere', 'centreReviewer', 'hf');
    const answer = await elsewhere.sendFile(
      '/v1/cross-checks/import?apply=true',
      await sheet(clean(requestId, '房产', '车辆', '工商登记')),
      'application/octet-stream',
    );
    expect(report.parse(answer.body).faults).toMatchObject([{ row: 2, code: 'unknown-request' }]);
    await application.withdraw();
  });
});

test('npm run cross-check: exports, imports, names faults', async () => {
  const { requestId } = await byHand();
  const folder = await mkdtemp(join(tmpdir(), 'cross-check-'));
  try {
    const token = await edition.token('reviewer', '复审人', 'centreReviewer', 'ah');
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const at = ['--token', token, '--url', edition.url];
    const list = join(folder, 'list.csv');
    expect(await run(['export', list, '--purpose', '送民政信息中心比对', ...at], print, print)).toBe(0);
    expect(await readFile(list, 'utf8')).toContain(requestId);
    expect((await stat(list)).mode & 0o777).toBe(0o600);
    const reply = join(folder, 'reply.xlsx');
    await writeFile(reply, await sheet([home(requestId, { 种类: '别墅' })]));
    expect(await run(['import', reply, '--apply', ...at], print, print)).toBe(1);
    expect(lines).toContain('第2行“种类”：“种类”的内容有误或缺少，请按说明填写。［invalid］');
    await writeFile(reply, await sheet(clean(requestId, '房产', '车辆', '工商登记')));
    expect(await run(['import', reply, '--apply', ...at], print, print)).toBe(0);
    expect(lines.at(-1)).toBe('已接收 1 份结果，另有 0 份此前已接收。');
    expect(await run(['import', reply, ...at.with(1, 'nonsense')], print, print)).toBe(2);
    expect(await run(['import'], print, print)).toBe(2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
