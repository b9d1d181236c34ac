/** Every clause of the digest by its id, for whoever quotes the law: letters, pages, opinions. */
import { B_18, C_4, R_8 } from './aid.ts';
import { C_1, C_2, R_17 } from './bars.ts';
import { C_3, EXCLUSION_CLAUSES, R_7, R_9 } from './exclusions.ts';
import { A_8 } from './expenditure.ts';
import { A_12, R_1 } from './figures.ts';
import { A_7, R_11 } from './household.ts';
import { A_5, A_6, B_6, C_5, NOTE_4, R_10, R_16, R_18 } from './income.ts';
import { type Clause, cite, heldFrom } from './law/clause.ts';
import { FILING_CLAUSES } from './law/filing.ts';
import { NATIONAL_CLAUSES, NATIONAL_READINGS } from './national.ts';
import { R_15 } from './standards.ts';
import { B_5_6, B_5_7, C_6, R_5 } from './tiers.ts';

const CLAUSES: readonly Clause[] = [
  ...[A_5, A_6, A_7, A_8, A_12],
  ...[...NATIONAL_CLAUSES, B_5_6, B_5_7, B_6, ...EXCLUSION_CLAUSES, B_18, NOTE_4],
  ...[C_1, C_2, C_3, C_4, C_5, C_6],
  ...[R_1, ...NATIONAL_READINGS, R_5, R_7, R_8, R_9, R_10, R_11, R_15, R_16, R_17, R_18],
  ...FILING_CLAUSES,
];

const BY_ID: ReadonlyMap<string, Clause> = new Map(CLAUSES.map((each) => [each.id, each]));

export type ClauseReference = {
  readonly id: string;
  /** A reading is the project's own: it says how an open text is applied. */
  readonly kind: 'law' | 'reading';
  /** Document and place, in Chinese: `皖工发〔2017〕51号第七条第（一）项`. */
  readonly citation: string;
  /** The law's paragraphs word for word, or the reading's own text. */
  readonly paragraphs: readonly string[];
  /** Since when it holds, a day or a year, as far as the source tells. */
  readonly from: string | null;
};

/** The clause or reading of the digest with this id; undefined where there is none. */
export const clause = (id: string): ClauseReference | undefined => {
  const found = BY_ID.get(id);
  return (
    found && {
      id,
      kind: found.kind,
      citation: cite(found),
      paragraphs: found.kind === 'law' ? found.paragraphs : [found.text],
      from: heldFrom(found),
    }
  );
};

/** The ids of all clauses and readings. */
export const clauseIds: readonly string[] = CLAUSES.map(({ id }) => id);
