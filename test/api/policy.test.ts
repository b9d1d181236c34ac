/**
 * The policy table over real HTTP: every role, from every union in and out of the territory, at every operation that
 * names a case, a task or a union. The table itself is held against the regulation in
 * `test/functions/access/policy.test.ts`; here the API is held against the table.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  allows,
  type Caller,
  type GuardedOperation,
  POLICY,
  type Resource,
  ROLES,
  type Role,
} from '#functions/shared/access/policy.ts';
import { keys } from '#functions/shared/keys.ts';
import { Application, PASS } from '../support/application.ts';
import type { Client } from '../support/client.ts';
import { openTestEdition, type TestEdition } from '../support/edition.ts';
import { householdOf } from '../support/households.ts';

let edition: TestEdition;
/** Established: most of what is allowed comes too late for it, and changes nothing. */
let application: Application;
let draft: Application;
/** The first review of it, decided. */
let taskId: string;
beforeAll(async () => {
  edition = await openTestEdition();
  application = await (await Application.open(edition)).file();
  taskId = await application.taskId('grassrootsReview');
  await application.establish();
  draft = await Application.open(edition);
});
afterAll(() => edition.close());

const PATH = ['ah', 'ah-direct', 'ah-direct-1'];
const resource = (): Resource => ({
  ownerSubject: application.subject,
  organisation: 'ah-direct-1',
  organisationPath: PATH,
});

type Call = readonly [method: string, path: string, body?: unknown];

const NO_ID = '0'.repeat(26);

/** Of each operation a call about the case, its first task, or its union. */
const CALLS: Readonly<Partial<Record<GuardedOperation, () => Call>>> = {
  'case.read': () => ['GET', `/v1/cases/${application.caseId}`],
  'case.list': () => ['GET', '/v1/cases?union=ah-direct-1'],
  'case.edit': () => [
    'PUT',
    `/v1/cases/${application.caseId}/declaration`,
    { declaration: application.household.declaration, reason: '更正。' },
  ],
  'case.submit': () => ['POST', `/v1/cases/${application.caseId}/submission`],
  'case.withdraw': () => ['POST', `/v1/cases/${application.caseId}/withdrawal`, { reason: '撤回。' }],
  'case.resume': () => ['POST', `/v1/cases/${draft.caseId}/resumption`, { reason: '恢复。' }],
  'field.open': () => [
    'POST',
    `/v1/cases/${application.caseId}/openings`,
    // No purpose serves it for anyone, so that nothing is written: whoever gets past the table is told so.
    { field: 'phone', purpose: 'keeping' },
  ],
  'paper.open': () => [
    'POST',
    `/v1/cases/${application.caseId}/documents/${'0'.repeat(26)}/openings`,
    { purpose: 'contact' },
  ],
  'external.request': () => [
    'POST',
    `/v1/cases/${application.caseId}/external-accesses`,
    {
      name: '钱七',
      body: '样例审计局',
      bodyCode: '91350100M000100Y43',
      authority: '样函1号',
      purpose: '核对',
      documents: ['0'.repeat(26)],
      days: 1,
    },
  ],
  'external.read': () => ['GET', `/v1/cases/${application.caseId}/external-accesses`],
  'access.read': () => ['GET', `/v1/cases/${application.caseId}/accesses`],
  'document.upload': () => [
    'POST',
    `/v1/cases/${application.caseId}/documents`,
    { paper: 'bankCard', contentType: 'image/png', bytes: 1, sha256: '0'.repeat(64) },
  ],
  'task.read': () => ['GET', `/v1/tasks/${taskId}/history`],
  'task.watch': () => ['GET', '/v1/ageing?union=ah-direct-1'],
  'task.claim': () => ['POST', `/v1/tasks/${taskId}/claim`],
  'task.assign': () => [
    'POST',
    `/v1/tasks/${taskId}/assignment`,
    { to: { subject: 'x', name: '某' }, reason: '改派。' },
  ],
  'task.comment': () => ['POST', `/v1/tasks/${taskId}/comments`, { text: '备注。' }],
  'task.decide': () => ['POST', `/v1/tasks/${taskId}/decision`, { kind: 'grassrootsReview', ...PASS }],
  'privacyNotice.consult': () => ['GET', '/v1/privacy-notice'],
  'sanction.read': () => ['GET', '/v1/sanctions?union=ah-direct-1'],
  'disposal.make': () => [
    'POST',
    '/v1/disposals',
    { union: 'ah-direct-1', caseIds: [NO_ID], reason: '期满。' },
  ],
  'disposal.read': () => ['GET', '/v1/disposals/due?union=ah-direct-1'],
  'visit.record': () => [
    'POST',
    `/v1/cases/${application.caseId}/visits`,
    {
      visitedOn: '2019-01-07',
      place: 'home',
      visitors: ['甲'],
      findings: { text: '属实。' },
      signature: { kind: 'unsigned', reason: '住院。' },
    },
  ],
};

/** Whose own matter it is alone, or that name no case: tested where they are at home. */
const ELSEWHERE: readonly GuardedOperation[] = [
  // test/api/bad-input.test.ts, below
  'case.open',
  // test/api/inbox.test.ts: who sees what in which listing
  'task.list',
  // test/api/bad-input.test.ts: an agenda's faults come all at once
  'meeting.hold',
  // test/api/cross-check-file.test.ts
  'crossCheck.exchange',
  // test/api/messages.test.ts
  'message.list',
  'message.revive',
  // test/embedded/identity/sign-in.test.ts, test/functions/claim-case
  'person.list',
  'person.read',
  'person.create',
  'person.post',
  'person.suspend',
  'person.reset',
  // test/api/people.test.ts
  'person.contact',
  'account.keep',
  'case.handOver',
  'case.claim',
  // test/api/personal-data-life.test.ts: who sees and corrects the own data
  'ownData.read',
  'contact.correct',
  // test/api/sanctions.test.ts: the centre of the case alone
  'sanction.decide',
  // test/api/synthetic.test.ts
  'case.openSynthetic',
  // test/api/organisations.test.ts, test/api/custody.test.ts
  'organisation.read',
  'organisation.history',
  'organisation.change',
  'custody.transfer',
  'custody.read',
  'handover.sign',
  'handover.read',
  // test/api/access.test.ts: of no one case
  'access.search',
  // test/api/external.test.ts
  'external.decide',
  // no route yet
  'archive.read',
];

/** Operations that take more than the table's reach: the task must be of the caller's own level. */
const OWN_TASK: readonly GuardedOperation[] = ['task.claim', 'task.decide'];

const expected = (caller: Caller, operation: GuardedOperation): boolean => {
  // A review is no task of the worker's: what others say in it is not for the household.
  const { ownerSubject: _, ...ofUnions } = resource();
  if (!allows(caller, operation, operation.startsWith('task.') ? ofUnions : resource())) return false;
  // Nobody visits the own household.
  if (operation === 'visit.record' && caller.subject === application.subject) return false;
  const own = caller.organisation === 'ah-direct-1' && caller.roles.includes('grassrootsOfficer');
  if (OWN_TASK.includes(operation)) return own;
  // A colleague of another post in the same union is no superior.
  if (operation === 'task.assign') return own || caller.organisation !== 'ah-direct-1';
  return true;
};

const UNIONS = [...PATH, 'hf', 'hf-1', 'hf-1-1', undefined] as const;

describe('权限表由接口逐项执行', () => {
  test('每个事项都在这里或别处试过', () => {
    expect([...Object.keys(CALLS), ...ELSEWHERE].toSorted()).toEqual(Object.keys(POLICY).toSorted());
  });

  const cells = ROLES.flatMap((role) => UNIONS.map((union) => ({ role, union })));
  test.each(cells)('$role（$union）', async ({ role, union }) => {
    const wrong: string[] = [];
    const mark = await application.mark();
    for (const subject of ['somebody', application.subject]) {
      const client = await edition.person(subject, role, union);
      const caller: Caller = {
        subject,
        name: subject,
        roles: [role],
        ...(union === undefined ? {} : { organisation: union }),
      };
      for (const [operation, call] of Object.entries(CALLS) as [GuardedOperation, () => Call][]) {
        // A worker's own list is by the account, not by a union.
        if (operation === 'case.list' && role === 'applicant') continue;
        const target = operation === 'case.resume' ? { ...caller, subject: 'x' } : caller;
        const { status, body } = await client.call(...call());
        const open = expected(target, operation);
        const refused = status === 403 && body.code !== 'purpose-not-allowed';
        if (refused === open) wrong.push(`${subject} ${operation}: ${status}`);
        expect(status).toBeLessThan(500);
      }
    }
    expect(wrong).toEqual([]);
    expect(await application.mark()).toBe(mark);
  });

  test('未登录的，一律先请登录', async () => {
    for (const call of Object.values(CALLS)) {
      expect((await edition.anyone().call(...call())).status).toBe(401);
    }
  });

  test('只有受理工会的经办人可以代为建立申请', async () => {
    const body = householdOf({ today: edition.today });
    for (const role of ROLES) {
      for (const union of ['ah-direct-1', 'ah-direct', 'hf-1-1']) {
        const client = await edition.person('opener', role, union);
        const { status } = await client.call('POST', '/v1/cases', { ...body, applicant: 'the-worker' });
        const open = role === 'grassrootsOfficer' && union === 'ah-direct-1';
        expect({ role, union, open: status === 201 }).toEqual({ role, union, open });
      }
    }
  });
});

describe('回避：每一级都不由同一人、不由本家庭的人办理（B-4）', () => {
  const LEVELS = [
    ['grassrootsReview', 'grassrootsOfficer', 'ah-direct-1'],
    ['superiorReview', 'superiorOfficer', 'ah-direct'],
    ['centreReview', 'centreReviewer', 'ah'],
  ] as const satisfies readonly (readonly [string, Role, string])[];

  test('本人、家庭成员、已在别级办理过的人，认领和办理都被拒绝；无关的人可以', async () => {
    const one = await (await Application.open(edition)).file();
    const [person] = (await one.record()).persons;
    await edition.ports.items.transact([
      {
        type: 'put',
        item: {
          ...keys.accountGuard(person?.idIndex ?? ''),
          version: 1,
          schema: 1,
          data: { subject: 'the-relative' },
        },
      },
    ]);
    const deciders: string[] = [];
    for (const [kind, role, union] of LEVELS) {
      const id = await one.taskId(kind);
      const attempt = async (client: Client): Promise<unknown[]> => [
        await client.call('POST', `/v1/tasks/${id}/claim`),
        await client.call('POST', `/v1/tasks/${id}/decision`, await one.opinion(client, id, kind, PASS)),
      ];
      for (const subject of [one.subject, 'the-relative', ...deciders]) {
        const answers = await attempt(await edition.person(subject, role, union));
        for (const answer of answers) {
          expect(answer).toMatchObject({ status: 403, body: { code: 'decided-before', clause: 'B-4' } });
        }
      }
      const subject = `decider-${kind}`;
      await one.decide(kind, PASS, await edition.person(subject, role, union));
      await one.answered();
      deciders.push(subject);
    }
    expect(await one.record()).toMatchObject({ stage: 'notice' });
    await one.withdraw();
  });
});
