import { describe, expect, test } from 'vitest';
import type { Organisation } from '#domain/filing/organisations.ts';
import {
  actingAs,
  currentPosts,
  homeOf,
  newPerson,
  type Person,
  postFault,
  withoutPost,
  withPost,
} from '#domain/people/person.ts';
import { STAFF_ROLES, type StaffRole } from '#domain/people/roles.ts';

const START = Date.UTC(2020, 0, 1);
const LATER = '2020-06-01T00:00:00.000Z';

const staff = (...posts: readonly (readonly [StaffRole, string])[]): Person =>
  posts.reduce(
    (person, [role, organisation], index) =>
      withPost(person, { postId: `p${index + 1}`, role, organisation, from: '2020-01-01T00:00:00.000Z' }),
    newPerson({ subject: 'u-1', name: '王合成', kind: 'staff' }, START),
  );

const union = (kind: Organisation['kind'], id = kind as string): Organisation => ({
  id,
  name: id,
  kind,
  parent: null,
  region: '340100',
  code: null,
  contact: null,
  address: null,
  activeFrom: null,
  dissolution: null,
  supervisionPhone: '0551-00000000',
});

describe('任职（B-4 具名、B-15 专人）', () => {
  test('一人可在同一工会任几个岗位，同一岗位只算一次', () => {
    const person = staff(['keeper', 'hf'], ['inspector', 'hf']);
    expect(actingAs(person)).toEqual({ roles: ['keeper', 'inspector'], organisation: 'hf' });
    expect(postFault(person, 'keeper', union('city', 'hf'))?.code).toBe('post-held');
  });

  test('离任即失去岗位，任职经历保留：某日由谁保管档案始终可查', () => {
    const before = staff(['keeper', 'hf'], ['inspector', 'hf']);
    const after = withoutPost(before, 'p1', LATER);
    expect(after && actingAs(after)).toEqual({ roles: ['inspector'], organisation: 'hf' });
    expect(after?.posts).toMatchObject([
      { role: 'keeper', from: '2020-01-01T00:00:00.000Z', until: LATER },
      { role: 'inspector', until: null },
    ]);
    expect(after && withoutPost(after, 'p1', LATER)).toBeUndefined();
    expect(withoutPost(before, 'unknown', LATER)).toBeUndefined();
  });

  test('在一个工会离任后才能到另一工会任职', () => {
    const person = staff(['keeper', 'hf']);
    expect(postFault(person, 'keeper', union('county', 'hf-1'))?.code).toBe('other-union');
    const free = withoutPost(person, 'p1', LATER) ?? person;
    expect(postFault(free, 'keeper', union('county', 'hf-1'))).toBeUndefined();
    expect(currentPosts(free)).toEqual([]);
    expect(homeOf(free)).toBe('hf');
    expect(actingAs(free)).toEqual({ roles: [] });
  });

  test('账号停用后什么岗位都不能行使', () => {
    expect(actingAs({ ...staff(['keeper', 'hf']), state: 'suspended' })).toEqual({ roles: [] });
  });

  test('职工账号只是职工，不能任职', () => {
    const worker = newPerson({ subject: 'u-2', name: '李合成', kind: 'applicant' }, START);
    expect(actingAs(worker)).toEqual({ roles: ['applicant'] });
    for (const role of STAFF_ROLES)
      expect(postFault(worker, role, union('centre'))?.code).toBe('applicant-account');
    expect(homeOf(worker)).toBeUndefined();
  });

  // 由审核流程手工写出：基层、上级、服务中心（或市）各有其岗位；审计员通览全省，只能由省设。
  test.each([
    ['grassrootsOfficer', ['grassroots']],
    ['superiorOfficer', ['county', 'industry', 'direct']],
    ['centreReviewer', ['centre', 'city']],
    ['auditor', ['centre']],
    ['meetingSecretary', ['centre', 'city', 'county', 'industry', 'direct', 'grassroots']],
    ['keeper', ['centre', 'city', 'county', 'industry', 'direct', 'grassroots']],
    ['inspector', ['centre', 'city', 'county', 'industry', 'direct', 'grassroots']],
    ['administrator', ['centre', 'city', 'county', 'industry', 'direct', 'grassroots']],
  ] as const)('%s 设在 %j', (role, places) => {
    const kinds = ['centre', 'city', 'county', 'industry', 'direct', 'grassroots'] as const;
    const fitting = kinds.filter((kind) => postFault(staff(), role, union(kind)) === undefined);
    expect(fitting).toEqual([...places]);
  });
});
