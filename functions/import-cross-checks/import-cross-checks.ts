/**
 * The reply of a centre without an interface (C-2), as a sheet: judged whole, every fault by row and column, and taken with
 * the same records as a callback's.
 */
import { type Reply, type ReplyFault, readReplySheet } from '#domain/filing/cross-check-sheet.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { actorOf, type CasePorts, readCase, untilSettled } from '#functions/shared/case-store.ts';
import { exchangingUnion, findCheck, personFaults, readResults } from '#functions/shared/check-store.ts';
import { recordResult } from '#functions/shared/cross-check-results.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { readSheet } from '#functions/shared/sheet.ts';

export type ImportPorts = CasePorts & Pick<Ports, 'settings'>;

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
  ports: ImportPorts,
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
const take = (ports: ImportPorts, caller: Caller, reply: Reply): Promise<boolean> =>
  untilSettled(async () => {
    const found = await findCheck(ports.items, reply.requestId);
    if (found === undefined) throw new Error(`cross-check ${reply.requestId} has no record`);
    const { check, version } = found;
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
  ports: ImportPorts,
  caller: Caller,
  file: Uint8Array,
  apply: boolean,
): Promise<ImportReport> => {
  const organisation = exchangingUnion(caller);
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
