/**
 * The record of a case: its one true state. An execution of the state machine only drives it. Personal fields
 * (ID number, bank card, phone, address) stand sealed in it, beside a masked form for the screen and, where
 * equality must be judged, a blind index.
 */
import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { consentSchema } from '#domain/privacy/consent.ts';
import { personBarSchema } from './bars.ts';
import { clawBackSchema } from './claw-back.ts';
import { settlementSchema } from './matter-values.ts';
import { participantSchema, seenSchema } from './opinions.ts';
import { signatorySchema } from './signatures.ts';
import { mayMove, type Stage, stageSchema } from './stages.ts';
import { taskKindSchema } from './task-kinds.ts';
import {
  aidKindSchema,
  categorySchema,
  fundSchema,
  paperKindSchema,
  positiveAmountSchema,
  routeSchema,
  tierSchema,
} from './terms.ts';
import { visitSchema } from './visits.ts';

/** The shape version of case items. */
export const CASE_SCHEMA = 1;

export const sealedSchema = z.strictObject({ sealed: z.string(), masked: z.string() });
export type SealedField = z.infer<typeof sealedSchema>;

const personSchema = z.strictObject({
  /** The member's id in the declaration. */
  memberId: z.string(),
  name: z.string(),
  /** Relation to the householder, as the authorisation writes it. */
  relationToHouseholder: z.string(),
  idNumber: sealedSchema,
  /** Keyed hash of the ID number: one person belongs to one open file (B-9). */
  idIndex: z.string(),
});

const opinionSchema = z.strictObject({
  task: taskKindSchema,
  taskId: z.string(),
  visit: z.number().int(),
  decision: z.string(),
  opinion: z.string(),
  by: signatorySchema,
  /** The union's name on that day: unions are renamed and merged. */
  organisationName: z.string().nullable().default(null),
  at: z.string(),
  /** Digests of what the signatory had before them; null in cases of before there were any, and for a supplement. */
  seen: seenSchema.nullable().default(null),
  /** The document with the stamped opinion (A-4, B-8.2). */
  stampedOpinion: z.string().nullable().default(null),
  /** Who took part, where the level decides collectively. */
  participants: z.array(participantSchema).default([]),
});
export type Opinion = z.infer<typeof opinionSchema>;

/** Why the household gets no file; `clauses` are ids of the digest. */
const refusalSchema = z.strictObject({
  clauses: z.array(z.string()).min(1),
  reason: z.string(),
  /** The union that refused; null where the rules of the process did (a lapse, a duplicate). */
  by: signatorySchema.nullable(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** The result that decides the tier: reckoned, or by a case-by-case study (C-6). */
const determinationSchema = z.strictObject({
  basis: z.enum(['assessment', 'caseStudy']),
  outcome: z.enum(['eligible', 'ineligible', 'incomplete', 'study']),
  tier: tierSchema.nullable(),
  category: categorySchema.nullable(),
  proposedAid: aidKindSchema.nullable(),
  allowedFunds: z.array(fundSchema),
  net: z.string().nullable(),
  /** Ids of the clauses behind a refusal. */
  exclusions: z.array(z.string()),
  missing: z.array(z.strictObject({ clause: z.string(), detail: z.string() })),
  /** The stored assessment that this is drawn from: `ASSESSMENT#<number>`. */
  assessment: z.number().int(),
});
export type Determination = z.infer<typeof determinationSchema>;

export const aidSchema = z.strictObject({
  kind: aidKindSchema,
  amount: positiveAmountSchema,
  fund: fundSchema,
});
export type Aid = z.infer<typeof aidSchema>;

export const caseSchema = z.strictObject({
  caseId: z.string(),
  route: routeSchema,
  stage: stageSchema,
  /** Counts the submissions; 0 before the first. */
  submission: z.number().int().min(0),
  /** Counts the rounds through the reviews: each supplement or settled fact starts a new one. */
  visit: z.number().int().min(1),
  /** Counts the executions started for this submission. */
  attempt: z.number().int().min(0),
  /** The subject (account) of the worker. */
  applicant: z.string(),
  openedAt: z.string(),
  /**
   * Of nobody: filed to see that the system is alive. It can only be withdrawn, stands in no union's lists, and is left
   * out of every figure.
   */
  synthetic: z.literal(true).exactOptional(),
  openedBy: signatorySchema,
  /** Who consented to what, the newest last; each made before what it is about was processed. */
  consents: z.array(consentSchema).default([]),
  /** Organisation ids; `centre` is the provincial centre, or the city's union on the territorial route. */
  unions: z.strictObject({ grassroots: z.string(), superior: z.string(), centre: z.string() }),
  /** Every organisation from the grassroots union up, as the tree was when the case was opened. */
  organisationPath: z.array(z.string()).min(1),
  /**
   * The union that keeps the case, once that is another than the one it was filed with, or stands elsewhere in the tree
   * (B-10, B-12); `path` leads down to it and is what access goes by.
   */
  custody: z
    .strictObject({
      organisation: z.string(),
      path: z.array(z.string()).min(1),
      since: z.string(),
      /** Who kept it before. */
      from: z.string(),
      /** The record by which the papers were handed over, signed by both; null: they have not been. */
      transfer: z.string().nullable(),
    })
    .nullable()
    .default(null),
  workerId: z.string(),
  householderId: z.string(),
  persons: z.array(personSchema).min(1),
  /** Legal supporters outside the household. */
  supporters: z.array(personSchema),
  employer: z.string(),
  phone: sealedSchema,
  address: sealedSchema,
  bankCard: z.strictObject({ number: sealedSchema, bank: z.string() }),
  cause: z.string(),
  /** 申请类别: the worker's wish. */
  wishes: z.array(aidKindSchema),
  /** The declaration in the form of the assessment contract. */
  declaration: jsonObjectSchema,
  /** Set when the signed application has arrived. */
  applicationDate: z.string().nullable(),
  openTask: z.strictObject({ taskId: z.string(), kind: taskKindSchema }).nullable(),
  /** Papers that a review or the check of materials asked for, while the case waits for them. */
  requested: z.array(
    z.strictObject({
      paper: paperKindSchema,
      memberId: z.string().nullable(),
      note: z.string().nullable(),
      /** A review wants one that came after this instant; null where just any is missing. */
      since: z.string().nullable(),
    }),
  ),
  opinions: z.array(opinionSchema),
  visits: z.array(visitSchema).default([]),
  crossCheck: z
    .strictObject({
      requestId: z.string(),
      /** SHA-256 over the persons asked about: other persons need another request. */
      personsDigest: z.string(),
      status: z.enum(['requested', 'complete', 'byHand', 'declined']),
      chased: z.number().int(),
      /** Differences between registry and declaration: for a person to weigh. */
      findings: z.array(z.strictObject({ clause: z.string(), detail: z.string() })),
    })
    .nullable(),
  /** How the differences between declaration, registers and visit were settled (C-3, R-12); the declaration stays. */
  settlements: z.array(settlementSchema).default([]),
  determination: determinationSchema.nullable(),
  notice: z
    .strictObject({ noticeId: z.string(), endsAt: z.string().nullable(), visit: z.number().int() })
    .nullable(),
  refusal: refusalSchema.nullable(),
  /** When the application ended without a file: its disposal counts from then. */
  endedAt: z.string().nullable().default(null),
  /** The protocol by which it is being disposed of: nothing changes it any more. */
  disposal: z.string().nullable().default(null),
  /** Members whom a decision on a false declaration keeps from applying (B-8.1, R-14): for the reviewers to know. */
  bars: z.array(personBarSchema).default([]),
  /** What is to be paid or given back (B-19). */
  clawBacks: z.array(clawBackSchema).default([]),
  file: z.strictObject({ number: z.string(), establishedAt: z.string() }).nullable(),
  meeting: z
    .strictObject({
      meetingId: z.string(),
      heldOn: z.string(),
      attendees: z.array(z.string()),
      minutes: z.string(),
      resolution: z.string(),
      /** Empty: no aid, which leaves the file standing. */
      aids: z.array(aidSchema),
    })
    .nullable(),
  archive: z.strictObject({ prefix: z.string(), manifestSha256: z.string() }).nullable(),
  /** Reminders sent for the task that is open now. */
  reminders: z.number().int(),
  /** A workflow function failed for good in this state; cleared by a resumption. */
  fault: z.strictObject({ state: z.string(), error: z.string(), at: z.string() }).nullable(),
  letters: z.number().int(),
  assessments: z.number().int(),
  /** The head of the audit chain. */
  audit: z.strictObject({ sequence: z.number().int(), hash: z.string() }),
});
export type Case = z.infer<typeof caseSchema>;

/** The union that keeps the case, and the unions down to it: the case lies in the subtree of each. */
export const custodyOf = ({
  custody,
  unions,
  organisationPath,
}: Pick<Case, 'custody' | 'unions' | 'organisationPath'>): {
  readonly organisation: string;
  readonly path: readonly string[];
} => custody ?? { organisation: unions.grassroots, path: organisationPath };

/** A move that the table of stages does not know: the caller comes too late, or twice. */
class IllegalMove extends Error {
  override readonly name = 'IllegalMove';
  readonly from: Stage;
  readonly to: Stage;
  constructor(from: Stage, to: Stage) {
    super(`a case cannot go from ${from} to ${to}`);
    this.from = from;
    this.to = to;
  }
}

/** The case at another stage; throws `IllegalMove` where there is no such way. */
export const moved = (record: Case, to: Stage): Case => {
  if (!mayMove(record.stage, to)) throw new IllegalMove(record.stage, to);
  return { ...record, stage: to };
};

/** The execution's name: one for each attempt at a submission, so that a doubled start is the same one. */
export const executionName = (record: Pick<Case, 'caseId' | 'submission' | 'attempt'>): string =>
  `${record.caseId}-${record.submission}-${record.attempt}`;

/** The worker as a person of the household. */
export const workerOf = (record: Pick<Case, 'persons' | 'workerId'>): Case['persons'][number] => {
  const worker = record.persons.find((person) => person.memberId === record.workerId);
  if (worker === undefined) throw new Error('a case without its worker');
  return worker;
};
