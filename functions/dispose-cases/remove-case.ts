/**
 * Removes one application by an approved protocol. The order makes it restartable: the case is marked and says so in its
 * chain; the tombstone is written; then what lies elsewhere goes, while the chain still names it; then what lies with the
 * case; the case itself last. Killed in between, it is done again from the start, over what is left.
 */
import * as z from 'zod';
import { custodyOf } from '#domain/filing/case.ts';
import { type Disposal, remainsOf, type Tombstone, tombstoneSchema } from '#domain/filing/disposal.ts';
import { taskKindSchema } from '#domain/filing/task-kinds.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { actorOf, type CasePorts, changeCase, findCase, readEvents } from '#functions/shared/case-store.ts';
import { externalsOf } from '#functions/shared/external-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { letterTraces } from '#functions/shared/message-store.ts';
import { readAll } from '#functions/shared/pages.ts';
import { ITEM_LIMITS, type ItemKey, type ItemStore, type Ports } from '#functions/shared/ports.ts';
import { taskIdOf } from '#functions/shared/task-store.ts';

type Needs = CasePorts & Pick<Ports, 'documents'>;
type Found = NonNullable<Awaited<ReturnType<typeof findCase>>>;

export const findTombstone = async (items: ItemStore, caseId: string): Promise<Tombstone | undefined> => {
  const item = await items.get(keys.tombstone(caseId));
  return item === undefined ? undefined : tombstoneSchema.parse(item.data);
};

/** Where the papers of a case lie, by area. */
export const paperPrefixes = (caseId: string): readonly string[] => [
  `uploads/${caseId}/`,
  `archive/${caseId}/`,
];

const removeItems = async (items: ItemStore, found: readonly ItemKey[]): Promise<void> => {
  for (let from = 0; from < found.length; from += ITEM_LIMITS.operations) {
    await items.transact(
      found
        .slice(from, from + ITEM_LIMITS.operations)
        .map(({ pk, sk }) => ({ type: 'delete', key: { pk, sk } })),
    );
  }
};

/** The case says by which protocol it goes; from then on nothing changes it. */
const mark = async (ports: Needs, caller: Caller, disposal: Disposal, found: Found): Promise<Found> => {
  const { disposalId, protocolSha256 } = disposal;
  const { caseId } = found.record;
  if (found.record.disposal === null) {
    await changeCase(ports, caseId, (current) => ({
      next: { ...current, disposal: disposalId },
      event: { type: 'disposed', actor: actorOf(caller), data: { disposalId, protocolSha256 } },
    }));
  }
  const marked = await findCase(ports.items, caseId);
  if (marked?.record.disposal !== disposalId) throw new Error(`case ${caseId} goes by another protocol`);
  return marked;
};

const bury = async (ports: Needs, disposal: Disposal, { record }: Found): Promise<void> => {
  const { caseId, audit } = record;
  if ((await findTombstone(ports.items, caseId)) !== undefined) return;
  const remains = remainsOf(record, custodyOf(record).organisation);
  if (remains === undefined || disposal.protocolSha256 === null) {
    throw new Error(`case ${caseId} is no case to be disposed of`);
  }
  const events = await readEvents(ports.items, caseId);
  const tombstone: Tombstone = {
    ...remains,
    disposalId: disposal.disposalId,
    protocolSha256: disposal.protocolSha256,
    disposedAt: new Date(ports.clock.now()).toISOString(),
    head: audit,
    chain: events.map(({ hash }) => hash),
  };
  const item = {
    ...keys.tombstone(caseId),
    version: 1,
    schema: 1,
    data: tombstone,
    // What was disposed of still counts.
    index: {
      gsi2: { pk: keys.disposedIndex(remains.custodian), sk: `${remains.endedAt}#${caseId}` },
    },
  };
  await ports.items.transact([{ type: 'put', item, condition: 'absent' }]);
};

const namedSchema = z.object({ noticeId: z.string().optional(), requestId: z.string().optional() });

/** Items of other partitions: tasks, notices with objections, cross-checks, looks, marks of the people, traces of letters. */
const elsewhere = async (ports: Needs, { record }: Found): Promise<readonly ItemKey[]> => {
  const { caseId, submission, visit, persons } = record;
  const named = (await readEvents(ports.items, caseId)).map(({ data }) => namedSchema.safeParse(data).data);
  const ids = (key: 'noticeId' | 'requestId') => [...new Set(named.flatMap((one) => one?.[key] ?? []))];
  const externals = await externalsOf(ports, caseId);
  const partitions = [
    // Looks name members; what outsiders were given is gone with the papers.
    keys.accessesOf(caseId),
    ...externals.map(({ accessId }) => keys.external(accessId).pk),
    ...ids('noticeId').map((id) => keys.notice(id).pk),
    ...ids('requestId').map((id) => keys.check(id).pk),
  ];
  const found: ItemKey[] = (await Promise.all(partitions.map((pk) => readAll(ports.items, { pk })))).flat();
  for (let round = 1; round <= submission; round += 1) {
    for (let turn = 1; turn <= visit; turn += 1) {
      for (const kind of taskKindSchema.options) {
        found.push(keys.task(taskIdOf(caseId, round, turn, kind)));
      }
    }
  }
  found.push(...persons.map(({ idIndex }) => keys.personCase(idIndex, caseId)));
  const letters = await readAll(ports.items, { pk: keys.case(caseId).pk, sk: { prefix: 'LETTER#' } });
  found.push(...letters.flatMap(letterTraces));
  const guards = persons.flatMap(({ idIndex }) => [keys.applicantGuard(idIndex), keys.personGuard(idIndex)]);
  for (const key of guards) {
    // They were released when it ended; a later application's are not its own.
    if ((await ports.items.get(key))?.data.caseId === caseId) found.push(key);
  }
  const claim = await ports.items.get(keys.claimOf(caseId));
  if (typeof claim?.data.hash === 'string') found.push(keys.claim(claim.data.hash));
  return found;
};

/** Removes it; `DocumentLocked` where a paper is held. Doing it again changes nothing. */
export const removeCase = async (
  ports: Needs,
  caller: Caller,
  disposal: Disposal,
  caseId: string,
): Promise<void> => {
  const found = await findCase(ports.items, caseId);
  if (found === undefined) {
    if ((await findTombstone(ports.items, caseId)) === undefined) throw new Error(`case ${caseId} is gone`);
    return;
  }
  const marked = await mark(ports, caller, disposal, found);
  await bury(ports, disposal, marked);
  for (const prefix of paperPrefixes(caseId)) {
    for (const key of await ports.documents.list(prefix)) await ports.documents.remove(key);
  }
  await removeItems(ports.items, await elsewhere(ports, marked));
  const kept = new Set([keys.case(caseId).sk, keys.tombstone(caseId).sk]);
  const own = await readAll(ports.items, { pk: keys.case(caseId).pk });
  await removeItems(
    ports.items,
    own.filter(({ sk }) => !kept.has(sk)),
  );
  await ports.items.transact([
    { type: 'delete', key: keys.case(caseId), condition: { version: marked.version } },
  ]);
};
