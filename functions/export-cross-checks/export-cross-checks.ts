/**
 * The list for a centre without an interface (C-2): everyone whose check waits. It holds ID numbers: whoever takes it
 * states what for, and that stands in the audit chain of each case before the list leaves the house.
 */
import type { Case } from '#domain/filing/case.ts';
import type { CrossCheckRequestBody } from '#domain/filing/cross-check.ts';
import { requestSheet } from '#domain/filing/cross-check-sheet.ts';
import { requestBody } from '#functions/request-cross-check/request-cross-check.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { actorOf, type CasePorts, casesOf, changeCase, readCase } from '#functions/shared/case-store.ts';
import { exchangingUnion, findCheck } from '#functions/shared/check-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { readAll } from '#functions/shared/pages.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { type SheetFormat, writeSheet } from '#functions/shared/sheet.ts';
import { parseTask } from '#functions/shared/task-store.ts';

export type ExportPorts = CasePorts & Pick<Ports, 'settings' | 'vault'>;

/** So many cases in one file: 30 s are enough for them, and the rest comes with the next. */
const MAX_CASES = 200;

/** Cases of this union whose check the centre hasn't answered, or that are being checked by hand. */
const waitingCases = async (ports: ExportPorts, organisation: string): Promise<readonly Case[]> => {
  const found = new Map<string, Case>();
  const waiting = await readAll(ports.items, { index: 'gsi3', pk: keys.crossChecksWaiting });
  for (const record of casesOf(waiting)) found.set(record.caseId, record);
  const inbox = await readAll(ports.items, { index: 'gsi1', pk: keys.inbox(organisation) });
  for (const { kind, caseId } of inbox.map(parseTask)) {
    if (kind === 'crossCheckByHand') found.set(caseId, await readCase(ports.items, caseId));
  }
  return [...found.values()].filter(
    ({ unions, crossCheck }) => unions.centre === organisation && crossCheck?.status === 'requested',
  );
};

/** The list, after each of its cases has recorded who took it and what for. */
export const exportRequests = async (
  ports: ExportPorts,
  caller: Caller,
  { format, purpose }: { readonly format: SheetFormat; readonly purpose: string },
): Promise<Uint8Array> => {
  const cases = (await waitingCases(ports, exchangingUnion(caller))).slice(0, MAX_CASES);
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
    const found = await findCheck(ports.items, record.crossCheck.requestId);
    if (found === undefined) throw new Error(`cross-check ${record.crossCheck.requestId} has no record`);
    requests.push(await requestBody(ports, record, found.check));
  }
  return writeSheet('信息比对名单', requestSheet(requests), format);
};
