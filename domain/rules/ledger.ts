/** What the steps of the reckoning write down, in the order of reckoning, and the sentences they explain it with. */
import type { Member } from './declaration.ts';
import { type Clause, cite } from './law/clause.ts';

/** Numbers in a sentence by name, as strings as they stand in it. */
export type Values = Readonly<Record<string, string>>;

/** A Chinese phrase (of R-15 a parameter's name) and the numbers in it. */
export type Fact = { readonly detail: string; readonly values?: Values };

/** A clause that came to bear, with what it came to bear on. */
export type Mark = Fact & { readonly clause: Clause };

export type Ledger = {
  /** Bars and exclusions that stand. */
  readonly exclusions: Mark[];
  /** Exclusions that C-3 lifts. */
  readonly exceptions: Mark[];
  /** What a person must weigh. */
  readonly findings: Mark[];
  /** What stands in the way of a decision. */
  readonly missing: Mark[];
};

/**
 * A sentence of the explanation: a step of the reckoning, the numbers in it, the papers behind them. Amounts are
 * strings as they stand in the sentence.
 */
export type Line = {
  readonly clause: Clause;
  readonly text: string;
  readonly values: Values;
  readonly evidence: readonly string[];
};

/** A line whose sentence ends by naming the place of the clause. */
export const line = (
  clause: Clause,
  sentence: string,
  values: Values = {},
  evidence: readonly string[] = [],
): Line => ({
  clause,
  text: `${sentence}（依据：${cite(clause)}）`,
  values,
  evidence: evidence.length > 1 ? [...new Set(evidence)] : evidence,
});

const RELATION_NAMES: Readonly<Record<Member['relation'], string>> = {
  self: '本人',
  spouse: '配偶',
  child: '子女',
  parent: '父母',
  sibling: '兄弟姐妹',
  grandparent: '（外）祖父母',
  grandchild: '（外）孙子女',
  other: '其他成员',
};

/** How a member is called in sentences: relation and id, never a name. */
export const called = (member: Member): string => `${RELATION_NAMES[member.relation]}（${member.id}）`;
