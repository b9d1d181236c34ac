import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allows,
  type Caller,
  type GuardedOperation,
  mayDecide,
  POLICY,
  PUBLIC_OPERATIONS,
  type Resource,
  ROLES,
  type Role,
  requireAccess,
  requireRole,
  scopesOf,
} from '#functions/shared/access/policy.ts';
import { AppError } from '#functions/shared/errors.ts';

/**
 * Every role against every operation, written out by hand from the regulation and the design, not from the table
 * under test. One letter for each kind of resource that is open to the caller, a dot for each that is not:
 * m the caller's own case, filed elsewhere · o of the caller's own union · b of a union below · a of the union above ·
 * e of a union elsewhere.
 */
const EXPECTED = `
                  applicant grassrootsOfficer superiorOfficer centreReviewer meetingSecretary keeper inspector auditor administrator
case.open         m....     .o...             .....           .....          .....            .....  .....     .....   .....
case.openSynthetic .....    .....             .....           .....          .....            .....  .....     .....   mobae
case.read         m....     .o...             .ob..           .ob..          .ob..            .ob..  .ob..     mobae   .....
case.list         m....     .o...             .ob..           .ob..          .ob..            .ob..  .ob..     mobae   .....
case.edit         m....     .o...             .....           .ob..          .....            .....  .....     .....   .....
case.submit       m....     .o...             .....           .....          .....            .....  .....     .....   .....
case.withdraw     m....     .o...             .....           .....          .....            .....  .....     .....   .....
case.resume       .....     .....             .....           .....          .....            .....  .....     .....   .ob..
document.upload   m....     .o...             .ob..           .ob..          .ob..            .....  .....     .....   .....
task.list         m....     .o...             .o...           .o...          .o...            .....  .ob..     mobae   .....
task.read         m....     .o...             .ob..           .ob..          .o...            .....  .ob..     mobae   .....
task.watch        .....     .....             .ob..           .ob..          .....            .....  .ob..     mobae   .....
task.claim        .....     .o...             .o...           .o...          .o...            .....  .....     .....   .....
task.assign       .....     .o...             .ob..           .ob..          .o...            .....  .....     .....   .....
task.comment      .....     .o...             .ob..           .ob..          .o...            .....  .....     .....   .....
task.decide       m....     .o...             .o...           .o...          .....            .....  .....     .....   .....
visit.record      .....     .o...             .ob..           .ob..          .....            .....  .....     .....   .....
meeting.hold      .....     .....             .....           .....          .o...            .....  .....     .....   .....
message.list      m....     .o...             .o...           .o...          .o...            .....  .....     .....   .....
message.revive    .....     .....             .....           .....          .....            .....  .....     .....   mobae
archive.read      m....     .o...             .ob..           .ob..          .....            .ob..  .ob..     mobae   .....
crossCheck.exchange  ..... ..... ..... .o... ..... ..... ..... ..... .....
field.open        m....     .o...             .ob..           .ob..          .....            .....  .ob..     .....   .....
paper.open        m....     .o...             .ob..           .ob..          .....            .ob..  .ob..     .....   .....
access.read       m....     .....             .....           .....          .....            .ob..  .....     mobae   .....
access.search     .....     .....             .....           .....          .....            .....  .....     mobae   .....
external.request  .....     .o...             .ob..           .ob..          .....            .ob..  .....     .....   .....
external.decide   .....     .....             .....           .....          .....            .o...  .....     .....   .....
external.read     m....     .o...             .ob..           .ob..          .....            .ob..  .....     mobae   .....
organisation.read    mobae mobae mobae mobae mobae mobae mobae mobae mobae
organisation.history ..... ..... ..... ..... ..... ..... ..... mobae mobae
organisation.change  ..... ..... ..... ..... ..... ..... ..... ..... mobae
custody.transfer     ..... ..... ..... ..... ..... .ob.. ..... ..... .....
custody.read         ..... ..... ..... ..... ..... .ob.. ..... mobae .....
handover.sign        ..... .o... .o... .o... .o... .o... ..... ..... .....
handover.read        ..... .o... .o... .o... .o... .ob.. ..... mobae .....
case.handOver     .....     .o...             .....           .....          .....            .....  .....     .....   .....
ownData.read      m.... ..... ..... ..... ..... ..... ..... ..... .....
contact.correct   m.... .o... ..... ..... ..... ..... ..... ..... .....
sanction.decide   ..... ..... ..... .o... ..... ..... ..... ..... .....
sanction.read     ..... ..... ..... .ob.. ..... ..... .ob.. mobae .....
disposal.make     ..... ..... ..... ..... ..... .ob.. ..... ..... .....
disposal.read     ..... ..... ..... ..... ..... .ob.. ..... mobae .....
privacyNotice.consult mobae mobae mobae mobae mobae mobae mobae mobae mobae
privacyNotice.read mobae mobae mobae mobae mobae mobae mobae mobae mobae
case.claim        m....     .....             .....           .....          .....            .....  .....     .....   .....
person.list       .....     .....             .....           .....          .....            .....  .....     mobae   .ob..
person.read       .....     .....             .....           .....          .....            .....  .....     mobae   .ob..
person.create     .....     .....             .....           .....          .....            .....  .....     .....   .ob..
person.post       .....     .....             .....           .....          .....            .....  .....     .....   .ob..
person.suspend    .....     .....             .....           .....          .....            .....  .....     .....   .ob..
person.reset      .....     .....             .....           .....          .....            .....  .....     .....   .ob..
person.contact    .....     .....             .....           .....          .....            .....  .....     .....   .ob..
account.keep         mobae mobae mobae mobae mobae mobae mobae mobae mobae
notice.read       mobae     mobae             mobae           mobae          mobae            mobae  mobae     mobae   mobae
objection.raise   mobae     mobae             mobae           mobae          mobae            mobae  mobae     mobae   mobae
assessment.try    mobae     mobae             mobae           mobae          mobae            mobae  mobae     mobae   mobae
external.open     mobae     mobae             mobae           mobae          mobae            mobae  mobae     mobae   mobae
description.read  mobae     mobae             mobae           mobae          mobae            mobae  mobae     mobae   mobae
`;

const RESOURCES: Readonly<Record<string, Resource>> = {
  m: { ownerSubject: 'me', organisation: '3402', organisationPath: ['34', '3402'] },
  o: { ownerSubject: 'other', organisation: '3401', organisationPath: ['34', '3401'] },
  b: { ownerSubject: 'other', organisation: '340102', organisationPath: ['34', '3401', '340102'] },
  a: { ownerSubject: 'other', organisation: '34', organisationPath: ['34'] },
  e: { ownerSubject: 'other', organisation: '340302', organisationPath: ['34', '3403', '340302'] },
};

const person = (...roles: readonly Role[]): Caller => ({
  subject: 'me',
  name: '王芳',
  roles,
  organisation: '3401',
});

const GUARDED = Object.keys(POLICY) as GuardedOperation[];
const OPERATIONS = [...GUARDED, ...PUBLIC_OPERATIONS];

const [header = [], ...rows] = EXPECTED.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const cells = rows.flatMap(([operation, ...reaches]) =>
  reaches.map((reach, column) => ({ operation, role: header[column], reach })),
);

const refusal = (run: () => void): AppError | undefined => {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return undefined;
};

describe('权限表', () => {
  test('期望表写全了每个角色和每个事项', () => {
    expect(header).toEqual([...ROLES]);
    expect(rows.map(([operation]) => operation).sort()).toEqual([...OPERATIONS].sort());
    expect(cells).toHaveLength(ROLES.length * OPERATIONS.length);
  });

  test.each(cells)('$role 办理 $operation 的范围是 $reach', ({ operation, role, reach }) => {
    const known = OPERATIONS.find((each) => each === operation);
    const holder = ROLES.find((each) => each === role);
    if (known === undefined || holder === undefined) throw new Error('the table names something unknown');
    const open = Object.entries(RESOURCES)
      .map(([letter, resource]) => (allows(person(holder), known, resource) ? letter : '.'))
      .join('');
    expect(open).toBe(reach);
  });

  test('未登录者只能办理公开事项', () => {
    for (const resource of Object.values(RESOURCES)) {
      for (const operation of GUARDED) expect(allows(null, operation, resource)).toBe(false);
      for (const operation of PUBLIC_OPERATIONS) expect(allows(null, operation, resource)).toBe(true);
    }
  });

  test('没有所属工会的人，不因资源也没有写明工会而获得权限', () => {
    const { organisation: _, ...loose } = person('grassrootsOfficer', 'superiorOfficer');
    expect(allows(loose, 'case.read', {})).toBe(false);
    expect(allows(loose, 'task.decide', {})).toBe(false);
  });

  test('资源的归属不明时，只有全域权限可以办理', () => {
    expect(allows(person('applicant', 'grassrootsOfficer', 'keeper'), 'case.read', {})).toBe(false);
    expect(allows(person('auditor'), 'case.read', {})).toBe(true);
  });

  test('上级工会按路径判断辖区，编码的前缀不算数', () => {
    const sibling = { organisation: '34010', organisationPath: ['34', '34010'] };
    expect(allows(person('superiorOfficer'), 'case.read', sibling)).toBe(false);
  });

  test('兼任多个角色的人，权限是各角色之和', () => {
    const both = person('applicant', 'superiorOfficer');
    expect([...scopesOf(both, 'case.read')].sort()).toEqual(['ownCase', 'subtree']);
    expect(scopesOf(person('administrator'), 'case.read').size).toBe(0);
  });

  test('增加一个角色，不会失去任何权限', () => {
    const letters = Object.values(RESOURCES);
    fc.assert(
      fc.property(
        fc.subarray([...ROLES]),
        fc.constantFrom(...ROLES),
        fc.constantFrom(...GUARDED),
        fc.constantFrom(...letters),
        (roles, added, operation, resource) =>
          !allows(person(...roles), operation, resource) ||
          allows(person(...roles, added), operation, resource),
      ),
    );
  });

  test('越权办理被拒绝，并说明是未登录还是无权限', () => {
    const { e: elsewhere = {}, o: own = {} } = RESOURCES;
    expect(refusal(() => requireAccess(null, 'case.read', own))).toMatchObject({
      status: 401,
      code: 'not-signed-in',
    });
    expect(refusal(() => requireAccess(person('grassrootsOfficer'), 'case.read', elsewhere))).toMatchObject({
      status: 403,
      code: 'not-allowed',
    });
    expect(refusal(() => requireAccess(person('grassrootsOfficer'), 'case.read', own))).toBeUndefined();
    expect(refusal(() => requireRole(person('administrator'), 'case.read'))).toMatchObject({ status: 403 });
    expect(refusal(() => requireRole(person('applicant'), 'case.read'))).toBeUndefined();
  });
});

describe('回避', () => {
  const nobody = { deciders: [], ownerSubject: 'owner', householdSubjects: [] };

  test('与本案无关的人可以审核', () => {
    expect(mayDecide(person('centreReviewer'), nobody)).toBe(true);
  });
  test('同一人不得在同一案中审核两次', () => {
    expect(mayDecide(person('centreReviewer'), { ...nobody, deciders: ['other', 'me'] })).toBe(false);
  });
  test('申请人不得审核自己的申请', () => {
    expect(mayDecide(person('centreReviewer'), { ...nobody, ownerSubject: 'me' })).toBe(false);
  });
  test('家庭成员不得审核本家庭的申请', () => {
    expect(mayDecide(person('centreReviewer'), { ...nobody, householdSubjects: ['me'] })).toBe(false);
  });
});
