/**
 * The words of the field, once: schemas of every enumerated term and their Chinese names. See the digest's
 * table of terms; the English names are used in code, API and documents alike.
 */
import * as z from 'zod';

/** The regulation's own names stand with its clauses. */
export { CATEGORY_NAMES, TIER_NAMES } from '#domain/rules/national.ts';

/** `provinceDirect`: the materials' flow chart (A-13). `territorial`: 51号 article 8. */
export const routeSchema = z.enum(['provinceDirect', 'territorial']);
export type Route = z.infer<typeof routeSchema>;

export const tierSchema = z.enum(['national', 'provincial', 'municipal']);

export const categorySchema = z.enum(['subsistence', 'nearSubsistence', 'accident', 'other']);

export const aidKindSchema = z.enum(['schooling', 'living', 'majorIllness']);
export type AidKind = z.infer<typeof aidKindSchema>;

/** B-18, C-4: where the money of an aid may come from. */
export const fundSchema = z.enum([
  'centralFiscal',
  'provincialFiscal',
  'municipalFiscal',
  'unionFunds',
  'unionPovertyFunds',
  'other',
]);
export type Fund = z.infer<typeof fundSchema>;

/** The papers of a case; the digest's id of the rule that asks for each stands beside it. */
export const paperKindSchema = z.enum([
  'application',
  'authorisation',
  'promise', // B-8.1
  'identity', // A-3, per member
  'labourRelation', // A-5, C-1: migrant workers
  'incomeProof', // A-5, per member with income
  'expenditureProof', // A-8, per kind of rigid expenditure
  'bankCard',
  'visitRecord', // A-7, C-2: with the householder's signature
  'visitPhoto', // A-13, B-8.2
  'stampedOpinion', // A-4, B-8.2
  'crossCheckEvidence', // A-10, by hand
  'studyMinutes', // C-6
  'objectionRecord',
]);
export type PaperKind = z.infer<typeof paperKindSchema>;

export const expenditureKindSchema = z.enum([
  'schooling',
  'medical',
  'accident',
  'disability',
  'singleParent',
  'other',
]);
export type ExpenditureKind = z.infer<typeof expenditureKindSchema>;

/** An amount of yuan above zero with at most two decimals, as a decimal string. */
export const positiveAmountSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$/, '金额应为不带符号的十进制数字，最多两位小数。')
  .refine((text) => /[1-9]/.test(text), '金额应大于零。');

export const ROUTE_NAMES: Readonly<Record<Route, string>> = {
  provinceDirect: '省直（产业）路径',
  territorial: '属地路径',
};

export const AID_NAMES: Readonly<Record<AidKind, string>> = {
  schooling: '助学救助',
  living: '生活救助',
  majorIllness: '大病救助',
};

export const FUND_NAMES: Readonly<Record<Fund, string>> = {
  centralFiscal: '中央财政帮扶资金',
  provincialFiscal: '省级财政帮扶资金',
  municipalFiscal: '市级财政帮扶资金',
  unionFunds: '工会经费',
  unionPovertyFunds: '工会经费列支的扶贫专项资金',
  other: '其他来源资金',
};

export const PAPER_NAMES: Readonly<Record<PaperKind, string>> = {
  application: '个人申请书',
  authorisation: '家庭经济状况查询授权书',
  promise: '承诺书',
  identity: '家庭成员身份证明',
  labourRelation: '劳动关系证明',
  incomeProof: '收入证明',
  expenditureProof: '刚性支出证明',
  bankCard: '银行卡复印件',
  visitRecord: '入户走访记录',
  visitPhoto: '走访照片',
  stampedOpinion: '盖章的审核意见',
  crossCheckEvidence: '信息核查材料',
  studyMinutes: '一事一议会议纪要',
  objectionRecord: '异议调查记录',
};

export const EXPENDITURE_NAMES: Readonly<Record<ExpenditureKind, string>> = {
  schooling: '教育支出',
  medical: '医疗支出',
  accident: '意外支出',
  disability: '残疾支出',
  singleParent: '单亲支出',
  other: '其他特殊支出',
};

export const OUTCOME_NAMES: Readonly<Record<string, string>> = {
  eligible: '符合建档条件',
  ineligible: '不符合建档条件',
  incomplete: '事实尚不齐全',
  study: '须一事一议',
};
