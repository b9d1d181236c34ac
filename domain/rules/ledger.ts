/** What the steps of the reckoning write down, in the order of reckoning, and the sentences they explain it with. */
import type { Declaration, Member } from './declaration.ts';
import { type Clause, cite, law, ORDER_51, reading } from './law/clause.ts';
import type { Hundredths } from './money.ts';
import {
  type Dated,
  type DecimalName,
  decimalInForce,
  type FlagName,
  flagInForce,
  type ParameterName,
  type ParameterSet,
} from './parameters.ts';

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
  evidence: [...new Set(evidence)],
});

const NOTE_2 = law(
  'B-n2',
  ORDER_51,
  '附件有关说明注二',
  '注二：当地最低生活保障标准，以当地设区的市政府公布的最新标准为准。',
);

export const R_15 = reading(
  'R-15',
  [NOTE_2],
  '低保标准取职工申报地（农民工为务工地）所在设区的市最新公布、评估当日有效的数值；最低工资和农村居民可支配收入取家庭所在地的数值。没有有效标准的，不作结论，并指明缺少哪一项。',
);

/** What each parameter is called among people. */
export const PARAMETER_NAMES: Readonly<Record<ParameterName, string>> = {
  subsistenceAllowance: '低保标准',
  minimumWage: '最低工资标准',
  unprovenIncome: '低保办法的核定收入标准',
  ruralDisposableIncome: '上年度农村居民人均可支配收入',
  housingAreaPerHead: '最低住房保障标准（人均面积）',
  municipalMultiple: '市总级建档倍数',
  unitRetireesAdmitted: '未实行社会化管理的退休人员是否纳入建档范围',
  excludedMayFileMunicipal: '有第七条所列情形的家庭是否可建市总级档案',
};

const OF_THE_FAMILYS_PLACE: ReadonlySet<ParameterName> = new Set([
  'minimumWage',
  'unprovenIncome',
  'ruralDisposableIncome',
]);

/** The standards in force for one declaration. `need…` writes down, once a name, what is not in force. */
export type Standards = {
  peek(name: DecimalName): Dated<Hundredths> | undefined;
  peekFlag(name: FlagName): boolean | undefined;
  need(name: DecimalName): Dated<Hundredths> | undefined;
  needFlag(name: FlagName): boolean | undefined;
};

export const standardsFor = (
  declaration: Declaration,
  parameters: ParameterSet,
  missing: Mark[],
): Standards => {
  const { region, homeRegion, standardsDate } = declaration;
  const peek = (name: DecimalName) =>
    decimalInForce(parameters, name, OF_THE_FAMILYS_PLACE.has(name) ? homeRegion : region, standardsDate);
  const peekFlag = (name: FlagName) => flagInForce(parameters, name, region, standardsDate)?.value;
  const lacking = new Set<ParameterName>();
  const needed = <Value>(name: ParameterName, value: Value | undefined): Value | undefined => {
    if (value === undefined && !lacking.has(name)) {
      lacking.add(name);
      missing.push({ clause: R_15, detail: name });
    }
    return value;
  };
  return {
    peek,
    peekFlag,
    need: (name) => needed(name, peek(name)),
    needFlag: (name) => needed(name, peekFlag(name)),
  };
};

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
