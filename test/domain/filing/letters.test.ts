import { expect, test } from 'vitest';
import type { Case, Refusal } from '#domain/filing/case.ts';
import * as letters from '#domain/filing/letters.ts';

const field = (name: string) => ({ sealed: `sealed-${name}`, masked: `masked-${name}` });

const record: Case = {
  caseId: 'case-1',
  route: 'provinceDirect',
  stage: 'grassrootsReview',
  submission: 1,
  visit: 1,
  attempt: 1,
  applicant: 'worker-1',
  openedAt: '2019-01-07T01:00:00.000Z',
  openedBy: { subject: 'worker-1', name: '甲样例', organisation: null },
  unions: { grassroots: 'ah-direct-1', superior: 'ah-direct', centre: 'ah' },
  organisationPath: ['ah', 'ah-direct', 'ah-direct-1'],
  custody: null,
  workerId: 'a',
  householderId: 'a',
  persons: ['a', 'b'].map((memberId) => ({
    memberId,
    name: memberId === 'a' ? '甲样例' : '乙样例',
    relationToHouseholder: '户主',
    idNumber: field('id'),
    idIndex: `index-${memberId}`,
  })),
  supporters: [],
  employer: '示例设计院',
  phone: field('phone'),
  address: field('address'),
  bankCard: { number: field('card'), bank: '样例银行' },
  cause: '子女就学',
  wishes: [],
  declaration: {},
  applicationDate: '2019-01-07',
  openTask: null,
  requested: [
    { paper: 'incomeProof', memberId: 'b', note: '近12个月的流水', since: null },
    { paper: 'bankCard', memberId: null, note: null, since: null },
  ],
  opinions: [],
  visits: [],
  crossCheck: null,
  settlements: [],
  determination: null,
  notice: null,
  refusal: null,
  consents: [],
  endedAt: null,
  disposal: null,
  bars: [],
  clawBacks: [],
  file: { number: '340100-2019-00001', establishedAt: '2019-01-14T16:00:00.000Z' },
  meeting: null,
  archive: null,
  reminders: 0,
  fault: null,
  letters: 0,
  assessments: 0,
  audit: { sequence: 1, hash: '0' },
};

const UNION = { name: '省直机关工会（样例）', supervisionPhone: '0551-62345678' };
const OTHER = { name: '示例街道工会', supervisionPhone: '0551-62345679' };
const NAMED = '省直机关工会（样例）（电话0551-62345678）';

const refusal: Refusal = {
  clauses: ['B-7.1', 'Z-9'],
  reason: '拥有两套住房。',
  by: { subject: 'officer', name: '丙样例', organisation: 'ah-direct' },
};

test('不予建档通知写明理由、条款原文、作出意见的人和下一步；没有登记的条款至少写出编号', () => {
  const { text } = letters.rejectionLetter(record, refusal, UNION, [
    '若配偶（b）的收入经核实，可以建省总级档案。',
  ]);
  expect(text.split('\n')).toEqual([
    '甲样例：',
    '您的困难职工建档申请未予通过。',
    '理由：拥有两套住房。',
    '依据：',
    expect.stringMatching(/^· 皖工发〔2017〕51号第七条第（一）项（B-7\.1）：“.*拥有2套（含）以上住房的/),
    '· Z-9',
    `作出意见：${NAMED}，丙样例`,
    '按测算，以下情况如经核实，结果会改变：',
    '· 若配偶（乙样例）的收入经核实，可以建省总级档案。',
    expect.stringContaining('可以重新提出申请'),
  ]);
});

test('未授权比对的，告诉家庭签署授权书后可以再申请', () => {
  const { text } = letters.rejectionLetter(
    record,
    { clauses: ['C-2'], reason: '未授权。', by: null },
    null,
    [],
  );
  expect(text).toContain('签署授权书后重新提出申请');
  expect(text).not.toContain('作出意见');
});

test('补正通知逐项列出材料、是谁的、说明和期限；没有期限时不写日期', () => {
  const { text } = letters.supplementLetter(record, '2019-01-21', UNION);
  expect(text).toContain('1. 收入证明（乙样例）：近12个月的流水\n2. 银行卡复印件\n');
  expect(text).toContain('2019-01-21前（本单位规定）');
  expect(letters.supplementLetter(record, null, UNION).text).toContain('由承办单位另行通知');
});

test('帮扶决定逐项写明类别、金额和资金来源；不安排资金时说明档案有效', () => {
  const meeting = {
    meetingId: 'm',
    heldOn: '2019-01-15',
    attendees: ['甲', '乙'],
    minutes: '纪要',
    resolution: '同意。',
    aids: [{ kind: 'living', amount: '3000', fund: 'unionFunds' } as const],
  };
  expect(letters.aidLetter({ ...record, meeting }, UNION).text).toContain(
    '· 生活救助 3000元，资金来源：工会经费',
  );
  expect(letters.aidLetter({ ...record, meeting: { ...meeting, aids: [] } }, UNION).text).toContain(
    '继续有效',
  );
});

test('任何一封信里都没有证件、电话、地址、银行卡，遮蔽的也没有', () => {
  const all = [
    letters.submittedLetter(record),
    letters.supplementLetter(record, null, UNION),
    letters.taskLetter(record, 'centreReview', '2019-01-21'),
    letters.reminderLetter(record, 'meeting', 1),
    letters.escalationLetter(record, 'objections', UNION),
    letters.noticeLetter(record, '2019-01-14', UNION),
    letters.establishedLetter(record, UNION),
    letters.aidLetter(record, UNION),
    letters.rejectionLetter(record, refusal, UNION, []),
    letters.rejectionNotice(record, refusal, UNION),
    letters.withdrawnLetter(record),
    letters.custodyLetter(record, UNION, OTHER, '原单位已撤销'),
  ];
  for (const { title, text } of all) {
    expect(title).not.toBe('');
    expect(text).not.toMatch(/masked-|sealed-|index-/);
  }
});

test.each([
  ['补正', letters.supplementLetter(record, null, UNION), `请联系受理申请的${NAMED}协助办理`],
  ['公示', letters.noticeLetter(record, '2019-01-14', UNION), `您的申请由${NAMED}公示`],
  ['公示（截止日待定）', letters.noticeLetter(record, null, UNION), `您的申请由${NAMED}公示`],
  ['建档', letters.establishedLetter(record, UNION), `档案由${NAMED}保管`],
  [
    '不予建档（下级工会）',
    letters.rejectionNotice(record, refusal, UNION),
    '经省直机关工会（样例）审核不予建档',
  ],
  ['逾期上报', letters.escalationLetter(record, 'objections', UNION), `由${NAMED}承办，逾期未办`],
  [
    '移交保管',
    letters.custodyLetter(record, UNION, OTHER, '原单位已撤销'),
    '移交示例街道工会（电话0551-62345679）保管',
  ],
  [
    '移交办理',
    letters.custodyLetter({ ...record, file: null }, UNION, OTHER, '原单位已撤销'),
    '现由示例街道工会（电话0551-62345679）继续办理，您不需要重新申请',
  ],
])('%s的信里写明是哪个工会', (_, { text }, wanted) => {
  expect(text).toContain(wanted);
});
