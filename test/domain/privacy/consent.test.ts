import { describe, expect, test } from 'vitest';
import { consentActsSchema, type PersonConsent } from '#domain/privacy/consent.ts';
import { consentFaults } from '#domain/privacy/consent-rules.ts';
import { currentNotice, noticeDigest, PRIVACY_NOTICES } from '#domain/privacy/notices.ts';
import { syntheticIdNumber } from '../../../scripts/demo/synthetic.ts';

const NOW = Date.parse('2019-01-07T01:00:00Z');

const person = (memberId: string, birthDate: string) => ({
  memberId,
  idNumber: syntheticIdNumber({ birthDate, sex: 'female', serial: 1 }),
});

const PEOPLE = [
  person('worker', '1975-05-06'),
  person('spouse', '1976-05-06'),
  // Fourteen tomorrow, fourteen today.
  person('child', '2005-01-08'),
  person('pupil', '2005-01-07'),
];

const self = (memberId: string): PersonConsent => ({ memberId, given: 'self', guardian: null });
const guarded = (memberId: string, guardian: string | null): PersonConsent => ({
  memberId,
  given: 'guardian',
  guardian,
});
const GOOD = [self('worker'), self('spouse'), guarded('child', 'worker'), self('pupil')];

const faults = (persons: readonly PersonConsent[], now = NOW): readonly string[] =>
  consentFaults({ persons: [...persons] }, PEOPLE, 'worker', now).map(
    ({ pointer, code }) => `${pointer} ${code}`,
  );

const instead = (one: PersonConsent): readonly PersonConsent[] =>
  GOOD.map((given) => (given.memberId === one.memberId ? one : given));

describe('处理个人信息的同意', () => {
  test('成年人自己同意，或者书面授权职工代为表示；不满十四周岁的由监护人同意', () => {
    expect(faults(GOOD)).toEqual([]);
    expect(faults(instead({ ...self('spouse'), given: 'authorised' }))).toEqual([]);
  });

  test('不满十四周岁的自己不能同意；当天满十四周岁的可以', () => {
    expect(faults(instead(self('child')))).toEqual(['/persons/2/given guardian-needed']);
    expect(faults(instead({ ...self('child'), given: 'authorised' }))).toEqual([
      '/persons/2/given guardian-needed',
    ]);
    expect(faults(instead(self('child')), NOW + 86_400_000)).toEqual([]);
  });

  test('没有行为能力的成年人可以由监护人同意', () => {
    expect(faults(instead(guarded('spouse', 'worker')))).toEqual([]);
  });

  test.each([
    ['没有写明', null],
    ['是本人', 'child'],
    ['是未成年人', 'pupil'],
    ['不在申请中', 'somebody'],
  ])('监护人%s，不行', (_, guardian) => {
    expect(faults(instead(guarded('child', guardian)))).toEqual(['/persons/2/guardian no-guardian']);
  });

  test('职工本人的同意不能由别人代为表示', () => {
    for (const given of ['authorised', 'guardian'] as const) {
      expect(faults(instead({ memberId: 'worker', given, guardian: 'spouse' }))).toEqual([
        '/persons/0/given own-consent',
      ]);
    }
  });

  test('少一人、多一人、重复，都不行', () => {
    expect(faults(GOOD.slice(0, 3))).toEqual(['/persons consent-missing']);
    expect(faults([...GOOD, self('somebody')])).toEqual(['/persons/4/memberId unknown-person']);
    expect(faults([...GOOD, self('spouse')])).toEqual(['/persons/4/memberId unknown-person']);
  });

  test('处理个人信息和处理敏感个人信息须分别同意', () => {
    const acts = { notice: '2026-1', processing: true, sensitive: true };
    expect(consentActsSchema.safeParse(acts).success).toBe(true);
    for (const key of ['processing', 'sensitive']) {
      expect(consentActsSchema.safeParse({ ...acts, [key]: false }).success).toBe(false);
    }
  });
});

describe('告知书', () => {
  const said = JSON.stringify(currentNotice(PRIVACY_NOTICES));

  test.each([
    ['谁处理', '受理您申请的基层工会'],
    ['目的', '不作他用'],
    ['敏感信息及必要性', '不处理这些信息就无法核实'],
    ['比对另行授权', '《授权书》'],
    ['保存期限', '自撤档之日起保管10年'],
    ['撤回同意即撤回申请', '撤回同意即撤回申请'],
    ['监护人', '父母或者其他监护人'],
  ])('告知%s', (_, words) => {
    expect(said).toContain(words);
  });

  test('已发布的文本一字不改：改了就须另发新版本', () => {
    expect(PRIVACY_NOTICES.map((notice) => [notice.version, noticeDigest(notice)])).toEqual([
      ['2026-1', 'a675db11798451383c5fa2f8dc5a176a726ff144e3f8a42b85580e3737b0cfbd'],
    ]);
  });
});
