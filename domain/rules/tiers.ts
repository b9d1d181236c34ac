/** Step 7: the provincial and the municipal tier, article 5(2) and (3), and the case-by-case study of 75号. */
import {
  allHold,
  type Case,
  type Condition,
  causeOfHardship,
  explainConditions,
  netAtMost,
  not,
  rawAtMost,
} from './conditions.ts';
import { ONE_AND_A_HALF, rawWithin, THREE } from './figures.ts';
import { type LawClause, law, NOTICE_75, ORDER_51, reading } from './law/clause.ts';
import { type Line, line } from './ledger.ts';
import type { Hundredths } from './money.ts';
import { type Admission, type Category, TIER_NAMES, type Tier } from './national.ts';

export const B_5_6 = law(
  'B-5.6',
  ORDER_51,
  '第五条第（二）项',
  '（二）省总级档案。可支配收入（参照全总级档案建档分类标准）减去致困原因造成的支出费用（不含日常生活支出），在当地低保线1.5倍（含）以内。',
);
export const B_5_7 = law(
  'B-5.7',
  ORDER_51,
  '第五条第（三）项',
  '（三）市总级档案。由各市工会结合当地经济社会发展水平和物价指数等实际情况制定，可支配收入（原则上参照全总级档案建档分类标准）减去致困原因造成的支出费用（不含日常生活支出），一般在当地低保线2倍（含）以内。直管县总工会比照市总级标准结合实际确定。',
);

export const C_6 = law(
  'C-6',
  NOTICE_75,
  '第六条',
  '六、困难职工、农民工建档帮扶特殊情况。关于去产能企业转岗分流职工、城镇国有集体企业在改制后出现的协保人员等特殊群体，各地总工会可根据当地情况，制定相应具体实施细则。对于本地困难职工、农民工基本符合皖工发〔2017〕51 号文件规定建档标准，但存在不好把握的情况，需要使用中央、省财政帮扶资金建档进行生活救助、助学救助、大病救助的，应当一事一议，经县级（含县级）以上总工会党组会或主席办公会集体研究决定，困难职工、农民工档案应当留存会议纪要。',
);

export const R_5 = reading(
  'R-5',
  [B_5_6, B_5_7],
  '扣除后的人均月收入与限额比较，并须有致困原因：有可扣除的刚性支出，或享受低保，或人均月收入不高于低保标准的1.5倍。人均月收入超过低保标准3倍而扣除后在限额以内的，不自动建档，转一事一议。',
);

const WITHIN_THREE = rawAtMost(THREE);
const ABOVE_THREE = not(WITHIN_THREE);

/** within 3 D before expenditure, within the limit after it, and with a cause of hardship. */
const conditionsOf = (limit: Hundredths): readonly Condition[] => [
  WITHIN_THREE,
  netAtMost(limit),
  causeOfHardship,
];

const categoryOf = ({ figures }: Case): Category => {
  if (rawWithin(ONE_AND_A_HALF, figures)) return 'nearSubsistence';
  return figures.suddenCost > 0n ? 'accident' : 'other';
};

/** Made once: every household is asked them. */
const PROVINCIAL = conditionsOf(ONE_AND_A_HALF);

const admit = (
  of: Case,
  tier: Tier,
  clause: LawClause,
  conditions: readonly Condition[],
): Admission | undefined =>
  allHold(conditions, of) ? { tier, clause, category: categoryOf(of), findings: [] } : undefined;

export const reckonProvincial = (of: Case): Admission | undefined =>
  admit(of, 'provincial', B_5_6, PROVINCIAL);

/** `multiple`: the city's limit in hundredths of D; undefined: the city has no municipal tier. */
export const reckonMunicipal = (of: Case, multiple: Hundredths | undefined): Admission | undefined =>
  multiple === undefined ? undefined : admit(of, 'municipal', B_5_7, conditionsOf(multiple));

/** C-6: above 3 D before expenditure, yet after it within the greatest limit there is. */
const studyConditions = (multiple: Hundredths | undefined): readonly Condition[] => [
  ABOVE_THREE,
  netAtMost(multiple !== undefined && multiple > ONE_AND_A_HALF ? multiple : ONE_AND_A_HALF),
];

/** Whether the household is a case for study. Asked where no tier holds. */
export const isForStudy = (of: Case, multiple: Hundredths | undefined): boolean =>
  allHold(studyConditions(multiple), of);

const explainTier = (of: Case, tier: Tier, clause: LawClause, limit: Hundredths): Line =>
  explainConditions(clause, conditionsOf(limit), of, `${TIER_NAMES[tier]}（适用口径${R_5.id}）`);

export const explainProvincial = (of: Case): Line => explainTier(of, 'provincial', B_5_6, ONE_AND_A_HALF);

export const explainMunicipal = (of: Case, multiple: Hundredths | undefined): Line =>
  multiple === undefined
    ? line(B_5_7, '当地没有设定市总级的限额，不设市总级档案。')
    : explainTier(of, 'municipal', B_5_7, multiple);

export const explainStudy = (of: Case, multiple: Hundredths | undefined): Line =>
  explainConditions(C_6, studyConditions(multiple), of, `一事一议的条件（适用口径${R_5.id}）`);
