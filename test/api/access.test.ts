/** Opening fields and papers, and who looked at a file (B-16). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { FIELD_NAMES, PURPOSES } from '#domain/filing/accesses.ts';
import { verifyChain } from '#domain/filing/audit.ts';
import type { ItemStore } from '#functions/shared/ports.ts';
import { Application } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { pdf } from '../support/households.ts';

let edition: TestEdition;
let one: Application;
beforeAll(async () => {
  edition = await openTestEdition();
  one = await (await Application.open(edition)).file();
});
afterAll(() => edition.close());

const accessList = z.array(z.record(z.string(), z.json()));
const accessesOf = async (client: Client, caseId: string) =>
  accessList.parse((await client.get(`/v1/cases/${caseId}/accesses`)).accesses);
const documentsOf = async (client: Client, caseId: string) =>
  z
    .array(z.looseObject({ documentId: z.string(), paper: z.string(), contentType: z.string() }))
    .parse((await client.get(`/v1/cases/${caseId}/documents`)).documents);
const eventsOf = async (application: Application, type: string) =>
  (await application.events()).filter((event) => event.type === type);

const field = (application: Application): string => `/v1/cases/${application.caseId}/openings`;

describe('查看一项明文（B-16）', () => {
  test('答复明文且不留存；记录在先，写明何人、何项、何用途', async () => {
    const { household, staff } = one;
    const cases = [
      [{ field: 'phone', purpose: 'visit', note: '约走访时间' }, household.phone],
      [{ field: 'address', purpose: 'visit' }, household.address],
      [{ field: 'bankCard', purpose: 'review' }, household.bankCard.number],
      [
        { field: 'idNumber', memberId: household.persons[0]?.memberId, purpose: 'review' },
        household.persons[0]?.idNumber,
      ],
    ] as const;
    for (const [form, value] of cases) {
      const answer = await staff.grassroots.call('POST', field(one), form);
      expect(answer).toMatchObject({ status: 200, body: { field: form.field, value } });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('etag')).toBeNull();
      const event = (await eventsOf(one, 'fieldOpened')).at(-1);
      expect(event).toMatchObject({
        actor: { subject: 'officer-1', organisation: 'ah-direct-1' },
        data: { field: form.field, purpose: form.purpose, clause: 'B-16' },
      });
      // The value itself is nowhere in the record.
      expect(JSON.stringify(event)).not.toContain(value);
    }
    expect(verifyChain(await one.events(), one.caseId)).toEqual([]);
    expect(edition.log.join('\n')).not.toContain(household.bankCard.number);
  });

  test('同一请求重复提交，每次都另记一次', async () => {
    const before = (await eventsOf(one, 'fieldOpened')).length;
    const form = { field: 'phone', purpose: 'contact' };
    for (let round = 0; round < 2; round += 1) {
      await one.staff.superior.call('POST', field(one), form, { 'idempotency-key': 'the-same-key-twice' });
    }
    expect((await eventsOf(one, 'fieldOpened')).length).toBe(before + 2);
  });

  test('说明中的长号码不入记录', async () => {
    const note = '回拨 139 5555 1234，证号34010219900101123X';
    await one.staff.superior.post(field(one), { field: 'phone', purpose: 'contact', note });
    const event = (await eventsOf(one, 'fieldOpened')).at(-1);
    expect(event?.data.note).toBe('回拨 ******，证号******');
  });

  test('职工可以看自己的，只能以查阅本人档案为由；工会人员也是职工时，对自己的档案同样只算职工', async () => {
    expect(await one.worker.post(field(one), { field: 'phone', purpose: 'ownFile' })).toMatchObject({
      value: one.household.phone,
    });
    const both = await edition.person(one.subject, ['applicant', 'superiorOfficer'], 'ah-direct');
    for (const client of [one.worker, both]) {
      expect(await client.refused('POST', field(one), { field: 'phone', purpose: 'review' })).toMatchObject({
        status: 403,
        code: 'purpose-not-allowed',
      });
    }
  });

  test.each([
    ['grassroots', ['review', 'visit', 'contact']],
    ['superior', ['review', 'visit', 'contact', 'objection']],
    ['centre', ['review', 'visit', 'contact', 'objection', 'payment']],
    ['secretary', []],
    ['administrator', []],
    ['inspector', ['spotCheck']],
    ['auditor', []],
    ['keeper', []],
  ] as const)('%s 可以说明的用途是 %j', async (who, allowed) => {
    const staff: Readonly<Record<string, Client>> = {
      ...one.staff,
      inspector: await edition.person('inspector', 'inspector', 'ah'),
      auditor: await edition.person('auditor', 'auditor', 'ah'),
      keeper: await edition.person('keeper', 'keeper', 'ah-direct-1'),
    };
    const client = staff[who];
    if (client === undefined) throw new Error('nobody');
    const stated: string[] = [];
    for (const [purpose, use] of Object.entries(PURPOSES)) {
      for (const name of ['phone', 'bankCard'] as const) {
        const { status } = await client.call('POST', field(one), { field: name, purpose });
        if (status === 200) {
          expect(use.fields).toContain(name);
          if (!stated.includes(purpose)) stated.push(purpose);
        } else expect(status).toBe(403);
      }
    }
    expect(stated.toSorted()).toEqual(allowed.toSorted());
  });

  test('不认识的项、不存在的成员、没有的异议，都不记录', async () => {
    const mark = await one.mark();
    const { grassroots } = one.staff;
    for (const [form, status] of [
      [{ field: 'idNumber', memberId: 'nobody', purpose: 'review' }, 404],
      [{ field: 'idNumber', purpose: 'review' }, 422],
      [{ field: 'phone', memberId: 'worker', purpose: 'review' }, 422],
      [{ field: 'password', purpose: 'review' }, 422],
      [{ field: 'phone' }, 422],
      [{ field: 'phone', purpose: 'curiosity' }, 422],
      [{ field: 'phone', purpose: 'review', note: 'x'.repeat(201) }, 422],
    ] as const) {
      expect((await grassroots.call('POST', field(one), form)).status).toBe(status);
    }
    expect(
      await one.staff.superior.refused('POST', field(one), {
        field: 'objectorContact',
        objectionId: '0'.repeat(26),
        purpose: 'objection',
      }),
    ).toMatchObject({ status: 404, code: 'field-not-found' });
    expect(await one.mark()).toBe(mark);
  });

  test('异议人的联系方式只为调查异议而开，申请人看不到', async () => {
    const application = await (await Application.open(edition)).file();
    await application.passBelow();
    await application.decide('centreReview', { decision: 'pass', opinion: '同意。' });
    const { notice } = await application.record();
    const contact = '张某，13955551234，傍晚可联系';
    const { objectionId } = await edition
      .anyone()
      .post(`/v1/notices/${notice?.noticeId}/objections`, { text: '该户另有住房出租。', contact });
    const form = { field: 'objectorContact', objectionId, purpose: 'objection' };
    expect(await application.staff.superior.post(field(application), form)).toMatchObject({ value: contact });
    for (const client of [application.worker, application.staff.grassroots]) {
      expect((await client.call('POST', field(application), form)).status).toBe(403);
    }
    expect(
      (await application.worker.call('POST', field(application), { ...form, purpose: 'ownFile' })).status,
    ).toBe(403);
    await application.withdraw();
  });
});

describe('打开一份材料（B-16）', () => {
  const open = async (client: Client, application: Application, documentId: string, purpose: string) =>
    client.call('POST', `/v1/cases/${application.caseId}/documents/${documentId}/openings`, { purpose });
  const follow = (url: unknown, method = 'GET') =>
    fetch(new URL(z.string().parse(url), edition.url), { method });

  test('凭一分钟内有效的地址，以附件下载原件，文件名只写材料名称', async () => {
    const content = pdf();
    const [id = ''] = await one.upload({ paper: 'promise', contentType: 'application/pdf', content });
    const { body, headers } = await open(one.staff.grassroots, one, id, 'review');
    expect(body.expiresInSeconds).toBe(60);
    expect(headers.get('cache-control')).toBe('no-store');
    const response = await follow(body.url);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(content));
    const name = encodeURIComponent(`承诺书-${id.slice(-6)}.pdf`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="download.pdf"; filename*=UTF-8''${name}`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect((await eventsOf(one, 'paperOpened')).at(-1)).toMatchObject({
      data: { documentId: id, paper: 'promise', purpose: 'review' },
    });
    expect(edition.log.join('\n')).not.toContain(z.string().parse(body.url).slice(-40));
  });

  test('改过的、编造的地址打不开，只能下载', async () => {
    const [document] = await documentsOf(one.worker, one.caseId);
    const { url } = (await open(one.worker, one, document?.documentId ?? '', 'ownFile')).body;
    const text = z.string().parse(url);
    for (const wrong of [
      `${text}x`,
      text.replace('.', ''),
      '/downloads/..%2F..%2Ffiling.db',
      '/downloads/x.y',
    ]) {
      expect((await follow(wrong)).status).toBe(403);
    }
    expect((await follow('/downloads/../filing.db')).status).toBe(404);
    expect((await follow(text, 'POST')).status).toBe(405);
    expect((await follow(text, 'HEAD')).status).toBe(200);
  });

  test('别的申请的材料、猜的编号、还没有收到的材料，都打不开，也不记录', async () => {
    const other = await Application.open(edition);
    const promised = await other.worker.promise(other.caseId, {
      paper: 'promise',
      contentType: 'application/pdf',
      content: pdf(),
    });
    const [foreign] = await documentsOf(one.worker, one.caseId);
    const mark = await other.mark();
    for (const id of [foreign?.documentId ?? '', '0'.repeat(26), promised.documentId]) {
      expect(await open(other.worker, other, id, 'ownFile')).toMatchObject({
        status: 404,
        body: { code: 'document-not-found' },
      });
    }
    expect((await open(other.worker, other, '../../x', 'ownFile')).status).toBeGreaterThanOrEqual(404);
    expect((await open(other.worker, one, foreign?.documentId ?? '', 'ownFile')).status).toBe(403);
    expect(await other.mark()).toBe(mark);
    await other.withdraw();
  });

  test('归档之后照样打开；档案管理员只为档案管理打开，归档的包仍然完好', async () => {
    const application = await (await Application.open(edition)).file();
    await application.finish();
    const keeper = await edition.person('keeper', 'keeper', 'ah-direct');
    const [document] = await documentsOf(keeper, application.caseId);
    const id = document?.documentId ?? '';
    const { status, body } = await open(keeper, application, id, 'keeping');
    expect(status).toBe(200);
    expect((await follow(body.url)).status).toBe(200);
    expect((await open(keeper, application, id, 'review')).status).toBe(403);
    expect((await application.checkArchive()).faults).toEqual([]);
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
  });
});

describe('谁看过这份档案（B-16）', () => {
  test('他人每小时每类查看记一次，本人的不记；职工看得到姓名、工会、岗位，看不到账号', async () => {
    const application = await Application.open(edition);
    const { caseId, staff } = application;
    for (let round = 0; round < 2; round += 1) {
      for (const path of ['', '/documents', '/assessment', '/adjudication', '/events', '/letters']) {
        await staff.centre.get(`/v1/cases/${caseId}${path}`);
        await application.worker.get(`/v1/cases/${caseId}${path}`);
      }
    }
    await edition.advanceTo(edition.ports.clock.now() + 3_600_000);
    await staff.centre.get(`/v1/cases/${caseId}`);
    const seen = await accessesOf(application.worker, caseId);
    expect(seen.map(({ kind }) => kind).toSorted()).toEqual(
      ['adjudication', 'assessment', 'detail', 'detail', 'history', 'letters', 'papers'].toSorted(),
    );
    for (const access of seen) {
      expect(access).toMatchObject({
        name: 'reviewer（样例）',
        organisation: 'ah',
        roleNames: ['服务中心复审人'],
      });
      expect(access.organisationName).toMatch(/./);
      expect(access).not.toHaveProperty('subject');
    }
    await application.withdraw();
  });

  test('明文和材料每次都记，带用途；档案管理员、审计员也看得到，其他人看不到', async () => {
    await one.staff.grassroots.post(field(one), { field: 'phone', purpose: 'visit', note: '约时间' });
    const auditor = await edition.person('auditor', 'auditor', 'ah');
    const keeper = await edition.person('keeper', 'keeper', 'ah-direct');
    for (const client of [one.worker, auditor, keeper]) {
      const found = (await accessesOf(client, one.caseId)).filter(
        ({ kind, note }) => kind === 'field' && note === '约时间',
      );
      expect(found.at(0)).toMatchObject({
        kindName: '查看明文',
        what: FIELD_NAMES.phone,
        purposeName: '入户走访',
        roleNames: ['基层工会经办人'],
      });
    }
    const stranger = await edition.person('stranger', 'applicant');
    const elsewhere = await edition.person('keeper-2', 'keeper', 'hf');
    for (const client of [stranger, elsewhere, one.staff.grassroots, one.staff.centre]) {
      expect((await client.call('GET', `/v1/cases/${one.caseId}/accesses`)).status).toBe(403);
    }
  });

  test('审计员按人、按工会和日期查询，逐页不漏，导出同样的内容', async () => {
    const auditor = await edition.person('auditor', 'auditor', 'ah');
    const search = async (query: string): Promise<z.infer<typeof accessList>> => {
      const all: z.infer<typeof accessList> = [];
      let cursor: string | null = null;
      do {
        const page = await auditor.get(
          `/v1/accesses?${query}&limit=3${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        all.push(...accessList.parse(page.accesses));
        cursor = z.string().nullable().parse(page.cursor);
      } while (cursor !== null);
      return all;
    };
    const mine = await search('subject=officer-1');
    expect(mine.length).toBeGreaterThan(4);
    expect(new Set(mine.map(({ name }) => name))).toEqual(new Set(['officer-1（样例）']));
    const instants = mine.map(({ at }) => String(at));
    expect(instants).toEqual(instants.toSorted().toReversed());
    expect(await search('organisation=ah-direct-1&subject=officer-1')).toEqual(mine);
    expect(await search('organisation=ah&subject=officer-1')).toEqual([]);
    expect(await search(`subject=officer-1&to=2019-01-06`)).toEqual([]);
    expect(await search(`subject=officer-1&from=2019-01-07`)).toEqual(mine);
    const sheet = await auditor.file('/v1/accesses/export?subject=officer-1&format=csv');
    const lines = Buffer.from(sheet.content).toString().trim().split('\r\n');
    expect(lines).toHaveLength(mine.length + 1);
    expect(await auditor.refused('GET', '/v1/accesses?from=2019-01-07')).toMatchObject({ status: 422 });
    for (const client of [one.worker, one.staff.centre, one.staff.administrator]) {
      expect((await client.call('GET', '/v1/accesses?subject=officer-1')).status).toBe(403);
    }
  });

  test('看的人自己查不到别人的明文：清单、导出和记录里都只有掩码', async () => {
    const auditor = await edition.person('auditor', 'auditor', 'ah');
    const texts = [
      JSON.stringify(await auditor.get(`/v1/cases/${one.caseId}`)),
      JSON.stringify(await accessesOf(auditor, one.caseId)),
      Buffer.from((await auditor.file('/v1/accesses/export?organisation=ah-direct-1&format=csv')).content),
    ].join('\n');
    const { phone, address, bankCard, persons } = one.household;
    for (const secret of [phone, address, bankCard.number, ...persons.map(({ idNumber }) => idNumber)]) {
      expect(texts).not.toContain(secret);
    }
  });
});

describe('记不下来就不给看', () => {
  test('查阅记录写不进去时，查看和查看明文都不答复内容', async () => {
    let broken = false;
    const fragile = (items: ItemStore): ItemStore => ({
      get: (key) => items.get(key),
      query: (query) => items.query(query),
      transact: async (operations) => {
        const logged = operations.some((one) => one.type === 'put' && one.item.pk.startsWith('ACCESS#'));
        if (broken && logged) throw new Error('the disk is full');
        return items.transact(operations);
      },
    });
    const own = await openTestEdition({ wrapItems: fragile, centre: 'none' });
    try {
      const application = await Application.open(own);
      const { caseId, staff, household } = application;
      broken = true;
      const answers = [
        await staff.centre.call('GET', `/v1/cases/${caseId}`),
        await staff.centre.call('GET', `/v1/cases/${caseId}/documents`),
        await staff.centre.call('POST', field(application), { field: 'phone', purpose: 'review' }),
      ];
      for (const { status, body } of answers) {
        expect(status).toBe(500);
        expect(JSON.stringify(body)).not.toContain(household.phone);
      }
      broken = false;
      expect((await staff.centre.call('GET', `/v1/cases/${caseId}`)).status).toBe(200);
    } finally {
      await own.close();
    }
  });
});

describe('每人查看次数有限', () => {
  test('许多次同时来，恰好放行规定的次数；其余告知何时再来，并让审计员看得到', async () => {
    const own = await openTestEdition({ openingLimits: { perHour: 5, perDay: 5 }, centre: 'none' });
    try {
      const application = await Application.open(own);
      const { centre, superior } = application.staff;
      const form = { field: 'phone', purpose: 'review' };
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => centre.call('POST', field(application), form)),
      );
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([...Array(5).fill(200), ...Array(7).fill(429)]);
      const refused = answers.find(({ status }) => status === 429);
      const wait = Number(refused?.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(86_400);
      expect(refused?.body).toMatchObject({ code: 'too-many-openings', clause: 'B-16' });
      expect(await eventsOf(application, 'fieldOpened')).toHaveLength(5);
      // Others are counted by themselves; case time doesn't count.
      await superior.post(field(application), form);
      await own.advanceDays(2);
      expect((await centre.call('POST', field(application), form)).status).toBe(429);
      const auditor = await own.person('auditor', 'auditor', 'ah');
      const { accesses } = await auditor.get('/v1/accesses?subject=reviewer');
      expect(accessList.parse(accesses).filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(0);
    } finally {
      await own.close();
    }
  });
});
