/** Outsiders: asked for, approved by the keeper, opened by a code, stamped, counted (B-16). */
import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { verifyChain } from '#domain/filing/audit.ts';
import { keys } from '#functions/shared/keys.ts';
import { Application } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { pdf } from '../support/households.ts';
import { outsiderForm } from '../support/outsider.ts';

let edition: TestEdition;
let one: Application;
/** Of the union that keeps the file. */
let keeper: Client;
let papers: readonly string[];
beforeAll(async () => {
  edition = await openTestEdition();
  one = await (await Application.open(edition)).file();
  keeper = await edition.person('keeper', 'keeper', 'ah-direct-1');
  papers = await one.upload(
    { paper: 'promise', contentType: 'application/pdf', content: pdf() },
    { paper: 'promise', contentType: 'application/pdf', content: pdf() },
  );
});
afterAll(() => edition.close());

const form = (change: Readonly<Record<string, unknown>> = {}) => outsiderForm(papers.slice(0, 1), change);

const request = async (change: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const { accessId } = await one.staff.grassroots.post(
    `/v1/cases/${one.caseId}/external-accesses`,
    form(change),
  );
  return z.string().parse(accessId);
};
const decide = (client: Client, accessId: string, decision: unknown = { decision: 'approve' }) =>
  client.call('POST', `/v1/external-accesses/${accessId}/decision`, decision);
const approved = async (change: Readonly<Record<string, unknown>> = {}) => {
  const accessId = await request(change);
  const { body } = await decide(keeper, accessId);
  return { accessId, code: z.string().parse(body.code) };
};

/** What an outsider gets, who has nothing but the code. */
const open = async (code: string, documentId: string) => {
  const response = await fetch(new URL('/v1/external-openings', edition.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, documentId }),
  });
  return { status: response.status, headers: response.headers, content: await response.arrayBuffer() };
};
const statusOf = async (code: string, documentId = papers[0] ?? ''): Promise<string> => {
  const { status, content } = await open(code, documentId);
  if (status === 200) return '200';
  return `${status} ${z.looseObject({ code: z.string() }).parse(JSON.parse(Buffer.from(content).toString())).code}`;
};

describe('外单位查阅须经档案管理员同意（B-16）', () => {
  test('登记、审核、凭码查阅：副本加盖标记，逐次计数，记入办理过程，并告知职工', async () => {
    const accessId = await request();
    const answer = await decide(keeper, accessId);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      code: expect.stringMatching(/^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}$/),
      papers: [{ documentId: papers[0], paperName: '承诺书' }],
      external: {
        status: 'approved',
        requested: { name: 'officer-1（样例）' },
        decided: { name: 'keeper（样例）' },
      },
    });
    const code = z.string().parse(answer.body.code);
    const { status, headers, content } = await open(code.toLowerCase().replaceAll('-', ' '), papers[0] ?? '');
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': expect.stringMatching(
        /^attachment; filename="download.pdf"; filename\*=UTF-8''%/,
      ),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect((await PDFDocument.load(content)).getPageCount()).toBe(1);
    // Not the original.
    expect(content.byteLength).toBeGreaterThan(pdf().length + 5000);

    const events = await one.events();
    expect(events.slice(-3).map(({ type }) => type)).toEqual([
      'externalRequested',
      'externalApproved',
      'externalOpened',
    ]);
    expect(events.at(-1)?.data).toMatchObject({ accessId, name: '钱七', body: '样例市审计局', openings: 1 });
    expect(verifyChain(events, one.caseId)).toEqual([]);
    const stored = [...events.map((event) => JSON.stringify(event)), ...edition.log].join('\n');
    expect(stored).not.toContain(code);

    const seen = z
      .array(z.looseObject({ kind: z.string() }))
      .parse((await one.worker.get(`/v1/cases/${one.caseId}/accesses`)).accesses);
    expect(seen.find(({ kind }) => kind === 'external')).toMatchObject({
      name: '钱七（样例市审计局）',
      what: '承诺书',
      note: '核对救助资金发放',
      organisation: 'ah-direct-1',
    });
    const letters = (await one.letters()).filter(({ title }) => title === '有外单位查阅您的档案');
    expect(letters).toHaveLength(1);
    expect(letters[0]?.to).toEqual({ subject: one.subject });
    for (const words of ['样例市审计局', '承诺书', '核对救助资金发放', '原件不外借', 'B-16']) {
      expect(letters[0]?.text).toContain(words);
    }
  });

  test('登记人自己不能审核，别的工会、别的岗位不能审核', async () => {
    const { accessId } = await keeper.post(`/v1/cases/${one.caseId}/external-accesses`, form());
    const id = z.string().parse(accessId);
    expect(await decide(keeper, id)).toMatchObject({
      status: 403,
      body: { code: 'same-person', clause: 'B-16' },
    });
    for (const client of [
      await edition.person('keeper-above', 'keeper', 'ah-direct'),
      await edition.person('keeper-elsewhere', 'keeper', 'hf-1-1'),
      one.staff.grassroots,
      one.staff.centre,
      await edition.person('auditor', 'auditor', 'ah'),
      one.worker,
    ]) {
      expect((await decide(client, id)).status).toBe(403);
    }
    expect((await decide(await edition.person('keeper-2', 'keeper', 'ah-direct-1'), id)).status).toBe(200);
  });

  test('不同意的没有查阅码，理由在案；办理过的不能再办', async () => {
    const accessId = await request();
    const refusal = { decision: 'refuse', reason: '公函已过期。' };
    expect(await decide(keeper, accessId, refusal)).toMatchObject({
      status: 200,
      body: { code: null, external: { status: 'refused', reason: '公函已过期。', expiresAt: null } },
    });
    for (const decision of [{ decision: 'approve' }, refusal]) {
      expect(await decide(keeper, accessId, decision)).toMatchObject({
        status: 409,
        body: { code: 'external-access-decided' },
      });
    }
    expect((await one.events()).at(-1)).toMatchObject({
      type: 'externalRefused',
      data: { reason: '公函已过期。' },
    });
  });

  test('猜的码、过期的、终止的、没有列入的材料，答复都一样，也不留查阅记录', async () => {
    const first = await approved();
    const expired = await approved();
    const revoked = await approved();
    const item = await edition.ports.items.get(keys.external(expired.accessId));
    if (item === undefined) throw new Error('the access is gone');
    await edition.ports.items.transact([
      {
        type: 'put',
        item: {
          ...item,
          version: item.version + 1,
          data: {
            ...item.data,
            state: {
              ...z.record(z.string(), z.json()).parse(item.data.state),
              expiresAt: new Date(Date.now() - 1).toISOString(),
            },
          },
        },
      },
    ]);
    await keeper.post(`/v1/external-accesses/${revoked.accessId}/revocation`, { reason: '已办结。' });
    const mark = await one.mark();
    const other = await (await Application.open(edition)).file();
    const { documents } = await other.worker.get(`/v1/cases/${other.caseId}/documents`);
    const foreign = z.array(z.looseObject({ documentId: z.string() })).parse(documents)[0]?.documentId;
    const outcomes = [
      await statusOf('2222-2222-2222-2222'),
      await statusOf('x'),
      await statusOf(expired.code),
      await statusOf(revoked.code),
      await statusOf(first.code, papers[1]),
      await statusOf(first.code, foreign),
      await statusOf(first.code, '0'.repeat(26)),
    ];
    expect(new Set(outcomes)).toEqual(new Set(['404 external-code-invalid']));
    expect(await one.mark()).toBe(mark);
    expect(await statusOf(first.code)).toBe('200');
    await other.withdraw();
  });

  test('同时查阅的，一次不漏地计数；次数用完即止', async () => {
    const { accessId, code } = await approved();
    await Promise.all(Array.from({ length: 5 }, () => statusOf(code)));
    const item = await edition.ports.items.get(keys.external(accessId));
    expect(item?.data).toMatchObject({ openings: 5 });
    if (item === undefined) throw new Error('the access is gone');
    await edition.ports.items.transact([
      { type: 'put', item: { ...item, version: item.version + 1, data: { ...item.data, openings: 99 } } },
    ]);
    expect([await statusOf(code), await statusOf(code)]).toEqual(['200', '429 too-many-openings']);
  });

  test('登记须写全：信用代码要对，最多三十天，只能是本案已收到的材料', async () => {
    const path = `/v1/cases/${one.caseId}/external-accesses`;
    const { grassroots } = one.staff;
    const mark = await one.mark();
    for (const change of [
      { bodyCode: '91350100M000100Y44' },
      { bodyCode: '某局' },
      { days: 31 },
      { days: 0 },
      { documents: [] },
      { documents: ['../x'] },
      { purpose: '' },
      { extra: 1 },
    ]) {
      expect((await grassroots.call('POST', path, form(change))).status).toBe(422);
    }
    expect(await grassroots.refused('POST', path, form({ documents: ['0'.repeat(26)] }))).toMatchObject({
      status: 404,
      code: 'document-not-found',
    });
    expect(await one.mark()).toBe(mark);
  });

  test('重复提交登记只登记一次', async () => {
    const path = `/v1/cases/${one.caseId}/external-accesses`;
    const headers = { 'idempotency-key': 'external-once' };
    const [first, again] = [
      await one.staff.grassroots.call('POST', path, form(), headers),
      await one.staff.grassroots.call('POST', path, form(), headers),
    ];
    expect(again.body.accessId).toBe(first.body.accessId);
  });

  test('职工和审计员看得到登记，看不到账号和查阅码', async () => {
    const auditor = await edition.person('auditor', 'auditor', 'ah');
    for (const client of [one.worker, auditor]) {
      const text = JSON.stringify(await client.get(`/v1/cases/${one.caseId}/external-accesses`));
      expect(text).toContain('样例市审计局');
      expect(text).not.toContain('"subject"');
      expect(text).not.toContain('"code"');
    }
  });
});
