/**
 * Which papers a case needs (建档材料 1 to 9), by its declaration. A-4 is filled in by the union in the process,
 * arise in it, so they are not asked of the household. Declining the authorisation is an explicit
 * answer (C-2), not a missing paper.
 */
import type { PaperKind } from './terms.ts';
import { EXPENDITURE_NAMES, type ExpenditureKind, PAPER_NAMES } from './terms.ts';

/** The part of a declaration that decides about papers. */
export type PaperFacts = {
  readonly migrant: boolean;
  readonly authorised: boolean;
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly hasIncome: boolean;
  }[];
  /** Kinds of rigid expenditure with a declared amount. */
  readonly expenditures: readonly ExpenditureKind[];
};

/** One paper that must be there, and the clause that asks for it. */
export type RequiredPaper = {
  readonly paper: PaperKind;
  readonly clause: string;
  readonly memberId: string | null;
  readonly expenditure: ExpenditureKind | null;
  /** For the household, e.g. “收入证明（李某）”. */
  readonly title: string;
};

/** A paper that has arrived. */
export type PresentPaper = {
  readonly paper: PaperKind;
  readonly memberId: string | null;
  readonly expenditure: ExpenditureKind | null;
};

export const requiredPapers = (facts: PaperFacts): readonly RequiredPaper[] => {
  const plain = (paper: PaperKind, clause: string): RequiredPaper => ({
    paper,
    clause,
    memberId: null,
    expenditure: null,
    title: PAPER_NAMES[paper],
  });
  return [
    plain('application', 'A-1'),
    ...(facts.authorised ? [plain('authorisation', 'A-2')] : []),
    plain('promise', 'B-8.1'),
    ...facts.members.map((member) => ({
      ...plain('identity', 'A-3'),
      memberId: member.id,
      title: `${PAPER_NAMES.identity}（${member.name}）`,
    })),
    ...(facts.migrant ? [plain('labourRelation', 'A-5')] : []),
    ...facts.members
      .filter((member) => member.hasIncome)
      .map((member) => ({
        ...plain('incomeProof', 'A-5'),
        memberId: member.id,
        title: `${PAPER_NAMES.incomeProof}（${member.name}）`,
      })),
    ...[...new Set(facts.expenditures)].map((expenditure) => ({
      ...plain('expenditureProof', 'A-8'),
      expenditure,
      title: `${PAPER_NAMES.expenditureProof}（${EXPENDITURE_NAMES[expenditure]}）`,
    })),
    plain('bankCard', 'A-11'),
  ];
};

/** The required papers that are not there, in the order of the list. */
export const missingPapers = (
  required: readonly RequiredPaper[],
  present: readonly PresentPaper[],
): readonly RequiredPaper[] =>
  required.filter(
    (paper) =>
      !present.some(
        (one) =>
          one.paper === paper.paper &&
          one.memberId === paper.memberId &&
          one.expenditure === paper.expenditure,
      ),
  );
