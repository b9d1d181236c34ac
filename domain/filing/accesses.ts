/**
 * Looks into a file (B-16; that every look is recorded is this project's choice): what can be looked at, and for what
 * purposes what is shown masked may be opened. The purposes are a closed list, each with what it is good for.
 */
import * as z from 'zod';

/** What stands sealed in a case, and can be opened one at a time. */
export const FIELD_NAMES = {
  idNumber: '身份证号码',
  phone: '联系电话',
  address: '住址',
  bankCard: '银行卡号',
  objectorContact: '异议人联系方式',
} as const;
export type SealedFieldName = keyof typeof FIELD_NAMES;
export const sealedFieldNameSchema = z.enum(
  Object.keys(FIELD_NAMES) as [SealedFieldName, ...SealedFieldName[]],
);

type Use = {
  readonly name: string;
  /** The fields that it takes; of the papers, whether it takes any. */
  readonly fields: readonly SealedFieldName[];
  readonly papers: boolean;
};

export const PURPOSES = {
  ownFile: { name: '查阅本人档案', fields: ['idNumber', 'phone', 'address', 'bankCard'], papers: true },
  review: { name: '审核材料', fields: ['idNumber', 'phone', 'address', 'bankCard'], papers: true },
  visit: { name: '入户走访', fields: ['phone', 'address'], papers: false },
  contact: { name: '联系职工', fields: ['phone', 'address'], papers: false },
  payment: { name: '发放救助金', fields: ['idNumber', 'bankCard'], papers: true },
  objection: { name: '调查异议', fields: ['phone', 'address', 'objectorContact'], papers: true },
  // B-8.5: by phone or visit.
  spotCheck: { name: '抽查核实', fields: ['phone', 'address'], papers: true },
  keeping: { name: '档案管理', fields: [], papers: true },
} as const satisfies Record<string, Use>;
export type Purpose = keyof typeof PURPOSES;
export const purposeSchema = z.enum(Object.keys(PURPOSES) as [Purpose, ...Purpose[]]);

/** What is opened: one field, or one paper. */
export type Opened = { readonly field: SealedFieldName } | 'paper';

/** Whether what is to be opened serves the purpose. */
export const serves = (purpose: Purpose, opened: Opened): boolean => {
  const use: Use = PURPOSES[purpose];
  return opened === 'paper' ? use.papers : use.fields.includes(opened.field);
};

/** The kinds of looks, with the words of the record. */
export const ACCESS_NAMES = {
  detail: '查看申请内容',
  papers: '查看材料清单',
  assessment: '查看测算结果',
  adjudication: '查看比对认定',
  history: '查看办理过程',
  letters: '查看办理通知',
  accesses: '查看查阅记录',
  field: '查看明文',
  paper: '打开材料',
  external: '外单位查阅',
  refused: '查阅次数超限被拒',
} as const;
export type AccessKind = keyof typeof ACCESS_NAMES;
export const accessKindSchema = z.enum(Object.keys(ACCESS_NAMES) as [AccessKind, ...AccessKind[]]);

/** A look that shows everything masked. */
export type ViewKind = Exclude<AccessKind, 'field' | 'paper' | 'external' | 'refused'>;

/** Free text that goes on record for others to read: long rows of digits, as in an ID, card or phone number, are struck out. */
export const withoutNumbers = (text: string): string =>
  text.replaceAll(/[0-9０-９][0-9０-９\s-]{5,}[0-9０-９Xx]/g, '******');
