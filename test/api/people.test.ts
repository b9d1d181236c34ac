/** The addresses of mail: who sets them, how they are kept, and what goes there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailServerSchema } from '#adapters/smtp/mail-server.ts';
import type { Person } from '#domain/people/person.ts';
import type { StaffRole } from '#domain/people/roles.ts';
import { systemActor } from '#functions/shared/case-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { mailAddresses } from '#functions/shared/mail-addresses.ts';
import { changePerson, personEvents } from '#functions/shared/people-store.ts';
import { makeAccount } from '../support/accounts.ts';
import { Application } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { type LocalSmtp, startLocalSmtp } from '../support/local-smtp.ts';

let edition: TestEdition;
let smtp: LocalSmtp;
let administrator: Client;
beforeAll(async () => {
  smtp = await startLocalSmtp({ refuse: (address) => (address.startsWith('gone') ? 550 : undefined) });
  edition = await openTestEdition({
    mail: {
      server: mailServerSchema.parse(`smtp://127.0.0.1:${smtp.port}`),
      from: 'filing@union.example.cn',
    },
  });
  administrator = await edition.person('administrator', 'administrator', 'ah');
});
afterAll(async () => {
  await edition.close();
  await smtp.stop();
});

const account = (subject: string, post?: readonly [StaffRole, string]): Promise<Person> =>
  makeAccount(edition.ports, subject, post);

describe('电子邮箱', () => {
  test('本人设置、更改、取消；加密保存，只显示掩码，变动记录不写内容', async () => {
    await account('owner-1');
    const owner = await edition.person('owner-1', 'applicant');
    expect(await owner.get('/v1/account')).toMatchObject({ subject: 'owner-1', email: null });
    expect(await owner.call('PUT', '/v1/account/email', { email: ' zhou@example.cn ' })).toMatchObject({
      status: 200,
      body: { email: 'z***@example.cn' },
    });
    const { data } = (await edition.ports.items.get(keys.person('owner-1'))) ?? {};
    expect(JSON.stringify(data)).not.toContain('zhou@');
    const resolve = mailAddresses(edition.ports);
    expect(await resolve({ subject: 'owner-1' })).toEqual(['zhou@example.cn']);
    await owner.call('PUT', '/v1/account/email', { email: null });
    expect(await resolve({ subject: 'owner-1' })).toEqual([]);
    const events = await personEvents(edition.ports.items, 'owner-1');
    expect(events.slice(1)).toMatchObject([
      { type: 'emailChanged', actor: { subject: 'owner-1' }, data: { present: true } },
      { type: 'emailChanged', data: { present: false } },
    ]);
    expect(JSON.stringify(events)).not.toContain('example.cn');
  });

  test.each([
    'zhou',
    'zhou@',
    'zhou@example',
    '周@例.cn',
    'a@example.cn, b@example.cn',
    'a@example.cn\r\nBcc: b@example.cn',
    `${'a'.repeat(250)}@example.cn`,
    '<a@example.cn>',
  ])('%j 不是电子邮箱', async (email) => {
    await account(`bad-${email.length}-${email.codePointAt(1)}`);
    const one = await edition.person(`bad-${email.length}-${email.codePointAt(1)}`, 'applicant');
    expect(await one.refused('PUT', '/v1/account/email', { email })).toMatchObject({
      status: 422,
      code: 'invalid-input',
    });
  });

  test('管理员可以为本工会及下级的人设置，不能为自己，也不能为别处的人', async () => {
    await account('officer-1', ['grassrootsOfficer', 'ah-direct-1']);
    await account('administrator', ['administrator', 'ah']);
    const path = '/v1/people/officer-1/email';
    expect(await administrator.call('PUT', path, { email: 'officer@example.cn' })).toMatchObject({
      status: 200,
      body: { email: 'o***@example.cn' },
    });
    expect(
      await administrator.refused('PUT', '/v1/people/administrator/email', { email: null }),
    ).toMatchObject({ code: 'own-account' });
    const elsewhere = await edition.person('administrator-2', 'administrator', 'hf');
    const officer = await edition.person('officer-1', 'grassrootsOfficer', 'ah-direct-1');
    for (const one of [elsewhere, officer]) {
      expect(await one.refused('PUT', path, { email: null })).toMatchObject({ status: 403 });
    }
  });

  test('账号在别处的，到那里去改', async () => {
    const stranger = await edition.person('stranger-1', 'applicant');
    for (const [method, path, body] of [
      ['GET', '/v1/account', undefined],
      ['PUT', '/v1/account/email', { email: null }],
    ] as const) {
      expect(await stranger.refused(method, path, body)).toMatchObject({
        status: 409,
        code: 'accounts-elsewhere',
      });
    }
  });

  test('给工会的通知发给现在该工会办理案件、留了邮箱的人；停用的、免职的、别的岗位的不发', async () => {
    const people = [
      ['r-1', 'superiorOfficer', 'ah-direct'],
      ['r-2', 'superiorOfficer', 'ah-direct'],
      ['r-suspended', 'superiorOfficer', 'ah-direct'],
      ['r-ended', 'superiorOfficer', 'ah-direct'],
      ['r-inspector', 'inspector', 'ah-direct'],
      ['r-elsewhere', 'superiorOfficer', 'hf'],
    ] as const;
    for (const [subject, role, organisation] of people) {
      await account(subject, [role, organisation]);
      await administrator.call('PUT', `/v1/people/${subject}/email`, { email: `${subject}@example.cn` });
    }
    const change = (subject: string, how: (person: Person) => Person) =>
      changePerson(edition.ports, subject, (person) => ({
        next: how(person),
        event: { type: 'suspended', actor: systemActor('test'), data: {} },
      }));
    await change('r-suspended', (person) => ({ ...person, state: 'suspended' }));
    await change('r-ended', (person) => ({
      ...person,
      posts: person.posts.map((post) => ({ ...post, until: '2026-01-01T00:00:00.000Z' })),
    }));
    const found = await mailAddresses(edition.ports)({ organisation: 'ah-direct' });
    expect(found.toSorted()).toEqual(['r-1@example.cn', 'r-2@example.cn']);
  });

  test('办理通知发到本人邮箱：不写姓名以外的个人信息，只请登录查看；没留邮箱的不发', async () => {
    const { subject, worker, ...application } = await Application.open(edition);
    await account(subject);
    await worker.call('PUT', '/v1/account/email', { email: 'worker@example.cn' });
    const before = smtp.mails.length;
    await worker.post(`/v1/cases/${application.caseId}/withdrawal`, { reason: '暂不申请。' });
    await edition.settle();
    const mails = smtp.mails.slice(before);
    expect(mails.map(({ recipients }) => recipients)).toContainEqual(['worker@example.cn']);
    for (const { raw, text } of mails) {
      expect(text).toContain('您有一条新的办理通知，请登录后查看。');
      expect(raw).not.toContain(application.caseId);
    }
    // Nothing waits for those without an address.
    expect((await edition.ports.items.query({ pk: 'DEADMESSAGES' })).items).toEqual([]);
  });
});
