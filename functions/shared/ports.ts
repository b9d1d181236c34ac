/**
 * The ports: what the functions need of the world. An edition is a choice of adapters, made in one file
 * (`embedded/composition.ts`, later `adapters/aws/composition.ts`). Every port has one contract suite in
 * `test/contract/` that runs against each adapter.
 */

import type { Json, JsonObject } from '#domain/json.ts';
import type { METRICS, MetricName } from './metrics.ts';
import type { OrganisationStore } from './organisation-store.ts';
import type { Settings } from './settings.ts';

export type { Json, JsonObject };

// ---------------------------------------------------------------- items

/** The primary key of an item: partition and sort key of the one table. */
export type ItemKey = { readonly pk: string; readonly sk: string };

/** The secondary indexes of the one table. Index reads may lag: nothing is decided on them. */
export const INDEXES = ['gsi1', 'gsi2', 'gsi3'] as const;
export type IndexName = (typeof INDEXES)[number];

/**
 * One item of the table. `version` counts its writes from 1 and is the only thing that conditions look at;
 * `schema` is the version of the shape of `data`, which readers migrate. `index` lists the places where
 * the item also stands in a secondary index.
 *
 * `expiresAt`, where there is one, is the end of the item's life: whole seconds since the epoch, wall time. Some time
 * after it the store removes the item. Until then it can still be read, and conditions still see it: whoever reads such
 * an item judges by the clock. An update leaves it as it is.
 */
export type Item = ItemKey & {
  readonly version: number;
  readonly schema: number;
  readonly data: JsonObject;
  readonly index?: { readonly [name in IndexName]?: ItemKey };
  readonly expiresAt?: number;
};

/** The end of an item's life that serves until that instant at least; milliseconds in, seconds out. */
export const expiryOf = (instant: number): number => Math.ceil(instant / 1000);

/** What must hold of the stored item for the transaction to happen. */
export type Condition = 'absent' | { readonly version: number };

/**
 * One operation of a transaction. `put` replaces the whole item and stores `item.version` as given (1 for a
 * new one, expected + 1 for a changed one). `update` merges `set` into `data` (top level keys; `remove`
 * deletes keys) and adds 1 to the version. `check` changes nothing.
 */
export type ItemOperation =
  | { readonly type: 'put'; readonly item: Item; readonly condition?: Condition }
  | {
      readonly type: 'update';
      readonly key: ItemKey;
      readonly set: JsonObject;
      readonly remove?: readonly string[];
      readonly condition: { readonly version: number };
    }
  | { readonly type: 'delete'; readonly key: ItemKey; readonly condition?: { readonly version: number } }
  | { readonly type: 'check'; readonly key: ItemKey; readonly condition: Condition };

export type ItemQuery = {
  /** The table itself where left out. */
  readonly index?: IndexName;
  readonly pk: string;
  /** Sort key restriction: a prefix, or an inclusive range with at least one end. */
  readonly sk?: { readonly prefix: string } | { readonly from?: string; readonly to?: string };
  /** At most 1000; the default is 100. */
  readonly limit?: number;
  /** Opaque, from a former page of the same query. A cursor that is not one is refused. */
  readonly cursor?: string;
  readonly direction?: 'ascending' | 'descending';
};

export type ItemPage = { readonly items: readonly Item[]; readonly cursor?: string };

/** Limits that every adapter refuses to exceed, so that the editions cannot drift apart. */
export const ITEM_LIMITS = { operations: 100, itemBytes: 400 * 1024, keyBytes: 1024, page: 1000 } as const;

/**
 * Case metadata. Sort keys compare by the bytes of their UTF-8 form, in the table and in the indexes.
 * Errors: `ConditionFailed` (with the positions of the operations that failed; never retried),
 * `LimitExceeded` (nothing was sent), `InvalidCursor`.
 */
export interface ItemStore {
  /** Strongly consistent. */
  get(key: ItemKey): Promise<Item | undefined>;
  query(query: ItemQuery): Promise<ItemPage>;
  /** All or nothing; durable when it resolves. No two operations of one transaction name the same key. */
  transact(operations: readonly ItemOperation[]): Promise<void>;
}

/**
 * All items of a store, for who moves them to another edition: no function asks for it. The store must be quiet; what is
 * written meanwhile may be missed.
 */
export interface ItemInventory {
  /**
   * Items of one partition come one after another, by their sort keys; the order of partitions is the store's own.
   * `limit` (1 to 1000) is the most that a page has. Without a cursor the page is the last. Errors: `LimitExceeded`,
   * `InvalidCursor`.
   */
  page(options: { readonly limit: number; readonly cursor?: string }): Promise<ItemPage>;
}

// ---------------------------------------------------------------- documents

export type UploadPromise = {
  readonly key: string;
  readonly contentType: string;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** SHA-256 of the content, lower-case hex: the upload is refused where the bytes differ. */
  readonly sha256: string;
  /** Seconds (wall time) that the form stays valid. */
  readonly expiresInSeconds: number;
};

/** A form to be sent as multipart/form-data by POST: `fields` first, the file last, named `file`. */
export type UploadForm = { readonly url: string; readonly fields: Readonly<Record<string, string>> };

/** A link to one document, for who holds it: always as an attachment, under a file name for people. */
export type DownloadPromise = {
  readonly key: string;
  readonly fileName: string;
  readonly contentType: 'application/pdf' | 'image/jpeg' | 'image/png';
  /** Seconds (wall time) that the link lives. */
  readonly expiresInSeconds: number;
};
export type DownloadLink = { readonly url: string };

export type DocumentHead = {
  readonly key: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly sha256: string;
  readonly legalHold: boolean;
  /** ISO date until which the document may not be removed. */
  readonly retainUntil?: string;
};

/**
 * Documents: two areas, told apart by the first segment of the key, `uploads/` and `archive/`.
 * Keys form a tree: none is the folder of another.
 * Errors: `DocumentExists` (put only-if-absent), `DocumentMissing`, `DocumentLocked` (overwriting or removing
 * what is held or retained), `ChecksumMismatch`.
 */
export interface DocumentStore {
  issueUpload(promise: UploadPromise): Promise<UploadForm>;
  /** Whoever follows the link in time gets the bytes as an attachment that no cache keeps. It isn't looked whether they are there. */
  issueDownload(promise: DownloadPromise): Promise<DownloadLink>;
  head(key: string): Promise<DocumentHead | undefined>;
  read(key: string): Promise<Uint8Array>;
  /** The keys below a prefix, in order. */
  list(prefix: string): Promise<readonly string[]>;
  put(
    key: string,
    content: Uint8Array,
    options: { readonly contentType: string; readonly sha256: string; readonly onlyIfAbsent: boolean },
  ): Promise<void>;
  remove(key: string): Promise<void>;
  setLegalHold(key: string, on: boolean): Promise<void>;
  /** Only ever later: an earlier date than the one that stands is `DocumentLocked`. */
  setRetention(key: string, until: string): Promise<void>;
}

/** The keys of all documents of a store, for who moves them: as `ItemInventory`. */
export interface DocumentInventory {
  /** At most `limit` (1 to 1000) keys behind `after`, by the bytes of their UTF-8 form; none only at the end. */
  page(options: { readonly limit: number; readonly after?: string }): Promise<readonly string[]>;
}

// ---------------------------------------------------------------- workflow

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export type ExecutionDescription = {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** Milliseconds since the epoch, case time. */
  readonly startedAt: number;
  readonly stoppedAt?: number;
};

/** Step Functions' names of event types; `details` by type. */
export type HistoryEvent = {
  readonly id: number;
  readonly type: string;
  readonly timestamp: number;
  readonly state?: string;
  readonly details?: JsonObject;
};

/**
 * What became of an answer to a task: `delivered` (also when the same answer was delivered before), or
 * `closed`: the token is unknown, timed out or its task is answered, so there is nothing left to tell.
 */
export type TaskAnswer = 'delivered' | 'closed';

/** One state machine, `filing`, as its callers see it. */
export interface Workflow {
  /**
   * Idempotent by name: the same name with the same input is the execution that runs (or ran) already; with
   * another input it is `ExecutionExists`.
   */
  start(name: string, input: JsonObject): Promise<'started' | 'exists'>;
  complete(taskToken: string, output: Json): Promise<TaskAnswer>;
  fail(taskToken: string, error: string, cause: string): Promise<TaskAnswer>;
  heartbeat(taskToken: string): Promise<TaskAnswer>;
  /** Ends a running execution as ABORTED; one that has ended, or never was, stays as it is. */
  stop(name: string, error: string, cause: string): Promise<void>;
  describe(name: string): Promise<ExecutionDescription | undefined>;
  history(name: string): Promise<readonly HistoryEvent[]>;
}

// ---------------------------------------------------------------- vault

/** What KMS takes in one piece to sign, and as a MAC's message. */
export const VAULT_LIMITS = { messageBytes: 4096 } as const;

/**
 * Keys. `seal` binds the ciphertext to its context (AES-256-GCM associated data): opening it in another
 * context fails with `VaultRefused`. `blindIndex` is a keyed hash for equality alone. Signatures are Ed25519
 * in both editions; `algorithm` and `publicKey` (JWK) travel with what was signed. More than `VAULT_LIMITS` to sign or to
 * index is `LimitExceeded`: what is longer is signed by its digest.
 */
export interface Vault {
  seal(plaintext: string, context: string): Promise<string>;
  open(sealed: string, context: string): Promise<string>;
  blindIndex(value: string): Promise<string>;
  sign(bytes: Uint8Array): Promise<VaultSignature>;
}

export type VaultSignature = {
  readonly keyId: string;
  readonly algorithm: 'Ed25519';
  readonly publicKey: JsonObject;
  /** base64url */
  readonly signature: string;
};

// ---------------------------------------------------------------- the centre, people, time

/** A request for a cross-check as it goes to the civil-affairs information centre. */
export type CrossCheckRequest = {
  /** Opaque: ties the answer to the case without naming the case. */
  readonly requestId: string;
  readonly body: JsonObject;
};

/** Errors: `CentreUnavailable` (to be tried again), `CentreRefused` (a person must look). */
export interface CrossCheckCentre {
  /** Resolves when the centre has acknowledged. Sending the same request again is harmless. */
  request(request: CrossCheckRequest): Promise<void>;
}

/** `unscanned`: there is no scanner. */
export type ScanResult = 'clean' | 'infected' | 'unscanned';

/** Looks for malware in what was uploaded. Errors: `ScannerUnavailable` (to be tried again). */
export interface Scanner {
  scan(content: Uint8Array): Promise<ScanResult>;
}

/** A message to a person about a case; never holds more of the personal data than a name. */
export type Message = {
  readonly id: string;
  readonly caseId: string;
  readonly to: { readonly subject: string } | { readonly organisation: string };
  readonly title: string;
  readonly text: string;
};

/**
 * At least once, deduplicated by the message's id. A recipient whom this way does not reach (nobody knows an address) is no
 * error: what a person sees after signing in is written apart. Errors: `NotifierRefused` (trying again is no use),
 * anything else, as `NotifierUnavailable`, is tried again.
 */
export interface Notifier {
  send(message: Message): Promise<void>;
}

/** The ways by which messages leave the house. */
export const CHANNELS = ['file', 'gateway', 'topic', 'mail'] as const;
export type Channel = (typeof CHANNELS)[number];
/** Those that are configured. Each is tried by itself: one that fails holds up no other. */
export type Channels = { readonly [channel in Channel]?: Notifier };

/**
 * Time. Case time (deadlines, notices) can be moved in demo and tests; tokens, signatures and uploads live
 * by wall time. Both are milliseconds since the epoch.
 */
export interface Clock {
  now(): number;
  wall(): number;
  /** Calls back once case time has reached the instant (at once where it has); the result cancels. */
  at(instant: number, fire: () => void): () => void;
}

/** What may be said after a metric's name: the value of its dimension, nothing where it has none. */
type DimensionOf<Name extends MetricName> = (typeof METRICS)[Name]['dimension'] extends {
  readonly values: readonly (infer Value extends string)[];
}
  ? [value: Value]
  : [];
type Kind<Wanted extends 'event' | 'gauge'> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Wanted ? Name : never;
}[MetricName];
export type EventMetric = Kind<'event'>;
export type GaugeMetric = Kind<'gauge'>;

/** The business metrics of `metrics.ts`. They say how many and how long, never who; they never fail. */
export interface Metrics {
  /** One more of an event. */
  count<Name extends EventMetric>(name: Name, ...dimension: DimensionOf<Name>): void;
  /** How much there is now, in the metric's unit. */
  gauge<Name extends GaugeMetric>(name: Name, value: number, ...dimension: DimensionOf<Name>): void;
}

/** Unguessable ids. */
export interface Ids {
  /** 26 characters of Crockford's base 32, lower case, sortable by time of making. */
  next(): string;
}

/** A link that works once, to be handed to one person; `expiresAt` is ISO 8601. */
export type OneTimeLink = { readonly url: string; readonly expiresAt: string };

/**
 * The accounts behind people: passwords and second factors. The embedded edition keeps its own; in the cloud they are the
 * identity provider's, and what only it can do is refused with 409 `accounts-elsewhere`. What must be written is handed
 * back, so that it happens in one transaction with the person.
 */
export interface Accounts {
  /**
   * A new account for a member of staff. `account` is the name to sign in with, or the subject at a provider elsewhere.
   * `link` sets the first password; null where passwords are kept elsewhere.
   */
  provide(account: string): Promise<{
    readonly subject: string;
    readonly operations: readonly ItemOperation[];
    readonly link: OneTimeLink | null;
  }>;
  /** A link with which a password is set anew, and where asked for a second factor. The former ones hold until then. */
  reset(
    subject: string,
    options: { readonly secondFactor: boolean },
  ): Promise<{ readonly operations: readonly ItemOperation[]; readonly link: OneTimeLink }>;
  /** Ends every session of a person; called once the reason for it is written. */
  signOut(subject: string): Promise<void>;
}

/** Everything together: what a use case may ask for. It declares the part that it needs by `Pick`. */
export type Ports = {
  readonly items: ItemStore;
  readonly documents: DocumentStore;
  readonly workflow: Workflow;
  readonly vault: Vault;
  readonly centre: CrossCheckCentre;
  readonly channels: Channels;
  readonly scanner: Scanner;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
  readonly settings: Settings;
  /** The tree of unions, read anew where it has changed. */
  readonly organisations: Pick<OrganisationStore, 'tree' | 'snapshot'>;
};
