/** Step 10: which aid is suggested, and which funds may pay for it. */
import type { Declaration } from './declaration.ts';
import { type Expenses, expenseEvidence } from './expenditure.ts';
import { A_12 } from './figures.ts';
import { law, NOTICE_75, ORDER_51, reading } from './law/clause.ts';
import { type Ledger, type Line, line } from './ledger.ts';
import { twoDecimals } from './money.ts';
import type { Tier } from './national.ts';

export type Aid = 'majorIllness' | 'schooling' | 'living';
export type Fund =
  | 'centralFiscal'
  | 'provincialFiscal'
  | 'municipalFiscal'
  | 'unionFunds'
  | 'other'
  | 'unionPovertyFunds';

export const B_18 = law(
  'B-18',
  ORDER_51,
  '第十八条',
  '第十八条  帮扶资金按照分级使用管理原则，全总级困难职工使用中央财政帮扶资金和其他来源帮扶资金，省总级困难职工使用省级财政和除中央财政专项帮扶资金外的帮扶资金以及其他来源符合其用途规定的资金，市总级困难职工使用本级及其以下财政资金和其他来源符合其用途规定的资金。',
);

export const C_4 = law(
  'C-4',
  NOTICE_75,
  '第四条',
  '四、农村建档立卡贫困户的帮扶救助。农村建档立卡贫困户不得使用各级财政、工会列支的帮扶专项资金，应当使用工会经费列支的扶贫专项资金。对于农村建档立卡贫困户建立困难农民工档案的，应当符合困难农民工建档标准，一般只对农村建档立卡困难农民工进行助学帮扶，其它生活救助、大病救助因已享受脱贫攻坚的优惠政策，原则上不再帮扶。',
);

export const R_8 = reading(
  'R-8',
  [A_12],
  '按数额最大的一类刚性支出提出建议：医疗对大病救助，上学对助学救助，其他支出或没有支出对生活救助。最终由职工意愿和会议决定。',
);

/** The greatest of the deductible sums; on a tie the first named. */
const byGreatest = ({ byAid: { majorIllness, schooling, living } }: Expenses): Aid => {
  if (majorIllness > 0n && majorIllness >= schooling && majorIllness >= living) return 'majorIllness';
  return schooling > 0n && schooling >= living ? 'schooling' : 'living';
};

/** The aid that an eligible household is suggested; null: none (C-4), which is then a finding. */
export const reckonAid = ({ worker }: Declaration, expenses: Expenses, ledger: Ledger): Aid | null => {
  if (!worker.registeredRuralPoor) return byGreatest(expenses);
  if (expenses.byAid.schooling > 0n) return 'schooling';
  ledger.findings.push({ clause: C_4, detail: '农村建档立卡贫困户一般只给予助学救助，而家庭没有上学支出' });
  return null;
};

const FUNDS: Readonly<Record<Tier, readonly Fund[]>> = {
  national: ['centralFiscal', 'provincialFiscal', 'municipalFiscal', 'unionFunds', 'other'],
  provincial: ['provincialFiscal', 'municipalFiscal', 'unionFunds', 'other'],
  municipal: ['municipalFiscal', 'unionFunds', 'other'],
};

export const reckonFunds = ({ worker }: Declaration, tier: Tier): readonly Fund[] =>
  worker.registeredRuralPoor ? ['unionPovertyFunds'] : FUNDS[tier];

const AID_NAMES: Readonly<Record<Aid, string>> = {
  majorIllness: '大病救助',
  schooling: '助学救助',
  living: '生活救助',
};

const FUND_NAMES: Readonly<Record<Fund, string>> = {
  centralFiscal: '中央财政帮扶资金',
  provincialFiscal: '省级财政帮扶资金',
  municipalFiscal: '市级及以下财政资金',
  unionFunds: '工会经费',
  other: '其他来源资金',
  unionPovertyFunds: '工会经费列支的扶贫专项资金',
};

/** For an eligible household. */
export const explainAid = (
  { worker }: Declaration,
  expenses: Expenses,
  aid: Aid | null,
  funds: readonly Fund[],
): Line[] => {
  const { byAid } = expenses;
  const papers = expenseEvidence(expenses);
  const values = {
    majorIllness: twoDecimals(byAid.majorIllness),
    schooling: twoDecimals(byAid.schooling),
    living: twoDecimals(byAid.living),
  };
  const sums = `刚性支出中医疗${values.majorIllness}元、上学${values.schooling}元、其他${values.living}元`;
  return [
    worker.registeredRuralPoor
      ? line(
          C_4,
          `家庭是农村建档立卡贫困户，一般只给予助学救助；${sums}，${aid === null ? '没有可建议的救助类别，由会议研究' : `建议给予${AID_NAMES[aid]}`}。`,
          values,
          papers,
        )
      : line(
          R_8,
          `${sums}${aid === null ? '' : `，建议给予${AID_NAMES[aid]}`}；最终由会议研究决定。`,
          values,
          papers,
        ),
    line(
      worker.registeredRuralPoor ? C_4 : B_18,
      `可使用的资金：${funds.map((fund) => FUND_NAMES[fund]).join('、')}。`,
    ),
  ];
};
