import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readSheet, SHEET_TYPES, writeSheet } from '#functions/shared/sheet.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

let edition: TestEdition;
let administrator: Client;
let worker: Client;
beforeAll(async () => {
  edition = await openTestEdition();
  administrator = await edition.person('administrator', 'administrator');
  worker = await edition.person('worker', 'applicant');
});
afterAll(() => edition.close());

const LIST = z.looseObject({
  organisations: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  cursor: z.string().nullable(),
});
const search = async (query: string): Promise<z.infer<typeof LIST>> =>
  LIST.parse(await worker.get(`/v1/organisations${query}`));
const ids = async (query: string): Promise<readonly string[]> =>
  (await search(query)).organisations.map(({ id }) => id);

const FIELDS = {
  name: '新设街道工会',
  parent: 'hf-1',
  region: '340104',
  supervisionPhone: '０５５１－６２３４５６７８',
};

describe('查询', () => {
  test('申请人按名称找受理的工会', async () => {
    expect(await ids('?name=%E8%A1%97%E9%81%93&filing=true')).toContain('hf-1-1');
    expect(await ids('?kind=city')).toEqual(['hf']);
    expect(await ids('?name=%E6%B2%A1%E6%9C%89')).toEqual([]);
  });

  test('一页一页看，不漏不重', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: z.infer<typeof LIST> = await search(`?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.organisations.map(({ id }) => id));
      ({ cursor } = page);
    }
    expect(seen.toSorted()).toEqual((await ids('')).toSorted());
    expect(new Set(seen).size).toBe(seen.length);
    expect((await worker.refused('GET', '/v1/organisations?cursor=nobody')).code).toBe('invalid-cursor');
  });

  test('一个单位连同上下级', async () => {
    expect(await worker.get('/v1/organisations/hf-1')).toMatchObject({
      kindName: '县（区）总工会',
      path: [{ id: 'ah' }, { id: 'hf' }, { id: 'hf-1', name: '示例区总工会' }],
      filing: false,
    });
    expect((await worker.refused('GET', '/v1/organisations/nobody')).code).toBe('organisation-not-found');
  });

  test('未登录不能查', async () => {
    expect((await edition.anyone().refused('GET', '/v1/organisations')).status).toBe(401);
  });
});

describe('变更', () => {
  test('管理员设立、改名、撤销，每次变更都留有原因和经办人', async () => {
    const made = await administrator.post('/v1/organisations', {
      ...FIELDS,
      kind: 'community',
      reason: '新设街道',
    });
    expect(made).toMatchObject({ supervisionPhone: '0551-62345678', activeFrom: null });
    const id = z.string().parse(made.id);
    expect(id).toMatch(/^[0-9a-z]{26}$/);
    await administrator.put(`/v1/organisations/${id}`, {
      ...FIELDS,
      name: '改名街道工会',
      reason: '街道更名',
    });
    expect(await ids('?name=%E6%94%B9%E5%90%8D')).toEqual([id]);
    await administrator.post(`/v1/organisations/${id}/dissolution`, {
      successor: 'hf-1',
      reason: '街道合并',
    });
    // Said again: nothing more.
    await administrator.post(`/v1/organisations/${id}/dissolution`, {
      successor: 'hf-1',
      reason: '街道合并',
    });
    expect(await ids('?name=%E6%94%B9%E5%90%8D')).toEqual([]);
    expect(await ids('?name=%E6%94%B9%E5%90%8D&dissolved=true')).toEqual([id]);
    const { changes } = await administrator.get(`/v1/organisations/${id}/changes`);
    expect(changes).toMatchObject([
      { reason: '新设街道', before: null, by: { subject: 'administrator' }, added: 1 },
      { reason: '街道更名', before: { name: '新设街道工会' }, after: { name: '改名街道工会' }, changed: 1 },
      {
        reason: '街道合并',
        after: { dissolution: { on: edition.today, successor: 'hf-1' } },
        dissolved: 1,
      },
    ]);
    const late = await administrator.refused('PUT', `/v1/organisations/${id}`, { ...FIELDS, reason: '再改' });
    expect(late.faults).toMatchObject([{ pointer: '/dissolution', code: 'dissolved-already' }]);
  });

  test('错误一次列全', async () => {
    const refused = await administrator.refused('POST', '/v1/organisations', {
      ...FIELDS,
      kind: 'city',
      region: '340199',
      supervisionPhone: '12',
      code: '91340100MA2MXXXXX0',
      reason: '新设',
    });
    expect(refused.faults?.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/code',
      '/parent',
      '/region',
      '/supervisionPhone',
    ]);
  });

  test('编码不能重复使用；撤销须有承接单位，还有下级的不能撤销', async () => {
    const again = { ...FIELDS, id: 'hf', kind: 'community', reason: '新设' };
    expect((await administrator.refused('POST', '/v1/organisations', again)).code).toBe(
      'organisation-exists',
    );
    const path = '/v1/organisations/hf-1/dissolution';
    const refused = await administrator.refused('POST', path, { successor: 'hf', reason: '撤销' });
    expect(refused.faults?.map(({ code }) => code)).toContain('parent-dissolved');
    const nobody = await administrator.refused('POST', path, { successor: 'nobody', reason: '撤销' });
    expect(nobody.faults?.map(({ code }) => code)).toContain('unknown-successor');
  });

  test('只有管理员能变更、导入、导出', async () => {
    const keeper = await edition.person('keeper', 'keeper', 'ah');
    for (const one of [worker, keeper]) {
      expect((await one.refused('POST', '/v1/organisations', {})).status).toBe(403);
      expect((await one.refused('GET', '/v1/organisations/export')).status).toBe(403);
      expect((await one.refused('GET', '/v1/organisations/hf/changes')).status).toBe(403);
      const answer = await one.sendFile('/v1/organisations/import', Buffer.from('x'), SHEET_TYPES.csv);
      expect(answer.status).toBe(403);
    }
  });

  test('两名管理员同时变更：都成，谁的也不丢', async () => {
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        administrator.call('POST', '/v1/organisations', {
          ...FIELDS,
          id: `race-${index}`,
          name: `同时设立${index}`,
          kind: 'community',
          reason: '同时设立',
        }),
      ),
    );
    const won = made.filter(({ status }) => status === 201).length;
    // Who was overtaken again and again is told so, and nothing of it is there.
    for (const { status, body } of made) if (status !== 201) expect(body.code).toBe('conflict');
    expect(won).toBeGreaterThanOrEqual(2);
    expect(await ids('?name=%E5%90%8C%E6%97%B6%E8%AE%BE%E7%AB%8B')).toHaveLength(won);
    const same = await Promise.all(
      [1, 2].map(() =>
        administrator.call('POST', '/v1/organisations', {
          ...FIELDS,
          id: 'race-same',
          name: '同一个',
          kind: 'community',
          reason: '同时设立',
        }),
      ),
    );
    expect(same.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });
});

const HEADINGS = [
  '单位编码',
  '上级单位编码',
  '工会名称',
  '类型',
  '行政区划',
  '监督电话',
  '撤销日期',
  '承接单位',
];
const sheet = (format: 'xlsx' | 'csv', ...rows: string[][]) => writeSheet('x', [HEADINGS, ...rows], format);
const PHONE = '0551-62345678';

describe('导入和导出', () => {
  test.each(['xlsx', 'csv'] as const)('导出的 %s 原样导入，什么也不变', async (format) => {
    const { content, contentType } = await administrator.file(`/v1/organisations/export?format=${format}`);
    expect(contentType).toBe(SHEET_TYPES[format]);
    const answer = await administrator.sendFile(
      '/v1/organisations/import?apply=true',
      content,
      SHEET_TYPES[format],
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { applied: true, counts: { added: 0, changed: 0, dissolved: 0, faults: 0 } },
    });
  });

  test.each(['xlsx', 'csv'] as const)('%s：先看会怎样，再导入', async (format) => {
    const content = await sheet(
      format,
      [`im-${format}`, 'HF-1', '导入的街道工会', '街道', '340104', PHONE, '', ''],
      [`im-${format}-2`, 'hf-1', '导入后撤销的工会', '基层', '340104', PHONE, '2019/1/7', `im-${format}`],
    );
    const path = '/v1/organisations/import';
    const tried = await administrator.sendFile(path, content, 'application/octet-stream');
    expect(tried).toMatchObject({
      status: 200,
      body: {
        applied: false,
        faults: [],
        counts: { added: 2, changed: 0, unchanged: 0 },
        changes: { added: [{ row: 2, id: `im-${format}` }, { row: 3 }] },
      },
    });
    expect((await worker.refused('GET', `/v1/organisations/im-${format}`)).status).toBe(404);
    await administrator.sendFile(
      `${path}?apply=true&reason=%E5%B9%B4%E5%BA%A6`,
      content,
      SHEET_TYPES[format],
    );
    expect(await worker.get(`/v1/organisations/im-${format}`)).toMatchObject({ kind: 'community' });
    const { changes } = await administrator.get(`/v1/organisations/im-${format}-2/changes`);
    expect(changes).toMatchObject([{ reason: '年度', after: { dissolution: { on: '2019-01-07' } } }]);
    // The same sheet again.
    const again = await administrator.sendFile(path, content, SHEET_TYPES[format]);
    expect(again.body.counts).toMatchObject({ added: 0, changed: 0, unchanged: 2 });
    const moved = await sheet(format, [
      `im-${format}`,
      'hf-1',
      `另一个名称${format}`,
      '街道',
      '340104',
      PHONE,
      '',
      '',
    ]);
    await administrator.sendFile(`${path}?apply=true`, moved, SHEET_TYPES[format]);
    expect(await worker.get(`/v1/organisations/im-${format}`)).toMatchObject({
      name: `另一个名称${format}`,
    });
  });

  test('有错的表：逐行逐列一次报全，什么也不导入', async () => {
    const content = await sheet(
      'xlsx',
      ['bad-1', 'nobody', '甲工会', '基层', '340104', PHONE, '', ''],
      ['bad-2', 'hf-1', '', '村', '34', '1', '2019-02-30', ''],
      ['bad-3', 'hf-1', '丙工会', '市', '340199', '1', '', ''],
      ['bad-3', 'hf-1', '丙工会', '街道', '340104', PHONE, '', ''],
      ['good', 'hf-1', '好的工会', '街道', '340104', PHONE, '', ''],
    );
    const tried = await administrator.sendFile('/v1/organisations/import', content, SHEET_TYPES.xlsx);
    const faults = z
      .array(z.looseObject({ row: z.number(), column: z.string(), code: z.string() }))
      .parse(tried.body.faults);
    expect(faults.map(({ row, column, code }) => `${row} ${column} ${code}`).toSorted()).toEqual(
      [
        '2 上级编码 unknown-parent',
        '3 名称 missing',
        '3 类型 unknown-kind',
        '3 地区 not-valid',
        '3 撤销日期 not-valid',
        '3 承接单位编码 missing',
        '4 上级编码 wrong-parent',
        '4 地区 unknown-region',
        '4 监督电话 form',
        '5 单位编码 repeated',
      ].toSorted(),
    );
    const refused = await administrator.sendFile(
      '/v1/organisations/import?apply=true',
      content,
      SHEET_TYPES.xlsx,
    );
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    expect(z.array(z.looseObject({ pointer: z.string() })).parse(refused.body.faults)).toContainEqual(
      expect.objectContaining({ pointer: '/2/上级编码', message: '第2行“上级编码”：没有这个上级单位。' }),
    );
    expect((await worker.refused('GET', '/v1/organisations/good')).status).toBe(404);
  });

  test('不是表格的文件、类型不对、太大：说清楚', async () => {
    const path = '/v1/organisations/import';
    const broken = await administrator.sendFile(path, Buffer.from('PK\u0003\u0004nothing'), SHEET_TYPES.xlsx);
    expect(broken).toMatchObject({ status: 422, body: { code: 'unreadable-sheet' } });
    const json = await administrator.sendFile(path, Buffer.from('{}'), 'application/json');
    expect(json.status).toBe(415);
    const empty = await administrator.sendFile(path, new Uint8Array(), SHEET_TYPES.csv);
    expect(empty).toMatchObject({ status: 400, body: { code: 'empty-file' } });
    const big = await administrator.sendFile(path, Buffer.alloc(4 * 1024 * 1024 + 1, 0x61), SHEET_TYPES.csv);
    expect(big).toMatchObject({ status: 413, body: { maxBytes: 4 * 1024 * 1024 } });
    // Longer than any JSON, and taken.
    const long = `${HEADINGS.join(',')}\n${' '.repeat(2 * 1024 * 1024)}\n`;
    expect(await administrator.sendFile(path, Buffer.from(long), SHEET_TYPES.csv)).toMatchObject({
      status: 200,
      body: { counts: { unchanged: 0, faults: 0 } },
    });
  });

  test('一次导入上千个单位：读的人看到的或者是全部，或者一个也没有', async () => {
    const rows = Array.from({ length: 1500 }, (_, index) => [
      `bulk-${index}`,
      'hf-1',
      `批量工会${index}`,
      '基层',
      '340104',
      PHONE,
      '',
      '',
    ]);
    const content = await sheet('csv', ...rows);
    const seen = new Set<number>();
    let done = false;
    const watch = (async () => {
      while (!done) {
        const tree = await edition.ports.organisations.tree();
        seen.add(tree.all.filter(({ id }) => id.startsWith('bulk-')).length);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const answer = await administrator.sendFile(
      '/v1/organisations/import?apply=true',
      content,
      SHEET_TYPES.csv,
    );
    done = true;
    await watch;
    expect(answer).toMatchObject({ status: 200, body: { applied: true, counts: { added: 1500 } } });
    seen.add(
      (await edition.ports.organisations.tree()).all.filter(({ id }) => id.startsWith('bulk-')).length,
    );
    expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1500]);
    const { content: exported } = await administrator.file('/v1/organisations/export?format=csv');
    const ofBulk = (await readSheet(exported)).filter(([id]) => id?.startsWith('bulk-'));
    expect(ofBulk).toHaveLength(1500);
  });
});

test('重新启动以后，存的是变更过的组织，不再看最初的文件', async () => {
  const first = await openTestEdition({ centre: 'none' });
  const admin = await first.person('administrator', 'administrator');
  await admin.post('/v1/organisations', { ...FIELDS, id: 'kept', kind: 'community', reason: '新设' });
  await first.stop();
  const second = await openTestEdition({ centre: 'none', folder: first.folder });
  try {
    const tree = await second.ports.organisations.tree();
    expect(tree.get('kept')).toMatchObject({ name: '新设街道工会', kind: 'community' });
    expect(tree.all).toHaveLength(7);
  } finally {
    await second.close();
  }
});
