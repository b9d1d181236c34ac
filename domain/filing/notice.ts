/**
 * What a public notice shows (A-9, 51号 article 8(2), note 5): the householder's name, each member's relation to the
 * worker and work or study status, how the income is composed, and the hardship. Members' names, employers and
 * schools are left out; an ID number, phone, address or card never appears.
 */
import * as z from 'zod';

export const noticeContentSchema = z.strictObject({
  householder: z.string(),
  worker: z.string(),
  unit: z.string(),
  members: z.array(z.strictObject({ relation: z.string(), status: z.string() })),
  /** Kinds of income that the household has, in words. */
  incomeComposition: z.string(),
  hardship: z.string(),
});
export type NoticeContent = z.infer<typeof noticeContentSchema>;

const RELATIONS: Readonly<Record<string, string>> = {
  self: '本人',
  spouse: '配偶',
  child: '子女',
  parent: '父母',
  sibling: '兄弟姐妹',
  grandparent: '祖父母（外祖父母）',
  grandchild: '孙子女（外孙子女）',
  other: '其他',
};

const STATUSES: Readonly<Record<string, string>> = {
  employed: '在职',
  unemployed: '未就业',
  student: '在读',
  preschool: '学龄前',
  retired: '退休',
  unableToWork: '无劳动能力',
};

const INCOMES: Readonly<Record<string, string>> = {
  wage: '工资性收入',
  business: '经营净收入',
  property: '财产净收入',
  transfer: '转移净收入',
};

const word = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? key;

export const noticeContent = (facts: {
  readonly householder: string;
  readonly worker: string;
  readonly unit: string;
  readonly cause: string;
  readonly members: readonly {
    readonly relation: string;
    readonly status: string;
    readonly incomes?: readonly { readonly kind: string }[] | undefined;
  }[];
}): NoticeContent => {
  const kinds = new Set(facts.members.flatMap(({ incomes = [] }) => incomes.map(({ kind }) => kind)));
  const composition = Object.keys(INCOMES)
    .filter((kind) => kinds.has(kind))
    .map((kind) => word(INCOMES, kind));
  return {
    householder: facts.householder,
    worker: facts.worker,
    unit: facts.unit,
    members: facts.members.map(({ relation, status }) => ({
      relation: word(RELATIONS, relation),
      status: word(STATUSES, status),
    })),
    incomeComposition: composition.length === 0 ? '无收入' : composition.join('、'),
    hardship: facts.cause,
  };
};
