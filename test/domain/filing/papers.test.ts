import { expect, test } from 'vitest';
import { missingPapers, type PaperFacts, requiredPapers } from '#domain/filing/papers.ts';

const facts: PaperFacts = {
  migrant: false,
  authorised: true,
  members: [
    { id: 'a', name: '甲样例', hasIncome: true },
    { id: 'b', name: '乙样例', hasIncome: false },
  ],
  expenditures: ['medical', 'medical', 'schooling'],
};

const named = (wanted: PaperFacts): readonly string[] =>
  requiredPapers(wanted).map(({ paper, clause, memberId, expenditure }) =>
    [paper, clause, memberId, expenditure].filter((part) => part !== null).join(' '),
  );

test('每名成员要身份证明，有收入的成员要收入证明，每一类支出要一份凭证', () => {
  expect(named(facts)).toEqual([
    'application A-1',
    'authorisation A-2',
    'promise B-8.1',
    'identity A-3 a',
    'identity A-3 b',
    'incomeProof A-5 a',
    'expenditureProof A-8 medical',
    'expenditureProof A-8 schooling',
    'bankCard A-11',
  ]);
});

test('不授权比对是明确的答复，不是缺材料', () => {
  expect(named({ ...facts, authorised: false })).toEqual(
    named(facts).filter((paper) => !paper.startsWith('authorisation')),
  );
});

test('农民工另要劳动关系证明', () => {
  const more = named({ ...facts, migrant: true }).filter((paper) => !named(facts).includes(paper));
  expect(more).toEqual(['labourRelation A-5']);
});

test('别的成员、别的支出的材料不能顶替；多交不妨', () => {
  const required = requiredPapers(facts);
  const present = required.filter(({ paper, memberId, expenditure }) => {
    return !(paper === 'identity' && memberId === 'b') && expenditure !== 'schooling';
  });
  const extra = { paper: 'visitRecord', memberId: null, expenditure: null } as const;
  expect(missingPapers(required, [...present, ...present, extra]).map(({ title }) => title)).toEqual([
    '家庭成员身份证明（乙样例）',
    '刚性支出证明（教育支出）',
  ]);
  expect(missingPapers(required, required)).toEqual([]);
});
