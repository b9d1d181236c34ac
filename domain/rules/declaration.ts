/**
 * The declaration: what a household declares, parsed once into the form that the rules reckon with. Amounts become
 * whole fen (areas hundredths of a square metre), null stays "not yet known", every default is filled in.
 */
import type * as z from 'zod';
import { incoherences } from './coherence.ts';
import { distinct, type Fault, faultsOf } from './faults.ts';
import { TOGETHER_FROM } from './law/clause.ts';
import {
  count,
  date,
  flag,
  knownOrNot,
  listOf,
  month,
  nonEmpty,
  option,
  optionalFlag,
  record,
  regionCode,
} from './schema.ts';
import {
  EXPENDITURE_KINDS,
  INCOME_KINDS,
  RELATIONS,
  STANDINGS,
  STATUSES,
  VEHICLE_KINDS,
  WORKER_KINDS,
} from './vocabulary.ts';

/** Ids of the papers behind a figure. */
const evidence = listOf(nonEmpty).default(() => []);

const income = record({
  kind: option(INCOME_KINDS),
  /** Fen a year; null: not yet known. */
  amount: knownOrNot,
  incomeTax: knownOrNot.default(0n),
  /** Social insurance and housing fund. */
  socialInsurance: knownOrNot.default(0n),
  evidence,
});

const member = record({
  id: nonEmpty,
  relation: option(RELATIONS),
  onRegister: flag,
  visitConfirmed: optionalFlag,
  status: option(STATUSES),
  specialCircumstances: optionalFlag,
  livesInCountryside: optionalFlag,
  incomeUnverifiable: optionalFlag,
  highFeePrivateSchool: optionalFlag,
  selfFundedAbroad: optionalFlag,
  jobRefusals: count.default(0),
  incomes: listOf(income).default(() => []),
});

const expenditure = record({
  kind: option(EXPENDITURE_KINDS),
  /** Fen a year; null: not yet known. */
  amount: knownOrNot,
  reimbursed: knownOrNot.default(0n),
  memberId: nonEmpty.optional(),
  majorIllness: optionalFlag,
  extraordinary: optionalFlag,
  evidence,
});

const home = record({
  /** Hundredths of a square metre, titled floor area. */
  area: knownOrNot,
  evidence,
});

const vehicle = record({
  kind: option(VEHICLE_KINDS),
  purchasePrice: knownOrNot,
  usedAsEmployee: flag,
  evidence,
});

const assets = record({
  homes: listOf(home),
  businessPremises: optionalFlag,
  employsOthers: optionalFlag,
  vehicles: listOf(vehicle),
  investments: knownOrNot.default(0n),
  savings: knownOrNot.default(0n),
});

const NO_ASSETS = {
  homes: [],
  businessPremises: false,
  employsOthers: false,
  vehicles: [],
  investments: 0n,
  savings: 0n,
} satisfies z.output<typeof assets>;

/** The form of the declaration, without what holds between its fields: `parseDeclaration` judges both. */
export const declarationSchema = record({
  applicationDate: date.refine((day) => day >= TOGETHER_FROM, { error: 'too-early' }),
  standardsDate: date.optional(),
  region: regionCode,
  homeRegion: regionCode.optional(),
  incomePeriod: record({ from: month, to: month }),
  worker: record({
    kind: option(WORKER_KINDS),
    standing: option(STANDINGS),
    labourRelationMonths: count,
    registeredRuralPoor: optionalFlag,
  }),
  crossCheckAuthorised: flag,
  onSiteVisit: optionalFlag,
  subsistenceAllowance: optionalFlag,
  monthsBelowStandard: count.default(0),
  members: listOf(member).min(1, { error: 'no-members' }),
  expenditures: listOf(expenditure).default(() => []),
  assets: assets.default(() => NO_ASSETS),
  otherExclusion: record({ reason: nonEmpty, approvedBy: nonEmpty }).optional(),
}).transform((document) => ({
  ...document,
  standardsDate: document.standardsDate ?? document.applicationDate,
  homeRegion: document.homeRegion ?? document.region,
}));

export type Declaration = z.output<typeof declarationSchema>;
export type Member = Declaration['members'][number];
export type Income = Member['incomes'][number];
export type Expenditure = Declaration['expenditures'][number];
export type Relation = Member['relation'];

/**
 * Parses a declaration (the JSON value, not its text). All faults at once: those of shape, and those between
 * fields as far as they can be judged beside the former.
 */
export const parseDeclaration = (
  json: unknown,
): { readonly declaration: Declaration } | { readonly faults: readonly Fault[] } => {
  const parsed = declarationSchema.safeParse(json);
  const between = [...incoherences(json)];
  if (parsed.success && between.length === 0) return { declaration: parsed.data };
  return { faults: distinct([...(parsed.success ? [] : faultsOf(parsed.error.issues)), ...between]) };
};
