/**
 * The repository of cases. Every change of a case is one transaction: the case at its expected version, its
 * audit event, and whatever else must hold or happen with it.
 */
import { type Actor, type AuditEvent, appendEvent, auditEventSchema } from '#domain/filing/audit.ts';
import { CASE_SCHEMA, type Case, caseSchema, custodyOf } from '#domain/filing/case.ts';
import type { EventType } from '#domain/filing/events.ts';
import type { Caller } from './access/policy.ts';
import { AppError, ConditionFailed } from './errors.ts';
import { keys } from './keys.ts';
import { messageIdOf, putLetter } from './message-store.ts';
import { newMessage, type OutboxRow, outboxOperation } from './outbox.ts';
import { readAll } from './pages.ts';
import type { Item, ItemOperation, JsonObject, Metrics, Ports } from './ports.ts';
import { signatoryOf } from './signatory.ts';

/** What the repository needs of the world. */
export type CasePorts = Pick<Ports, 'items' | 'clock' | 'ids' | 'metrics'>;

/** To the household, or to a union by its id. */
export type Letter = {
  readonly to: 'household' | { readonly organisation: string };
  readonly title: string;
  readonly text: string;
};

export type CaseChange = {
  readonly next: Case;
  readonly event: { readonly type: EventType; readonly actor: Actor; readonly data: JsonObject };
  readonly operations?: readonly ItemOperation[];
  readonly outbox?: readonly OutboxRow[];
  readonly letters?: readonly Letter[];
};

/** The same case was changed from too many sides at once; trying again is right. The state machine retries it. */
export class CaseConflict extends AppError {
  override readonly name = 'Case.Conflict';
  constructor() {
    super('case-busy', 409, '该申请正在被同时修改，请稍后重试。');
  }
}

/** The case has ended, or this execution is no longer the one that drives it. `filing.asl.json` catches it. */
export class CaseClosed extends Error {
  override readonly name = 'Case.Closed';
}

const caseNotFound = (): AppError => new AppError('case-not-found', 404, '没有找到该申请，请核对编号。');

/** A person who acts by the API, as the audit chain names them. */
export const actorOf = (caller: Caller): Actor => ({
  kind: 'person',
  ...signatoryOf(caller),
  roles: [...caller.roles],
});

/** What stands for the owner of a case that an officer entered for someone who has no account yet. */
export const unregistered = (caseId: string): string => `unregistered:${caseId}`;
export const isUnregistered = (applicant: string): boolean => applicant.startsWith('unregistered:');

export const systemActor = (name: string): Actor => ({ kind: 'system', function: name });

const caseItem = (record: Case, version: number): Item => ({
  ...keys.case(record.caseId),
  version,
  schema: CASE_SCHEMA,
  data: record,
  index: {
    gsi1: { pk: keys.ownerIndex(record.applicant), sk: `${record.openedAt}#${record.caseId}` },
    // A synthetic case stands in no list of a union, and among none that are counted.
    ...(!record.synthetic && {
      gsi2: {
        pk: keys.unionIndex(custodyOf(record).organisation),
        sk: `${record.openedAt}#${record.caseId}`,
      },
    }),
    ...(!record.synthetic &&
      record.stage === 'crossCheck' && {
        gsi3: { pk: keys.crossChecksWaiting, sk: `${record.openedAt}#${record.caseId}` },
      }),
    ...(record.endedAt !== null &&
      !record.synthetic && {
        gsi3: {
          pk: keys.endedIndex(custodyOf(record).organisation),
          sk: `${record.endedAt}#${record.caseId}`,
        },
      }),
  },
});

/** Which stage the case has come to, from which; what was decided with it. To be counted once it is written. */
const countMove = (metrics: Metrics, before: Case | undefined, after: Case): void => {
  if (after.synthetic || before?.stage === after.stage) return;
  if (before !== undefined) metrics.count('StageLeft', before.stage);
  metrics.count('StageEntered', after.stage);
  if (after.stage === 'rejected') metrics.count('Decisions', 'refused');
  const tier = after.determination?.tier ?? null;
  if (after.stage === 'established' && tier !== null) metrics.count('Decisions', tier);
};

const parseCase = (item: Item): Case => {
  if (item.schema !== CASE_SCHEMA)
    throw new Error(`case of schema ${item.schema}; this version reads ${CASE_SCHEMA}`);
  return caseSchema.parse(item.data);
};

/** The case with the version of its item; undefined where there is none. */
export const findCase = async (
  items: Ports['items'],
  caseId: string,
): Promise<{ record: Case; version: number } | undefined> => {
  const item = await items.get(keys.case(caseId));
  return item === undefined ? undefined : { record: parseCase(item), version: item.version };
};

/** The case; `case-not-found` where there is none. */
export const readCase = async (items: Ports['items'], caseId: string): Promise<Case> => {
  const found = await findCase(items, caseId);
  if (found === undefined) throw caseNotFound();
  return found.record;
};

/** Reads cases of an index page. */
export const casesOf = (page: readonly Item[]): readonly Case[] => page.map(parseCase);

const eventItem = (event: AuditEvent): Item => ({
  ...keys.event(event.caseId, event.sequence),
  version: 1,
  schema: 1,
  data: event,
});

/** The whole audit chain, from its first event. */
export const readEvents = async (items: Ports['items'], caseId: string): Promise<readonly AuditEvent[]> => {
  const stored = await readAll(items, { pk: keys.case(caseId).pk, sk: { prefix: 'EVENT#' } });
  return stored.map((item) => auditEventSchema.parse(item.data));
};

const letterOperations = (
  ports: CasePorts,
  record: Case,
  letters: readonly Letter[],
  at: string,
): ItemOperation[] =>
  letters.flatMap((letter, index) => {
    const number = record.letters + index + 1;
    const to = letter.to === 'household' ? { subject: record.applicant } : letter.to;
    return [
      putLetter({ caseId: record.caseId, number, to, title: letter.title, text: letter.text, at }),
      // The message says that there is a letter; what stands in it is read after signing in.
      outboxOperation(
        ports.ids,
        record.caseId,
        newMessage({
          id: messageIdOf({ caseId: record.caseId, number }),
          caseId: record.caseId,
          to,
          title: letter.title,
          text: '您有一条新的办理通知，请登录后查看。',
        }),
      ),
    ] satisfies ItemOperation[];
  });

type Write = { readonly record: Case; readonly operations: readonly ItemOperation[] };

const writeOf = (
  ports: CasePorts,
  version: number,
  head: Case['audit'] | undefined,
  change: CaseChange,
): Write => {
  const { next, event, operations = [], outbox = [] } = change;
  // Nobody at a union is to be troubled by a synthetic case.
  const letters = (change.letters ?? []).filter(({ to }) => !next.synthetic || to === 'household');
  const at = new Date(ports.clock.now()).toISOString();
  const last = head === undefined ? undefined : { caseId: next.caseId, ...head };
  const audited = appendEvent(last, {
    caseId: next.caseId,
    at,
    actor: event.actor,
    type: event.type,
    data: event.data,
  });
  const record: Case = {
    ...next,
    letters: next.letters + letters.length,
    audit: { sequence: audited.sequence, hash: audited.hash },
  };
  const all: ItemOperation[] = [
    {
      type: 'put',
      item: caseItem(record, version + 1),
      condition: version === 0 ? 'absent' : { version },
    },
    { type: 'put', item: eventItem(audited), condition: 'absent' },
    ...operations,
    ...outbox.map((row) => outboxOperation(ports.ids, record.caseId, row)),
    ...letterOperations(ports, next, letters, at),
  ];
  return { record, operations: all };
};

/** Writes a new case with its first event. `ConditionFailed` positions from 2 on are the change's own operations. */
export const createCase = async (ports: CasePorts, change: CaseChange): Promise<Case> => {
  const { record, operations } = writeOf(ports, 0, undefined, change);
  await ports.items.transact(operations);
  countMove(ports.metrics, undefined, record);
  return record;
};

/**
 * What changes a case at a version, for a transaction over several cases at once (`hold-meeting`); a single case
 * goes by `changeCase`.
 */
export const writeCase = (ports: CasePorts, version: number, current: Case, change: CaseChange): Write =>
  writeOf(ports, version, current.audit, change);

const ATTEMPTS = 12;

/**
 * Changes a case: reads it, lets `decide` say how (or `null`: nothing to do), writes. Where somebody else was
 * faster, it reads and asks again, so `decide` must judge the case that it is given and nothing older. Where one
 * of the change's own conditions failed on an unchanged case, `ConditionFailed` reaches the caller, its positions
 * counted among the change's `operations`.
 *
 * Errors: `case-not-found` (also of one that is being disposed of), `CaseConflict`, and what `decide` throws.
 */
export const changeCase = async (
  ports: CasePorts,
  caseId: string,
  decide: (current: Case) => CaseChange | null | Promise<CaseChange | null>,
): Promise<Case> => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const found = await findCase(ports.items, caseId);
    if (found === undefined || found.record.disposal !== null) throw caseNotFound();
    const change = await decide(found.record);
    if (change === null) return found.record;
    try {
      const { record, operations } = writeCase(ports, found.version, found.record, change);
      await ports.items.transact(operations);
      countMove(ports.metrics, found.record, record);
      return record;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.operations.some((position) => position < 2)) continue;
      throw new ConditionFailed(error.operations.map((position) => position - 2));
    }
  }
  throw new CaseConflict();
};

/** Nobody is sent away because many come at once: 30 people may object in the same moment. */
const ROUNDS = 40;

/**
 * Runs a change that judges what it reads, again and again until it is judged and written on the same state: where a
 * condition of its own failed (`ConditionFailed`), or the case was changed from too many sides (`CaseConflict`), it was
 * overtaken and must look again. Throws what `run` throws otherwise, and `CaseConflict` where it never gets through.
 */
export const untilSettled = async <T>(run: () => Promise<T>): Promise<T> => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ConditionFailed || error instanceof CaseConflict)) throw error;
    }
  }
  throw new CaseConflict();
};
