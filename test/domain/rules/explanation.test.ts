import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assessed, car, type Document, example, outcomeOf, twoHomes, worker } from './household.ts';

const shipped: unknown = JSON.parse(
  readFileSync(new URL('../../../parameters/example-2018.json', import.meta.url), 'utf8'),
);

const spouse = { id: 's', relation: 'spouse', onRegister: true, status: 'employed' };

/** The sentences under a clause, without the citation that ends each. */
const sentences = (changes: Document, clause: string, standards: Document = {}): string[] =>
  outcomeOf(changes, standards)
    .explanation.filter((line) => line.clause === clause)
    .map(({ text }) => text.replace(/（依据：.*$/, ''));

describe('the explanation of the worked examples', () => {
  test('例1', () => {
    const texts = assessed(example('example-1'), shipped).explanation.map(({ text }) => text);
    expect(texts).toEqual(
      expect.arrayContaining([
        '本人（li）全年工资性收入48200.00元，减去所得税180.00元、社会保险和住房公积金5700.00元，计42320.00元。（依据：皖工发〔2017〕51号第六条、附件有关说明注一）',
        '扣除刚性支出之后，家庭人均月可支配收入＝（62320.00－40000.00）÷12÷3＝620.00元（适用口径R-1）。（依据：安徽省职工服务中心困难职工帮扶救助建档材料“附：建档计算方式”）',
        '因意外或重大疾病支出35300.00元；扣除刚性支出前人均月收入1731.11元，不高于低保标准的3倍1917.00元；扣除刚性支出后人均月收入620.00元，不高于低保标准639.00元，符合全总级“意外致困户”。（依据：皖工发〔2017〕51号第五条第（一）项第3目）',
        '结论：符合建档条件，建全总级档案，类别为意外致困户。（依据：皖工发〔2017〕51号第五条第（一）项第3目）',
      ]),
    );
    expect(texts.at(-2)).toContain('只减意外致困支出为人均每月750.56元，高于低保标准');
  });

  test('例2', () => {
    const { explanation } = assessed(example('example-2'), shipped);
    expect(explanation.find(({ clause }) => clause === 'B-5.6')).toEqual({
      clause: 'B-5.6',
      text: '扣除刚性支出前人均月收入1750.00元，不高于低保标准的3倍1917.00元；扣除刚性支出后人均月收入750.00元，不高于低保标准的1.5倍958.50元；有致困原因，符合省总级（适用口径R-5）。（依据：皖工发〔2017〕51号第五条第（二）项）',
      values: { raw: '1750.00', rawLimit: '1917.00', net: '750.00', netLimit: '958.50' },
      evidence: [],
    });
  });
});

describe('the explanation', () => {
  test('ties every figure to its papers', () => {
    const { explanation } = outcomeOf({
      members: [{ ...worker, incomes: [{ kind: 'wage', amount: '9000', evidence: ['p1', 'p2'] }] }],
      expenditures: [
        { kind: 'medical', amount: '100', evidence: ['p3'] },
        { kind: 'living', amount: '5', evidence: ['p6'] },
      ],
      assets: {
        homes: [{ area: '50', evidence: ['p4'] }],
        vehicles: [{ kind: 'motorVehicle', purchasePrice: '1', usedAsEmployee: true, evidence: ['p5'] }],
      },
    });
    const evidence = (clause: string) =>
      explanation.filter((line) => line.clause === clause).map((line) => line.evidence);
    expect(evidence('B-6')).toEqual([
      ['p1', 'p2'],
      ['p1', 'p2'],
      ['p1', 'p2'],
    ]);
    expect(evidence('A-12')).toEqual([['p1', 'p2', 'p3']]);
    expect([...evidence('C-5'), ...evidence('A-8')]).toEqual([['p3'], ['p6'], ['p3']]);
    expect([...evidence('B-7.1'), ...evidence('B-7.3')]).toEqual([['p4'], ['p5']]);
  });

  test.each<[string, Document, Document, string, string]>([
    [
      '推定收入',
      { members: [worker, { ...spouse, status: 'unemployed' }] },
      {},
      'A-6',
      '配偶（s）申报的净工资为0.00元；按规定以合肥市最低工资标准每月1500元乘以12个月推定，全年18000.00元，高于申报数，工资按推定数计算（适用口径R-10）。',
    ],
    [
      '按低保办法核定的收入',
      {
        worker: { kind: 'migrant', standing: 'employed', labourRelationMonths: 6 },
        members: [worker, { ...spouse, incomeUnverifiable: true }],
      },
      { unprovenIncome: '900.5' },
      'B-n4',
      '配偶（s）申报的净工资为0.00元；按规定以合肥市低保办法的核定收入标准每月900.5元乘以12个月推定，全年10806.00元，高于申报数，工资按推定数计算（适用口径R-10、R-16）。',
    ],
    [
      '失业金',
      { worker: { kind: 'urban', standing: 'unemployed', labourRelationMonths: 0 } },
      {},
      'R-18',
      '本人（w）领取失业金，不推定工资收入，失业金按转移性收入计算。',
    ],
    [
      '特殊情况',
      { members: [worker, { ...spouse, status: 'unemployed', specialCircumstances: true }] },
      {},
      'A-6',
      '配偶（s）没有就业，但已证明有特殊情况，不按最低工资推定收入。',
    ],
    ['收入期间', {}, {}, 'A-5', '收入按2018-01至2018-12的12个月计算。'],
    [
      '没有查明的收入',
      { members: [worker, { ...spouse, incomes: [{ kind: 'business', amount: null }] }] },
      {},
      'A-5',
      '配偶（s）全年经营净收入还有数额没有查明，家庭收入因此还不能确定；不知道的数额不当作零。',
    ],
    [
      '缺少的标准',
      {},
      { subsistenceAllowance: undefined },
      'R-15',
      '当地没有评估当日有效的规定：低保标准，须先查明或补齐，不作推断。',
    ],
    [
      '不符合的级别',
      { members: [{ ...worker, incomes: [{ kind: 'transfer', amount: '21601' }] }] },
      {},
      'B-5.6',
      '扣除刚性支出前人均月收入1800.08元，高于低保标准的3倍1800.00元，不符合省总级（适用口径R-5）。',
    ],
    [
      '适用的例外',
      { members: [worker, spouse], expenditures: [{ kind: 'accident', amount: '9' }], assets: twoHomes },
      {},
      'C-3',
      '家庭拥有2套住房，住房面积共32.00平方米、由2人居住，当地最低住房保障标准为人均16平方米；但困难由大病、灾害或事故造成，且符合第五条的标准和例外的条件，仍可建档（适用口径R-9）。',
    ],
    [
      '不适用例外的车辆',
      { assets: car('100000.01') },
      {},
      'B-7.3',
      '家庭非受雇佣经常使用机动车，购置价格100000.01元，例外的限额为100000.00元；不得建全总级、省总级档案。',
    ],
    [
      '一事一议',
      {
        members: [{ ...worker, incomes: [{ kind: 'transfer', amount: '30000' }] }],
        expenditures: [{ kind: 'schooling', amount: '20000' }],
      },
      {},
      'C-6',
      '扣除刚性支出前人均月收入2500.00元，高于低保标准的3倍1800.00元；扣除刚性支出后人均月收入833.33元，不高于低保标准的2倍1200.00元，符合一事一议的条件（适用口径R-5）。',
    ],
  ])('says of %s who, how much, which limit', (_, changes, standards, clause, sentence) => {
    expect(sentences(changes, clause, standards)).toContain(sentence);
  });

  test.each<[string, Document, Document, string]>([
    ['符合', {}, {}, '结论：符合建档条件，建省总级档案，类别为低保边缘户。'],
    [
      '不符合',
      { members: [{ ...worker, incomes: [{ kind: 'transfer', amount: '99999' }] }] },
      {},
      '结论：不符合各级建档标准。',
    ],
    [
      '有不予建档的情形',
      { crossCheckAuthorised: false },
      {},
      '结论：不予建档，原因是城市职工没有授权信息比对。',
    ],
    [
      '还有缺项',
      {},
      { subsistenceAllowance: undefined },
      '结论：暂不能作出，须先补齐或核实1项情况：当地没有评估当日有效的规定：低保标准。',
    ],
  ])('ends in a conclusion: %s', (_, changes, standards, conclusion) => {
    const texts = outcomeOf(changes, standards).explanation.map(({ text }) => text);
    expect(
      texts.filter((text) => text.startsWith('结论')).map((text) => text.replace(/（依据：.*$/, '')),
    ).toEqual([conclusion]);
  });
});
