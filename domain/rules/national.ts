/** Step 6: the national tier, article 5(1). The first clause that holds decides. */
import {
  allHold,
  type Case,
  type Condition,
  explainConditions,
  fact,
  netAtMost,
  not,
  rawAtMost,
  someExpenditure,
} from './conditions.ts';
import { limitShown, ONE, ONE_AND_A_HALF, perHead, THREE, within } from './figures.ts';
import { type LawClause, law, ORDER_51, type Reading, reading } from './law/clause.ts';
import { type Ledger, type Line, line, type Mark } from './ledger.ts';
import { type Hundredths, twoDecimals } from './money.ts';

export type Tier = 'national' | 'provincial' | 'municipal';
export type Category = 'subsistence' | 'nearSubsistence' | 'accident' | 'other';

export const TIER_NAMES: Readonly<Record<Tier, string>> = {
  national: '全总级',
  provincial: '省总级',
  municipal: '市总级',
};

export const CATEGORY_NAMES: Readonly<Record<Category, string>> = {
  subsistence: '低保户',
  nearSubsistence: '低保边缘户',
  accident: '意外致困户',
  other: '其它原因致困户',
};

/** A tier that a household meets, by which clause, and what a person must weigh about it. */
export type Admission = {
  readonly tier: Tier;
  readonly clause: LawClause;
  readonly category: Category;
  readonly findings: readonly Mark[];
};

type NationalClause = {
  readonly clause: LawClause;
  readonly category: Category;
  readonly conditions: readonly Condition[];
  readonly findings: (of: Case) => readonly Mark[];
};

const none = (): readonly Mark[] => [];

const B_5_1 = law(
  'B-5.1',
  ORDER_51,
  '第五条第（一）项第1目',
  '1.低保户。家庭人均可支配月收入（详见附件有关说明，注一）低于（≦）当地最低生活保障标准（注二）,经政府救助后仍生活困难的职工家庭；',
);

const SUBSISTENCE: NationalClause = {
  clause: B_5_1,
  category: 'subsistence',
  conditions: [
    fact(({ declaration }) => declaration.subsistenceAllowance, '家庭享受低保', '家庭没有享受低保'),
    rawAtMost(ONE),
  ],
  findings: () => [{ clause: B_5_1, detail: '经政府救助后是否仍生活困难，须由经办人核实' }],
};

const B_5_2A = law(
  'B-5.2a',
  ORDER_51,
  '第五条第（一）项第2目',
  '2.低保边缘户。连续6个月以上家庭实际人均可支配月收入低于当地最低生活保障标准,未经政府救助,生活特别困难的职工家庭；',
);

export const MONTHS_BELOW = 6;

const BELOW_FOR_MONTHS: NationalClause = {
  clause: B_5_2A,
  category: 'nearSubsistence',
  // Whatever raw is: a person weighs it.
  conditions: [
    fact(({ declaration }) => !declaration.subsistenceAllowance, '家庭没有享受低保', '家庭已享受低保'),
    {
      holds: ({ declaration }) => declaration.monthsBelowStandard >= MONTHS_BELOW,
      words: ({ declaration }, met) => {
        const values = {
          monthsBelowStandard: String(declaration.monthsBelowStandard),
          monthsRequired: String(MONTHS_BELOW),
        };
        const months = `实际人均月收入连续${values.monthsBelowStandard}个月不高于低保标准`;
        return { phrase: `${months}，${met ? '已满' : '不满'}${values.monthsRequired}个月`, values };
      },
    },
  ],
  findings: () => [{ clause: B_5_2A, detail: '连续低于低保标准的月数和是否生活特别困难，须由经办人核实' }],
};

const B_5_2B = law(
  'B-5.2b',
  ORDER_51,
  '第五条第（一）项第2目',
  '家庭人均可支配月收入在当地最低生活保障标准1.5倍（含）以下，且满足（家庭可支配收入-由于患病、子女上学、残疾、单亲及其它特殊原因造成支出费用）÷家庭总人口≦当地低保标准的职工家庭；',
);

const R_3 = reading('R-3', [B_5_2B], '适用该目后半段，至少要有一项大于零的可扣除支出。');

const NEAR_SUBSISTENCE: NationalClause = {
  clause: B_5_2B,
  category: 'nearSubsistence',
  // without any expenditure this would admit what B-5.2a asks six months of.
  conditions: [rawAtMost(ONE_AND_A_HALF), someExpenditure, netAtMost(ONE)],
  findings: none,
};

const B_5_3 = law(
  'B-5.3',
  ORDER_51,
  '第五条第（一）项第3目',
  '3.意外致困户。家庭人均月收入在当地最低生活保障标准3倍（含）以下,但由于遭受突发事件、意外伤害、重大疾病及其他原因导致生活困难的职工家庭（注三），且符合（家庭可支配收入-意外致困造成支出费用）÷家庭总人口≦当地低保标准的职工家庭；',
);

const NOTE_3 = law(
  'B-n3',
  ORDER_51,
  '附件有关说明注三',
  '注三：遭受突发事件、意外伤害、重大疾病及其他原因导致生活困难的职工家庭，是指“因交通事故等意外事件,造成重大人身伤害,责任赔付不能及时到位或无责任赔付方的家庭”、“家庭成员突发重大疾病等原因,而产生数额过大的救治费用,导致基本生活暂时出现严重困难的家庭”、“因发生自然灾害或重大安全事故造成重大人身伤害或住宅、家庭生活必需用品损毁严重,导致基本生活暂无着落或暂时出现严重困难的家庭”。',
);

const R_2 = reading(
  'R-2',
  [B_5_3],
  '家庭一旦符合第五条的某一类别，其全部刚性支出一并扣除（省职工服务中心例1即如此计算）；仅靠一并扣除才符合的，由经办人核实。',
);

const R_4 = reading(
  'R-4',
  [B_5_3, NOTE_3],
  '标明为重大疾病的医疗支出属于意外致困的原因；是否突发、费用是否过大、生活是否因此严重困难，由经办人核实。',
);

const ACCIDENT: NationalClause = {
  clause: B_5_3,
  category: 'accident',
  conditions: [
    {
      holds: ({ figures }) => figures.suddenCost > 0n,
      words: ({ figures }, met) => {
        if (!met) return { phrase: '没有因意外或重大疾病的支出', values: {} };
        const suddenCost = twoDecimals(figures.suddenCost);
        return { phrase: `因意外或重大疾病支出${suddenCost}元`, values: { suddenCost } };
      },
    },
    rawAtMost(THREE),
    // all the rigid expenditure is deducted, not the sudden cost alone.
    netAtMost(ONE),
  ],
  findings: ({ figures, expenses }) => {
    const { annual, suddenCost, rigid, n } = figures;
    const strict = annual - suddenCost;
    const found: Mark[] = [];
    if (!within(strict, ONE, figures)) {
      const values = { strict: perHead(strict, n), net: perHead(annual - rigid, n) };
      found.push({
        clause: R_2,
        detail: `只减意外致困支出为人均每月${values.strict}元，高于低保标准；一并减去全部刚性支出为${values.net}元，不高于低保标准`,
        values,
      });
    }
    if (expenses.accidentCost === 0n) {
      found.push({
        clause: R_4,
        detail: '以重大疾病作为意外致困的原因，是否突发、费用是否过大、生活是否因此严重困难，须由经办人核实',
      });
    }
    return found;
  },
};

export const B_5_4 = law(
  'B-5.4',
  ORDER_51,
  '第五条第（一）项第4目',
  '4.其它原因致困户。家庭人均可支配月收入虽然超过当地最低生活保障标准3倍，但是家庭遭遇非常重大意外灾害，导致家庭生活特别困难，且符合 (家庭可支配收入+投资性净资产+储蓄-意外致困造成支出费用)÷家庭总人口≤当地低保标准）（此公式仅适用本款）的条件。',
);

const R_6 = reading('R-6', [B_5_4], '投资性净资产和储蓄先加入年收入，再除以12和人口数；一律由经办人核实。');

/** This clause's own formula: investments and savings in, the sudden cost alone out. Unknown assets count as 0. */
const wide = ({ declaration: { assets }, figures: { annual, suddenCost } }: Case): Hundredths =>
  annual + (assets.investments ?? 0n) + (assets.savings ?? 0n) - suddenCost;

const EXTRAORDINARY: NationalClause = {
  clause: B_5_4,
  category: 'other',
  conditions: [
    fact(
      ({ expenses }) => expenses.extraordinary,
      '家庭遭遇非常重大意外灾害',
      '没有非常重大意外灾害造成的支出',
    ),
    not(rawAtMost(THREE)),
    {
      holds: (of) => within(wide(of), ONE, of.figures),
      words: (of, met) => {
        const values = {
          wide: perHead(wide(of), of.figures.n),
          wideLimit: limitShown(ONE, of.figures.standard),
        };
        return {
          phrase: `收入加投资性净资产和储蓄、减去意外致困支出后人均每月${values.wide}元，${met ? '不高于' : '高于'}低保标准${values.wideLimit}元`,
          values,
        };
      },
    },
  ],
  findings: (of) => {
    const values = { wide: perHead(wide(of), of.figures.n) };
    return [
      {
        clause: R_6,
        detail: `投资性净资产和储蓄加入年收入计算，减去意外致困支出后人均每月${values.wide}元，须由经办人核实`,
        values,
      },
    ];
  },
};

const B_5_5 = law(
  'B-5.5',
  ORDER_51,
  '第五条第（一）项第5目',
  '5.困难农民工。加入工会组织、按务工地标准且符合上述条件之一的农民工家庭（注四）。',
);

const NATIONAL: readonly NationalClause[] = [
  SUBSISTENCE,
  BELOW_FOR_MONTHS,
  NEAR_SUBSISTENCE,
  ACCIDENT,
  EXTRAORDINARY,
];

/** The clauses of the national tier, in their order. */
export const NATIONAL_CLAUSES: readonly LawClause[] = [
  ...NATIONAL.map(({ clause }) => clause),
  B_5_5,
  NOTE_3,
];
export const NATIONAL_READINGS: readonly Reading[] = [R_2, R_3, R_4, R_6];

/** The clause of article 5(1) that admits the household, if one does. */
export const reckonNational = (of: Case, ledger: Ledger): Admission | undefined => {
  const first = NATIONAL.find(({ conditions }) => allHold(conditions, of));
  if (first === undefined) return undefined;
  const { investments, savings } = of.declaration.assets;
  if (first === EXTRAORDINARY && (investments === null || savings === null)) {
    ledger.missing.push({ clause: B_5_4, detail: '投资性净资产或储蓄还没有查明' });
  }
  return { tier: 'national', clause: first.clause, category: first.category, findings: first.findings(of) };
};

/** Why the household is, or is not, within the national tier: clause by clause, down to the one that holds. */
export const explainNational = (of: Case, admission: Admission | undefined): Line[] => {
  const last = NATIONAL.findIndex(({ clause }) => clause === admission?.clause);
  const asked = last < 0 ? NATIONAL : NATIONAL.slice(0, last + 1);
  const lines = asked.map(({ clause, category, conditions }) =>
    explainConditions(clause, conditions, of, `${TIER_NAMES.national}“${CATEGORY_NAMES[category]}”`),
  );
  if (of.declaration.worker.kind === 'migrant') {
    lines.push(line(B_5_5, '困难农民工家庭按务工地标准，适用同样的条件；不以加入工会为前提。'));
  }
  return lines;
};
