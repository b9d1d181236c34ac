/** Notice, consent, the own data, their correction: over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { verifyChain } from '#domain/filing/audit.ts';
import { currentNotice, noticeDigest, PRIVACY_NOTICES } from '#domain/privacy/notices.ts';
import { type Caller, ROLES } from '#functions/shared/access/policy.ts';
import { readEvents } from '#functions/shared/case-store.ts';
import { consentAnew, submitCase } from '#functions/submit-case/submit-case.ts';
import { Application } from '../support/application.ts';
import { Breaker } from '../support/breaker.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { householdOf, newPerson } from '../support/households.ts';

let edition: TestEdition;
beforeAll(async () => {
  edition = await openTestEdition();
});
afterAll(() => edition.close());

const UNIONS = ['ah', 'ah-direct', 'ah-direct-1', 'hf-1-1', undefined] as const;

describe('个人信息处理告知书', () => {
  test('不登录也可以阅读现行的和以往的版本', async () => {
    const anyone = edition.anyone();
    const current = await anyone.get('/v1/privacy-notices/current');
    expect(current).toMatchObject({
      version: '2026-1',
      current: true,
      sha256: noticeDigest(currentNotice(PRIVACY_NOTICES)),
    });
    expect(await anyone.get('/v1/privacy-notices/2026-1')).toEqual(current);
    const worker = await edition.person('w-notice', 'applicant');
    expect(await worker.get('/v1/privacy-notice')).toEqual(current);
    expect(await anyone.refused('GET', '/v1/privacy-notice')).toMatchObject({ status: 401 });
    expect(await anyone.refused('GET', '/v1/privacy-notices/2019-9')).toMatchObject({
      status: 404,
      code: 'privacy-notice-not-found',
    });
  });
});

describe('同意', () => {
  test('没有同意、没有单独同意敏感信息、没有家庭成员的同意，不能建立申请', async () => {
    const worker = await edition.person('w-consent', 'applicant');
    const household = householdOf({ today: edition.today, spouse: newPerson('spouse', '配偶') });
    const { consent, ...without } = household;
    const refused = async (body: unknown): Promise<readonly string[]> => {
      const problem = await worker.refused('POST', '/v1/cases', body);
      expect(problem.status).toBe(422);
      return (problem.faults ?? []).map(({ pointer }) => pointer);
    };
    expect(await refused(without)).toEqual(['/consent']);
    expect(await refused({ ...household, consent: { ...consent, sensitive: false } })).toEqual([
      '/consent/sensitive',
    ]);
    expect(
      await refused({ ...household, consent: { ...consent, persons: consent.persons.slice(0, 1) } }),
    ).toEqual(['/consent/persons']);
  });

  test('对别的版本的同意不算，答复写明现行版本', async () => {
    const worker = await edition.person('w-old', 'applicant');
    const household = householdOf({ today: edition.today });
    const old = { ...household, consent: { ...household.consent, notice: '2019-1' } };
    expect(await worker.refused('POST', '/v1/cases', old)).toMatchObject({
      status: 409,
      code: 'privacy-notice-changed',
      version: '2026-1',
    });
  });

  test('谁、何时、为谁、对哪份文本的同意，存入申请和办理记录', async () => {
    const spouse = newPerson('spouse', '配偶');
    const application = await Application.open(edition, { spouse });
    const { consents } = await application.record();
    expect(consents).toEqual([
      {
        notice: '2026-1',
        sha256: noticeDigest(currentNotice(PRIVACY_NOTICES)),
        medium: 'online',
        at: expect.stringMatching(/^2019-01-07T/),
        by: { subject: application.subject, name: `${application.subject}（样例）`, organisation: null },
        persons: [
          { memberId: 'worker', given: 'self', guardian: null },
          { memberId: 'spouse', given: 'self', guardian: null },
        ],
      },
    ]);
    expect((await application.events())[0]).toMatchObject({ data: { consent: consents[0] } });
  });

  test('经办人代为录入的，记为纸质同意', async () => {
    const officer = await edition.person('officer-p', 'grassrootsOfficer', 'ah-direct-1');
    const view = await officer.post('/v1/cases', householdOf({ today: edition.today }));
    expect(view.consents).toMatchObject([{ medium: 'paper', by: { organisation: 'ah-direct-1' } }]);
  });

  test('提交之前告知书更新的，重新同意后才能提交；原来的同意仍在', async () => {
    const application = await Application.open(edition);
    const newer = { ...currentNotice(PRIVACY_NOTICES), version: '2026-2' };
    const ports = {
      ...edition.ports,
      settings: { privacyNotices: [...PRIVACY_NOTICES, newer] as const },
    };
    const { subject, caseId } = application;
    const caller: Caller = { subject, name: '职工', roles: ['applicant'] };
    const mark = await application.mark();
    const renewed = { code: 'privacy-notice-changed', status: 409, details: { version: '2026-2' } };
    await expect(submitCase(ports, caller, caseId)).rejects.toMatchObject(renewed);
    const acts = { processing: true, sensitive: true } as const;
    await expect(consentAnew(ports, caller, caseId, { ...acts, notice: '2026-1' })).rejects.toMatchObject(
      renewed,
    );
    expect(await application.mark()).toBe(mark);
    await consentAnew(ports, caller, caseId, { ...acts, notice: '2026-2' });
    await consentAnew(ports, caller, caseId, { ...acts, notice: '2026-2' });
    const { stage, consents } = await submitCase(ports, caller, caseId);
    expect(stage).toBe('awaitingApplication');
    expect(consents.map(({ notice }) => notice)).toEqual(['2026-1', '2026-2']);
    expect(consents[1]?.persons).toEqual(consents[0]?.persons);
    expect(await application.eventTypes()).toEqual(['opened', 'consented', 'submitted']);
  });
});

const ownDataSchema = z.looseObject({
  opened: z.looseObject({ persons: z.array(z.record(z.string(), z.string())) }),
  documents: z.array(z.looseObject({ paper: z.string() })),
  letters: z.array(z.looseObject({ to: z.record(z.string(), z.string()) })),
  events: z.array(z.looseObject({ type: z.string() })),
  assessments: z.array(z.unknown()),
});

describe('本人查阅（B-16）', () => {
  test('职工本人可查阅保存的一切，证件号码等不掩码；查阅先记录后打开', async () => {
    const application = await (await Application.open(edition)).file();
    await application.passBelow();
    const { household, worker, caseId } = application;
    const data = ownDataSchema.parse(await worker.get(`/v1/cases/${caseId}/own-data`));
    expect(data.opened).toEqual({
      persons: household.persons.map(({ memberId, idNumber }) => ({ memberId, idNumber })),
      supporters: [],
      phone: household.phone,
      address: household.address,
      bankCard: household.bankCard.number,
    });
    expect(data.documents.map(({ paper }) => paper)).toContain('promise');
    expect(data.assessments).toHaveLength(1);
    expect(data.letters.length).toBeGreaterThan(3);
    expect(data.letters.every(({ to }) => to.subject === application.subject)).toBe(true);
    // What is shown was written before it was opened.
    expect(data.events.at(-1)).toMatchObject({
      type: 'personalDataOpened',
      actor: { subject: application.subject },
      data: { purpose: '本人查阅', clause: 'B-16' },
    });
    expect(verifyChain(await application.events(), caseId)).toEqual([]);
    for (const inside of ['"sealed"', '"idIndex"', 'taskToken']) {
      expect(JSON.stringify(data)).not.toContain(inside);
    }
  });

  test('记录写不下去，就什么也不打开', async () => {
    const breaker = new Breaker();
    const broken = await openTestEdition({ centre: 'none', wrapItems: breaker.wrap });
    try {
      const application = await Application.open(broken);
      breaker.fail({ event: 'personalDataOpened' });
      const { status, body } = await application.worker.call(
        'GET',
        `/v1/cases/${application.caseId}/own-data`,
      );
      expect(status).toBe(500);
      expect(JSON.stringify(body)).not.toContain(application.household.phone);
    } finally {
      await broken.close();
    }
  });

  test('只有本人：任何岗位、任何单位都不能以此查阅别人的', async () => {
    const application = await Application.open(edition);
    const mark = await application.mark();
    const path = `/v1/cases/${application.caseId}/own-data`;
    for (const role of ROLES) {
      for (const union of UNIONS) {
        expect((await (await edition.person('x', role, union)).call('GET', path)).status).toBe(403);
      }
    }
    expect((await edition.anyone().call('GET', path)).status).toBe(401);
    expect(await application.mark()).toBe(mark);
  });
});

describe('更正联系信息', () => {
  const NEW = {
    because: 'changed',
    phone: '13911112222',
    address: '安徽省合肥市示例区更正路9号',
    bankCard: { number: '6222020000000000018', bank: '样例银行合肥分行' },
  };

  test('职工本人更正后，查阅到的是新的；记录只写明哪几项，不写内容', async () => {
    const application = await Application.open(edition);
    const path = `/v1/cases/${application.caseId}`;
    await application.worker.put(`${path}/contact`, NEW);
    expect(await application.worker.get(`${path}/own-data`)).toMatchObject({
      opened: { phone: NEW.phone, address: NEW.address, bankCard: NEW.bankCard.number },
    });
    const events = await readEvents(edition.ports.items, application.caseId);
    expect(events.map(({ type }) => type)).toEqual(['opened', 'contactCorrected', 'personalDataOpened']);
    expect(events[1]?.data).toEqual({ fields: ['phone', 'address', 'bankCard'], because: 'changed' });
    const said = JSON.stringify([events, await application.letters()]);
    for (const secret of [NEW.phone, NEW.address, NEW.bankCard.number]) expect(said).not.toContain(secret);
    expect((await application.letters()).at(-1)).toMatchObject({
      to: { subject: application.subject },
      title: '联系信息已更正',
      text: expect.stringContaining('联系电话、家庭住址、银行卡'),
    });
  });

  test('没有写的不变；写错的号码、什么也没有写的，退回', async () => {
    const application = await Application.open(edition);
    const path = `/v1/cases/${application.caseId}/contact`;
    const before = await application.record();
    await application.worker.put(path, { because: 'mistaken', phone: NEW.phone });
    const after = await application.record();
    expect(after.phone.masked).toBe('139****2222');
    expect({ address: after.address, card: after.bankCard }).toEqual({
      address: before.address,
      card: before.bankCard,
    });
    for (const [body, pointer] of [
      [{ because: 'changed', phone: '123' }, '/phone'],
      [
        { because: 'changed', bankCard: { ...NEW.bankCard, number: '6222020000000000019' } },
        '/bankCard/number',
      ],
      [{ because: 'changed' }, ''],
    ] as const) {
      expect(await application.worker.refused('PUT', path, body)).toMatchObject({
        status: 422,
        faults: [{ pointer }],
      });
    }
  });

  test('帮扶决定之后更正银行卡，通知中心；已归档的，通知保管单位十五个工作日内同步（B-13.2）', async () => {
    const application = await (await Application.open(edition)).file();
    await application.establish();
    const path = `/v1/cases/${application.caseId}/contact`;
    await application.worker.put(path, { because: 'changed', bankCard: NEW.bankCard });
    const titles = async () =>
      (await application.letters()).map(({ to, title }) => `${to.organisation ?? 'household'} ${title}`);
    expect((await titles()).slice(-2)).toEqual(['household 联系信息已更正', 'ah-direct-1 请同步纸质档案']);
    await application.meet([{ kind: 'living', amount: '3000', fund: 'centralFiscal' }]);
    expect(await application.record()).toMatchObject({ stage: 'filed' });
    await application.worker.put(path, { because: 'changed', bankCard: NEW.bankCard });
    expect((await titles()).slice(-3)).toEqual([
      'household 联系信息已更正',
      'ah 帮扶决定之后银行卡有变更',
      'ah-direct-1 请同步纸质档案',
    ]);
    const [letter] = (await application.letters()).slice(-1);
    expect(letter?.text).toContain('B-13.2');
    expect(verifyChain(await application.events(), application.caseId)).toEqual([]);
  });

  test('只有职工本人和受理工会的经办人可以更正；版本不是最新的不行', async () => {
    const application = await Application.open(edition);
    const path = `/v1/cases/${application.caseId}/contact`;
    const stale = { 'if-match': '"0"' };
    for (const role of ROLES) {
      for (const union of UNIONS) {
        const { status } = await (await edition.person('x', role, union)).call('PUT', path, NEW, stale);
        const may = role === 'grassrootsOfficer' && union === 'ah-direct-1';
        expect({ role, union, status }).toEqual({ role, union, status: may ? 412 : 403 });
      }
    }
    expect((await application.worker.call('PUT', path, NEW, stale)).status).toBe(412);
    expect((await application.worker.call('PUT', path, NEW, {})).status).toBe(428);
    const officer = await edition.person('officer-c', 'grassrootsOfficer', 'ah-direct-1');
    expect((await officer.call('PUT', path, NEW)).status).toBe(200);
  });
});
