/**
 * What an edition is configured with beside its adapters: local standards, waiting times. Parsed once at
 * start; a fault names every wrong key.
 */
import * as z from 'zod';
import type { CrossCheckPolicy } from '#domain/filing/cross-check.ts';
import { deadlineNameSchema } from '#domain/filing/task-kinds.ts';
import type { PrivacyNotices } from '#domain/privacy/notices.ts';
import type { ParameterSet } from '#domain/rules/parameters.ts';
import type { TrustedKey } from './http-signature.ts';
import type { JsonObject } from './ports.ts';

/** Working days of the unit's own rule (本单位规定): the law sets no time for these. */
export const waitingTimesSchema = z.strictObject({
  tasks: z.record(deadlineNameSchema, z.number().int().min(1).max(120)),
  /** A claim of a task lapses after so many. */
  claim: z.number().int().min(1).max(60),
  crossCheck: z.strictObject({
    deadline: z.number().int().min(1).max(120),
    heartbeat: z.number().int().min(1).max(60),
    /** Chased this often without a sign of life, the check goes on by hand. */
    chases: z.number().int().min(0).max(10),
  }),
});
export type WaitingTimes = z.infer<typeof waitingTimesSchema>;

export const DEFAULT_WAITING_TIMES: WaitingTimes = {
  tasks: { supplement: 10, review: 10, facts: 10, study: 15, noticeEnd: 3, objections: 10, meeting: 20 },
  claim: 3,
  crossCheck: { deadline: 20, heartbeat: 5, chases: 2 },
};

/**
 * What an upload may be: 20 MiB holds a scanned booklet, ten minutes a slow line. A large household of ten with all its
 * papers sent back three times has about 200. Both editions promise the same.
 */
export const UPLOAD_LIMITS: UploadLimits = {
  maxBytes: 20 * 1024 * 1024,
  expiresInSeconds: 600,
  maxDocuments: 500,
  maxTotalBytes: 1024 * 1024 * 1024,
};

export type UploadLimits = {
  /** Of one paper. */
  readonly maxBytes: number;
  /** Seconds (wall time) that a form stays valid. */
  readonly expiresInSeconds: number;
  /** Papers of one case, whatever became of them. */
  readonly maxDocuments: number;
  /** Bytes of one case's papers together, those promised included. */
  readonly maxTotalBytes: number;
};

/** How long what came to no file is kept: the unit's own rule (本单位规定). A file's ten years are the law's (B-14). */
export type Retention = {
  /** Years after an application ended without a file. */
  readonly endedYears: number;
};

/** What is told of the processing of personal data, and how long they are kept. */
export type PersonalDataSettings = {
  readonly privacyNotices: PrivacyNotices;
  readonly retention: Retention;
};
/** How many fields and papers one person may open, by wall time: a reviewer's day holds about 30 cases. */
export type OpeningLimits = { readonly perHour: number; readonly perDay: number };
export const OPENING_LIMITS: OpeningLimits = { perHour: 60, perDay: 300 };

/** What an outsider may be given: the unit's own rule (本单位规定), the law sets no numbers. */
export const EXTERNAL_LIMITS = { maxDays: 30, maxPapers: 50, maxOpenings: 100 } as const;

export type CrossCheckSettings = {
  /** What is asked, and what a category without an answer means: the unit's own rule. */
  readonly policy: CrossCheckPolicy;
  /** Where the centre sends its results: the base of `/v1/cross-checks/{requestId}/results`. */
  readonly callbackBase: string;
  /** The authority that the centre's signatures must cover. */
  readonly authority: string;
  /** Keys of the centre, to verify its callbacks. */
  readonly centreKeys: readonly TrustedKey[];
};

/** Where it stands which posts people hold. */
export type RolesFrom = 'posts' | 'claims';

export type Settings = PersonalDataSettings & {
  /** The local standards: as parsed, and as the document that goes into each archive. */
  readonly parameters: { readonly set: ParameterSet; readonly document: JsonObject };
  readonly waitingTimes: WaitingTimes;
  /**
   * Whether a review must carry the scan of its signed and sealed form (A-4, B-8.2). The law asks for the seal; where
   * the paper form is sealed and kept with the paper file, the electronic one may do without the scan.
   */
  readonly stampedOpinions: boolean;
  readonly crossCheck: CrossCheckSettings;
  /** Who holds which post: the people kept here know, or the provider of the tokens alone (`claims`). */
  readonly rolesFrom: RolesFrom;
  readonly upload: UploadLimits;
  readonly openings: OpeningLimits;
};

/**
 * Seconds in which so many working days have passed at the earliest and, holidays apart, at the latest: the
 * state machine's timer only wakes; the due date itself is counted by the calendar.
 */
export const secondsOf = (workingDays: number): number => Math.ceil((workingDays * 7) / 5) * 86_400;
