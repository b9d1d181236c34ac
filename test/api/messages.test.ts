import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { relayRows, sweepOutbox } from '#functions/relay-outbox/relay-outbox.ts';
import { NotifierRefused, NotifierUnavailable } from '#functions/shared/errors.ts';
import { outboxPartitions } from '#functions/shared/keys.ts';
import type { Message, Ports } from '#functions/shared/ports.ts';
import { listen } from '../simulator/union.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';

const messagesSchema = z.object({
  messages: z.array(z.looseObject({ messageId: z.string(), title: z.string() })),
  cursor: z.string().nullable(),
});
const messagesOf = async (client: Client, query = '') =>
  messagesSchema.parse(await client.get(`/v1/messages${query}`));
const titlesOf = async (client: Client, query = ''): Promise<readonly string[]> =>
  (await messagesOf(client, query)).messages.map(({ title }) => title);

describe('站内消息', () => {
  let edition: TestEdition;
  beforeAll(async () => {
    edition = await openTestEdition();
  });
  afterAll(() => edition.close());

  test('每一个环节都用平常的话告知家庭，从提交到帮扶', async () => {
    const application = await (await Application.open(edition)).file(['bankCard']);
    await application.finish();
    const titles = await titlesOf(application.worker);
    expect(titles.toReversed()).toEqual([
      '申请已提交',
      '请补正材料',
      '办理进展：基层工会初审',
      '办理进展：上级工会审核',
      '办理进展：信息比对',
      '办理进展：复审',
      '进入公示',
      '已建立困难职工档案',
      '帮扶决定',
    ]);
    for (const { text } of z.array(z.looseObject({ text: z.string() })).parse(await application.letters())) {
      expect(text).not.toMatch(/undefined|null|\[object/);
    }
  });

  test('不予通过的，写明条款原文和下一步可以怎么办', async () => {
    const application = await (await Application.open(edition)).file();
    await application.decide('grassrootsReview', {
      decision: 'reject',
      opinion: '拥有两套住房。',
      clauses: ['B-7.1'],
    });
    const [latest] = z
      .array(z.looseObject({ title: z.string(), text: z.string() }))
      .parse((await application.worker.get('/v1/messages')).messages);
    expect(latest?.title).toBe('不予建档通知');
    expect(latest?.text).toContain('拥有2套（含）以上住房的');
    expect(latest?.text).toContain('可以重新提出申请；对结果有疑问，可以向受理工会或上级工会反映');
  });

  test('已读由各人自己标记：同一工会里别人的未读不受影响；重复标记不改变什么', async () => {
    const application = await (await Application.open(edition)).file();
    const first = await edition.person('reader-1', 'superiorOfficer', 'ah-direct');
    const second = await edition.person('reader-2', 'superiorOfficer', 'ah-direct');
    await application.decide('grassrootsReview', PASS);
    const before = await messagesOf(first, '?box=union&unread=true');
    const [newest] = before.messages;
    expect(newest).toMatchObject({ title: '待办：上级工会审核', caseId: application.caseId, read: false });
    await first.post(`/v1/messages/${newest?.messageId}/reading`);
    await first.post(`/v1/messages/${newest?.messageId}/reading`);
    const ids = async (client: Client, query: string) =>
      (await messagesOf(client, query)).messages.map(({ messageId }) => messageId);
    expect(await ids(first, '?box=union&unread=true')).toEqual(
      before.messages.slice(1).map(({ messageId }) => messageId),
    );
    expect(await ids(first, '?box=union')).toContain(newest?.messageId);
    expect(await ids(second, '?box=union&unread=true')).toContain(newest?.messageId);
    await application.withdraw();
  });

  test('一页一页取，未读的不重不漏', async () => {
    const application = await (await Application.open(edition)).file();
    await application.passBelow();
    const all = (await messagesOf(application.worker)).messages.map(({ messageId }) => messageId);
    await application.worker.post(`/v1/messages/${all[1]}/reading`);
    const paged: string[] = [];
    let query = '?unread=true&limit=2';
    for (;;) {
      const { messages, cursor } = await messagesOf(application.worker, query);
      paged.push(...messages.map(({ messageId }) => messageId));
      if (cursor === null) break;
      query = `?unread=true&limit=2&cursor=${encodeURIComponent(cursor)}`;
    }
    expect(paged).toEqual(all.filter((_, index) => index !== 1));
    await application.withdraw();
  });

  test('别人的、别的工会的消息看不到，也不能标记；猜编号得不到任何回答', async () => {
    const application = await (await Application.open(edition)).file();
    const stranger = await edition.person('stranger', 'applicant');
    expect(await titlesOf(stranger)).toEqual([]);
    expect(await stranger.refused('GET', '/v1/messages?box=union')).toMatchObject({ status: 403 });
    const elsewhere = await edition.person('elsewhere', 'grassrootsOfficer', 'hf-1-1');
    expect(await titlesOf(elsewhere, '?box=union')).toEqual([]);
    const auditor = await edition.person('auditor', 'auditor', 'ah');
    expect(await auditor.refused('GET', '/v1/messages?box=union')).toMatchObject({ status: 403 });
    for (const id of [`${application.caseId}-1`, `${application.caseId}-999`, `${'0'.repeat(26)}-1`]) {
      for (const client of [stranger, elsewhere]) {
        expect(await client.refused('POST', `/v1/messages/${id}/reading`)).toMatchObject({
          status: 404,
          code: 'message-not-found',
        });
      }
    }
    await application.withdraw();
  });
});

describe('消息网关', () => {
  const editions: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of editions.splice(0)) await one.close();
  });

  test('网关不通：推迟再试，间隔加倍，到第十次列入未送达，管理员可以重发；不耽误办理', async () => {
    let up = false;
    const taken: string[] = [];
    const gateway = await listen(async (request) => {
      if (up) taken.push(String(request.headers['idempotency-key']));
      return { status: up ? 202 : 503 };
    });
    const edition = await openTestEdition({ messages: { url: `${gateway.url}/send`, template: 'T-1' } });
    editions.push(edition, gateway);
    const application = await (await Application.open(edition)).file();
    await application.decide('grassrootsReview', PASS);
    expect(await application.record()).toMatchObject({ stage: 'superiorReview' });

    // The relay with a wall clock of the test's own.
    let wall = edition.ports.clock.wall();
    const clock: Ports['clock'] = {
      now: () => edition.ports.clock.now(),
      wall: () => wall,
      at: (instant, fire) => edition.ports.clock.at(instant, fire),
    };
    const tried: Message[] = [];
    const notifier = {
      send: async (message: Message) => {
        tried.push(message);
        await edition.ports.channels.gateway?.send(message);
      },
    };
    const ports = { ...edition.ports, clock, channels: { gateway: notifier } };
    const waiting = async () =>
      (await Promise.all(outboxPartitions.map((pk) => ports.items.query({ pk })))).flatMap(
        ({ items }) => items,
      );
    const rows = await waiting();
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.map(({ data }) => data.attempts)).toEqual(rows.map(() => 1));

    // Before its time nothing is tried; at its time everything is, once.
    wall += 30_000;
    expect(await sweepOutbox(ports)).toEqual([]);
    expect(tried).toEqual([]);
    for (let attempt = 2; attempt < 10; attempt += 1) {
      wall += 60_000 * 2 ** (attempt - 2) + 1_000;
      tried.length = 0;
      const failures = await sweepOutbox(ports);
      expect(tried).toHaveLength(rows.length);
      expect(failures.map(({ deferred }) => deferred)).toEqual(rows.map(() => true));
      expect((await waiting()).map(({ data }) => data.attempts)).toEqual(rows.map(() => attempt));
    }
    const { administrator } = application.staff;
    expect((await administrator.get('/v1/messages/dead')).messages).toEqual([]);
    wall += 60_000 * 2 ** 9;
    await sweepOutbox(ports);
    expect(await waiting()).toEqual([]);
    const dead = await messagesSchema.parseAsync(await administrator.get('/v1/messages/dead'));
    expect(dead.messages).toHaveLength(rows.length);
    expect(dead.messages[0]).toMatchObject({ attempts: 10, error: 'Notifier.Unavailable' });
    expect(JSON.stringify(dead)).not.toContain('text');

    up = true;
    const id = dead.messages[0]?.messageId ?? '';
    await administrator.post(`/v1/messages/${id}/resending`);
    await edition.settle();
    expect(taken).toEqual([id]);
    expect(await administrator.refused('POST', `/v1/messages/${id}/resending`)).toMatchObject({
      status: 404,
    });
    expect(await application.staff.centre.refused('GET', '/v1/messages/dead')).toMatchObject({ status: 403 });
  });

  const rowOf = (id: string) => ({
    pk: 'OUTBOX#0',
    sk: `row-${id}`,
    version: 1,
    schema: 1,
    data: {
      kind: 'notify',
      message: { id, caseId: 'c', to: { subject: 's' }, title: 't', text: 'x' },
      channel: null,
      attempts: 0,
      notBefore: 0,
    },
  });

  test('几个渠道一起发：坏的一个不耽误别的，也不让别的再发一次；各自推迟、各自重发', async () => {
    const edition = await openTestEdition({ centre: 'none' });
    editions.push(edition);
    let wall = edition.ports.clock.wall();
    const sent: string[] = [];
    const broken = new Set(['gateway', 'mail']);
    const channel = (name: string) => ({
      send: async ({ id }: Message) => {
        if (broken.has(name)) throw new NotifierUnavailable('down');
        sent.push(`${name} ${id}`);
      },
    });
    const ports = {
      ...edition.ports,
      clock: { ...edition.ports.clock, now: () => wall, wall: () => wall },
      channels: { topic: channel('topic'), gateway: channel('gateway'), mail: channel('mail') },
    };
    // Held back from the edition's own relay.
    const row = rowOf('m');
    const held = { ...row.data, notBefore: wall };
    await ports.items.transact([{ type: 'put', item: { ...row, data: { ...held, notBefore: wall + 1e9 } } }]);
    const failures = await relayRows(ports, [{ ...row, data: held }]);
    expect(failures).toHaveLength(2);
    expect(sent).toEqual(['topic m']);
    wall += 61_000;
    broken.delete('mail');
    await sweepOutbox(ports);
    expect(sent).toEqual(['topic m', 'mail m']);
    wall += 121_000;
    broken.delete('gateway');
    await sweepOutbox(ports);
    await sweepOutbox(ports);
    expect(sent).toEqual(['topic m', 'mail m', 'gateway m']);
    expect((await ports.items.query({ pk: 'OUTBOX#0' })).items).toEqual([]);
  });

  test('明确拒收的，不再重试，立即列入未送达，写明渠道；重发只走这一个渠道', async () => {
    const edition = await openTestEdition({ centre: 'none' });
    editions.push(edition);
    const administrator = await edition.person('administrator', 'administrator', 'ah');
    const id = `${'0'.repeat(26)}-1`;
    const row = rowOf(id);
    const wall = edition.ports.clock.wall();
    await edition.ports.items.transact([
      { type: 'put', item: { ...row, data: { ...row.data, notBefore: wall + 1e9 } } },
    ]);
    const sent: string[] = [];
    const ports = {
      ...edition.ports,
      channels: {
        topic: { send: async () => void sent.push('topic') },
        mail: { send: () => Promise.reject(new NotifierRefused('550')) },
      },
    };
    await relayRows(ports, [row]);
    expect((await ports.items.query({ pk: 'OUTBOX#0' })).items).toEqual([]);
    expect((await administrator.get('/v1/messages/dead')).messages).toMatchObject([
      { messageId: id, channel: 'mail', attempts: 1, error: 'Notifier.Refused' },
    ]);
    // This edition has no mail: what is sent again goes by mail or not at all.
    await administrator.post(`/v1/messages/${id}/resending`);
    await edition.settle();
    expect(sent).toEqual(['topic']);
    expect(edition.messages()).toEqual([]);
    expect((await administrator.get('/v1/messages/dead')).messages).toMatchObject([{ channel: 'mail' }]);
  });

  test('两个中继同时处理同一条消息：只记一次推迟', async () => {
    const edition = await openTestEdition();
    editions.push(edition);
    const row = {
      pk: 'OUTBOX#0',
      sk: 'row',
      version: 1,
      schema: 1,
      data: {
        kind: 'notify',
        message: { id: 'm', caseId: 'c', to: { subject: 's' }, title: 't', text: 'x' },
        attempts: 0,
        notBefore: 0,
      },
    };
    await edition.ports.items.transact([
      { type: 'put', item: { ...row, data: { ...row.data, notBefore: Number.MAX_SAFE_INTEGER } } },
    ]);
    const ports = {
      ...edition.ports,
      channels: { file: { send: () => Promise.reject(new Error('down')) } },
    };
    await Promise.all([relayRows(ports, [row]), relayRows(ports, [row])]);
    expect((await edition.ports.items.get(row))?.data).toMatchObject({ attempts: 1 });
    expect((await edition.ports.items.get(row))?.version).toBe(2);
  });
});
