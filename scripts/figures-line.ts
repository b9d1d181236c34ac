/**
 * An assessment without explanation as JSON in bytes: what `JSON.stringify` gives, in two thirds of the time. Most of its
 * values are of small vocabularies, whose bytes are copied with their keys; only amounts and phrases are spelt out.
 */
import type { Assessment } from '#domain/rules/assess.ts';
import { type JsonBytes, piece, Words } from './json-bytes.ts';

type Mark = Assessment['missing'][number];
type Imputation = Assessment['imputations'][number];

const CLOSE = piece('}');
const CLOSE_LIST = piece(']');

const OUTCOME = new Words('{"outcome":');
const TIER = new Words(',"tier":');
const CATEGORY = new Words(',"category":');
const PROPOSED_AID = new Words(',"proposedAid":');
const MEMBERS = new Words(',"members":');
const STANDARD = new Words(',"standard":');
const STANDARD_SOURCE = new Words(',"standardSource":');
const STANDARD_FROM = new Words(',"standardFrom":');
const VERSION = new Words(',"rules":{"version":');
const PARAMETERS = new Words(',"parameters":');

/** A key as it stands before a value, and with none. */
type Key = { readonly some: Uint8Array; readonly none: Uint8Array };
const text = (key: string): Key => ({ some: piece(key), none: piece(`${key}null`) });
const list = (key: string): Key => ({ some: piece(`${key}[`), none: piece(`${key}[]`) });

const ANNUAL_INCOME = text(',"annualIncome":');
const RIGID_EXPENDITURE = text(',"rigidExpenditure":');
const RAW = text(',"raw":');
const NET = text(',"net":');
const NATIONAL = text(',"margins":{"national":');
const PROVINCIAL = text(',"provincial":');
const MUNICIPAL = text(',"municipal":');

const putText = (to: JsonBytes, { some, none }: Key, value: string | null): void => {
  if (value === null) to.put(none);
  else {
    to.put(some);
    to.putString(value);
  }
};

const ALLOWED_FUNDS = list(',"allowedFunds":');
const CLAUSES = list(',"clauses":');
const EXCLUSIONS = list(',"exclusions":');
const EXCEPTIONS = list(',"exceptions":');
const FINDINGS = list(',"findings":');
const MISSING = list(',"missing":');
const IMPUTATIONS = list(',"imputations":');

const putList = <Item>(
  to: JsonBytes,
  { some, none }: Key,
  items: readonly Item[],
  put: (to: JsonBytes, item: Item, isFirst: boolean) => void,
): void => {
  if (items.length === 0) {
    to.put(none);
    return;
  }
  to.put(some);
  let isFirst = true;
  for (const item of items) {
    put(to, item, isFirst);
    isFirst = false;
  }
  to.put(CLOSE_LIST);
};

const FIRST_WORD = new Words('');
const NEXT_WORD = new Words(',');
const putWord = (to: JsonBytes, word: string, isFirst: boolean): void =>
  to.put((isFirst ? FIRST_WORD : NEXT_WORD).piece(word));

const FIRST_MARK = new Words('{"clause":');
const NEXT_MARK = new Words(',{"clause":');
const DETAIL = text(',"detail":');
const putMark = (to: JsonBytes, { clause, detail }: Mark, isFirst: boolean): void => {
  to.put((isFirst ? FIRST_MARK : NEXT_MARK).piece(clause));
  putText(to, DETAIL, detail);
  to.put(CLOSE);
};

const FIRST_MEMBER = text('{"memberId":');
const NEXT_MEMBER = text(',{"memberId":');
const CLAUSE = new Words(',"clause":');
const AMOUNT = text(',"amount":');
const putImputation = (to: JsonBytes, { memberId, clause, amount }: Imputation, isFirst: boolean): void => {
  putText(to, isFirst ? FIRST_MEMBER : NEXT_MEMBER, memberId);
  to.put(CLAUSE.piece(clause));
  putText(to, AMOUNT, amount);
  to.put(CLOSE);
};

/** Puts the assessment there, without a line feed. */
export const putFigures = (to: JsonBytes, assessment: Assessment): void => {
  const { margins, rules } = assessment;
  to.put(OUTCOME.piece(assessment.outcome));
  to.put(TIER.piece(assessment.tier));
  to.put(CATEGORY.piece(assessment.category));
  to.put(PROPOSED_AID.piece(assessment.proposedAid));
  putList(to, ALLOWED_FUNDS, assessment.allowedFunds, putWord);
  putList(to, CLAUSES, assessment.clauses, putWord);
  to.put(MEMBERS.piece(assessment.members));
  putText(to, ANNUAL_INCOME, assessment.annualIncome);
  putText(to, RIGID_EXPENDITURE, assessment.rigidExpenditure);
  putText(to, RAW, assessment.raw);
  putText(to, NET, assessment.net);
  to.put(STANDARD.piece(assessment.standard));
  to.put(STANDARD_SOURCE.piece(assessment.standardSource));
  to.put(STANDARD_FROM.piece(assessment.standardFrom));
  putList(to, EXCLUSIONS, assessment.exclusions, putMark);
  putList(to, EXCEPTIONS, assessment.exceptions, putMark);
  putList(to, FINDINGS, assessment.findings, putMark);
  putList(to, MISSING, assessment.missing, putMark);
  putList(to, IMPUTATIONS, assessment.imputations, putImputation);
  putText(to, NATIONAL, margins.national);
  putText(to, PROVINCIAL, margins.provincial);
  putText(to, MUNICIPAL, margins.municipal);
  to.put(CLOSE);
  to.put(VERSION.piece(rules.version));
  to.put(PARAMETERS.piece(rules.parameters));
  to.put(CLOSE);
  to.put(CLOSE);
};
