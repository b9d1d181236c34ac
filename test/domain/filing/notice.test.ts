import { expect, test } from 'vitest';
import { noticeContent } from '#domain/filing/notice.ts';

test('公示有户主姓名、成员与职工的关系和就业就读现状、收入构成、困难情况，没有成员姓名（注五）', () => {
  const members = [
    { relation: 'self', status: 'employed', incomes: [{ kind: 'wage' }, { kind: 'property' }], id: 'a' },
    { relation: 'spouse', status: 'unemployed', name: '乙样例', employer: '某单位' },
    {
      relation: 'child',
      status: 'student',
      school: '某学校',
      incomes: [{ kind: 'transfer' }, { kind: 'transfer' }],
    },
  ];
  const content = noticeContent({
    householder: '甲样例',
    worker: '甲样例',
    unit: '示例设计院',
    cause: '子女就学',
    members,
  });
  expect(content).toEqual({
    householder: '甲样例',
    worker: '甲样例',
    unit: '示例设计院',
    members: [
      { relation: '本人', status: '在职' },
      { relation: '配偶', status: '未就业' },
      { relation: '子女', status: '在读' },
    ],
    incomeComposition: '工资性收入、财产净收入、转移净收入',
    hardship: '子女就学',
  });
});

test('没有任何收入的家庭写明无收入', () => {
  const content = noticeContent({
    householder: '甲',
    worker: '甲',
    unit: '乙',
    cause: '丙',
    members: [{ relation: 'self', status: 'unableToWork' }],
  });
  expect(content.incomeComposition).toBe('无收入');
});
