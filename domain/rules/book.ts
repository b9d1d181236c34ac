/**
 * The rule book: which rules reckon an application. A set of rules is a regulation as it stood from a day on, with a
 * version of its own; an application is reckoned by the set in force on its day, and a decision of years ago by the
 * set whose version it names. A later regulation is a set more at the end of `RULE_BOOK` (its clauses in a folder of
 * their own, sharing by import what it leaves as it was); the sets before it stay as they are.
 */
import { type Assessment, assess, assessFigures, type ExplainedAssessment, RULES_VERSION } from './assess.ts';
import { type Outlook, whatWouldChange } from './change.ts';
import { decide } from './decide.ts';
import type { Declaration } from './declaration.ts';
import { type LawDocument, MATERIALS, NOTICE_75, ORDER_51, TOGETHER_FROM } from './law/clause.ts';
import type { ParameterSet } from './parameters.ts';

export type RuleSet = {
  /** Changed with every change of what the set decides, or says of it; stands in each of its assessments. */
  readonly version: string;
  /** The first day of an application that it reckons. */
  readonly from: string;
  /** The law that it carries out. */
  readonly documents: readonly LawDocument[];
  readonly assess: (declaration: Declaration, parameters: ParameterSet) => ExplainedAssessment;
  /** The same without the explanation. */
  readonly assessFigures: (declaration: Declaration, parameters: ParameterSet) => Assessment;
  /** What would change the result. */
  readonly prospects: (declaration: Declaration, parameters: ParameterSet) => Outlook;
};

/** 51号 and the materials, as 75号 clarifies them. */
export const RULES_OF_2018: RuleSet = {
  version: RULES_VERSION,
  from: TOGETHER_FROM,
  documents: [MATERIALS, ORDER_51, NOTICE_75],
  assess,
  assessFigures,
  prospects: (declaration, parameters) => whatWouldChange(decide(declaration, parameters)),
};

export class RuleBook {
  /** The latest first: it is the one that most are reckoned by. */
  readonly #sets: readonly RuleSet[];

  /** Sets in the order of their days. Throws where two share a version, or a day is not after the one before. */
  constructor(sets: readonly RuleSet[]) {
    sets.forEach((set, index) => {
      const before = sets.slice(0, index);
      if (before.some(({ version }) => version === set.version)) {
        throw new Error(`two sets of rules have the version ${set.version}`);
      }
      if (before.some(({ from }) => from >= set.from)) {
        throw new Error(`the set of rules ${set.version} does not follow the one before it`);
      }
    });
    this.#sets = sets.toReversed();
  }

  /** The set that reckons an application of this day. A declaration of an earlier day than all is not parsed at all. */
  inForce(day: string): RuleSet {
    const found = this.#sets.find(({ from }) => from <= day);
    if (found === undefined) throw new Error(`no rules are in force on ${day}`);
    return found;
  }

  /** The set of this version; undefined where the book doesn't hold it. */
  of(version: string): RuleSet | undefined {
    return this.#sets.find((set) => set.version === version);
  }

  /** The versions, the latest first. */
  get versions(): readonly string[] {
    return this.#sets.map(({ version }) => version);
  }

  assess(declaration: Declaration, parameters: ParameterSet): ExplainedAssessment {
    return this.inForce(declaration.applicationDate).assess(declaration, parameters);
  }

  assessFigures(declaration: Declaration, parameters: ParameterSet): Assessment {
    return this.inForce(declaration.applicationDate).assessFigures(declaration, parameters);
  }
}

export const RULE_BOOK = new RuleBook([RULES_OF_2018]);
