/**
 * The cross-check by file, for a centre without an interface (C-2): the list of everyone whose check waits, and the
 * centre's reply, which makes the same records as a callback. The list holds ID numbers: whoever takes it states what
 * for, and that stands in the audit chain of each case before the list leaves the house.
 */
import type { Case } from '#domain/filing/case.ts';
import type { CrossCheckRequestBody } from '#domain/filing/cross-check.ts';
import {
  type Reply,
  type ReplyFault,
  readReplySheet,
  requestSheet,
} from '#domain/filing/cross-check-sheet.ts';
import { requestBody } from '#functions/request-cross-check/request-cross-check.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import {
  actorOf,
  type CasePorts,
  casesOf,
  changeCase,
  readCase,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { type Check, findCheck, readResults } from '#functions/shared/check-store.ts';
import { recordResult } from '#functions/shared/cross-check-results.ts';
import { AppError } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { personFaults } from '#functions/shared/matters.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { readSheet, type SheetFormat, writeSheet } from '#functions/shared/sheet.ts';
import { parseTask } from '#functions/shared/task-store.ts';

export type ExchangePorts = CasePorts & Pick<Ports, 'settings' | 'vault'>;

/** So many cases in one file: 30 s are enough for them, and the rest comes with the next. */
const MAX_CASES = 200;

const organisationOf = (caller: Caller): string => {
  if (caller.organisation !== undefined) return caller.organisation;
  throw new AppError('not-allowed', 403, '您不属于任何工会，不能交换比对名单。');
};

/** Cases of this union whose check the centre hasn't answered, or that are being checked by hand. */
const waitingCases = async (ports: ExchangePorts, organisation: string): Promise<readonly Case[]> => {
  const found = new Map<string, Case>();
  let cursor: string | undefined;
  do {
    const page = await ports.items.query({
      index: 'gsi3',
      pk: keys.crossChecksWaiting,
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const record of casesOf(page.items)) found.set(record.caseId, record);
    cursor = page.cursor;
  } while (cursor !== undefined);
  const inbox = await ports.items.query({ index: 'gsi1', pk: keys.inbox(organisation), limit: 1000 });
  for (const { kind, caseId } of inbox.items.map(parseTask)) {
    if (kind === 'crossCheckByHand') found.set(caseId, await readCase(ports.items, caseId));
  }
  return [...found.values()].filter(
    ({ unions, crossCheck }) => unions.centre === organisation && crossCheck?.status === 'requested',
  );
};

const checkOf = async (
  ports: ExchangePorts,
  requestId: string,
): Promise<{ check: Check; version: number }> => {
  const found = await findCheck(ports.items, requestId);
  if (found === undefined) throw new Error(`cross-check ${requestId} has no record`);
  return found;
};

/** The list, after each of its cases has recorded who took it and what for. */
export const exportRequests = async (
  ports: ExchangePorts,
  caller: Caller,
  { format, purpose }: { readonly format: SheetFormat; readonly purpose: string },
): Promise<Uint8Array> => {
  const cases = (await waitingCases(ports, organisationOf(caller))).slice(0, MAX_CASES);
  const requests: CrossCheckRequestBody[] = [];
  for (const { caseId } of cases) {
    const record = await changeCase(ports, caseId, (current) =>
      current.crossCheck?.status !== 'requested'
        ? null
        : {
            next: current,
            event: {
              type: 'crossCheckExported',
              actor: actorOf(caller),
              data: {
                requestId: current.crossCheck.requestId,
                persons: current.persons.length + current.supporters.length,
                opened: { field: 'idNumber', purpose },
              },
            },
          },
    );
    if (record.crossCheck?.status !== 'requested') continue;
    const { check } = await checkOf(ports, record.crossCheck.requestId);
    requests.push(await requestBody(ports, record, check));
  }
  return writeSheet('信息比对名单', requestSheet(requests), format);
};

export type ImportReport = {
  readonly applied: boolean;
  readonly faults: readonly ReplyFault[];
  /** Replies that are new, and that were taken before. */
  readonly counts: { readonly taken: number; readonly known: number; readonly faults: number };
};

const fault = (row: number, column: ReplyFault['column'], code: string, message: string): ReplyFault => ({
  row,
  column,
  code,
  message,
});

/** What of a reply doesn't fit the request that it answers. */
const replyFaults = async (
  ports: ExchangePorts,
  organisation: string,
  reply: Reply,
): Promise<readonly ReplyFault[]> => {
  const found = await findCheck(ports.items, reply.requestId);
  const record = found && (await readCase(ports.items, found.check.caseId));
  // Another union's request is none, to this one.
  if (found === undefined || record?.unions.centre !== organisation) {
    return [fault(reply.row, '请求编号', 'unknown-request', '没有这项比对请求。')];
  }
  const unasked = reply.categories.flatMap(({ category }) =>
    found.check.categories.includes(category)
      ? []
      : (reply.rows.get(category) ?? []).map((row) =>
          fault(row, '类别', 'not-asked', '这一类信息没有请求比对，不予接收。'),
        ),
  );
  const strangers = reply.categories.flatMap((result) =>
    personFaults(found.check.persons, [result]).map(({ pointer, code, message }) => {
      const position = Number(pointer.split('/').at(-2));
      return fault(reply.rows.get(result.category)?.[position] ?? reply.row, '人员编号', code, message);
    }),
  );
  return [...unasked, ...strangers];
};

/** Takes one reply; false where it was taken before. */
const take = (ports: ExchangePorts, caller: Caller, reply: Reply): Promise<boolean> =>
  untilSettled(async () => {
    const { check, version } = await checkOf(ports, reply.requestId);
    const former = await readResults(ports.items, reply.requestId);
    if (former.some(({ resultId }) => resultId === reply.resultId)) return false;
    const sequence = Math.max(0, ...former.map((result) => result.sequence)) + 1;
    await recordResult(ports, {
      check,
      version,
      former,
      result: {
        requestId: reply.requestId,
        resultId: reply.resultId,
        sequence,
        final: true,
        categories: [...reply.categories],
      },
      origin: { actor: actorOf(caller), data: { byFile: true }, operations: () => [] },
    });
    return true;
  });

/** Judges a reply file whole; applies it only where it has no fault and `apply` says so. */
export const importReplies = async (
  ports: ExchangePorts,
  caller: Caller,
  file: Uint8Array,
  apply: boolean,
): Promise<ImportReport> => {
  const organisation = organisationOf(caller);
  const { replies, faults: ofSheet } = readReplySheet(await readSheet(file));
  const ofReplies: ReplyFault[] = [];
  for (const reply of replies) ofReplies.push(...(await replyFaults(ports, organisation, reply)));
  const faults = [...ofSheet, ...ofReplies].sort((one, other) => one.row - other.row);
  if (faults.length > 0 || !apply) {
    return {
      applied: false,
      faults,
      counts: { taken: replies.length, known: 0, faults: faults.length },
    };
  }
  let taken = 0;
  for (const reply of replies) if (await take(ports, caller, reply)) taken += 1;
  return { applied: true, faults, counts: { taken, known: replies.length - taken, faults: 0 } };
};
