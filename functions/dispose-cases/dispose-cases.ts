/**
 * The disposal of applications that came to no file (51号 article 15 asks for a named keeper; the time is 本单位规定): the
 * keeper looks up what is due and proposes a protocol, a second keeper approves it, and with that everything that it lists
 * is removed. What is held, and what a decision on a false declaration still rests on, is refused. Approving again goes on
 * where it was.
 */
import { beijingDate, endOfDayInstant } from '#domain/calendar/dates.ts';
import { canonicalJson, sha256 } from '#domain/filing/audit.ts';
import { barOn } from '#domain/filing/bars.ts';
import { type Case, custodyOf } from '#domain/filing/case.ts';
import {
  type Disposal,
  disposalSchema,
  lastDueEnd,
  type Remains,
  remainsOf,
  type Tombstone,
} from '#domain/filing/disposal.ts';
import { type Caller, requireAccess } from '#functions/shared/access/policy.ts';
import { type CasePorts, casesOf, findCase, untilSettled } from '#functions/shared/case-store.ts';
import { AppError, type Fault, fault, InvalidInput } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import type { Item, ItemOperation, ItemStore, Ports } from '#functions/shared/ports.ts';
import { getSanction, readBarGuard } from '#functions/shared/sanction-store.ts';
import type { PersonalDataSettings } from '#functions/shared/settings.ts';
import { signedForUnion } from '#functions/shared/signatory.ts';
import { findTombstone, paperPrefixes, removeCase } from './remove-case.ts';
import type { DisposalForm } from './schema.ts';

export type Needs = CasePorts &
  Pick<Ports, 'documents' | 'organisations'> & {
    readonly settings: Pick<PersonalDataSettings, 'retention'>;
  };

type Paging = {
  readonly union?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

/** The union asked about, the caller's own where left out, with the way down to it. */
const unionOf = async (ports: Needs, caller: Caller, union: string | undefined) => {
  const tree = await ports.organisations.tree();
  const organisation = union ?? caller.organisation;
  if (organisation === undefined || tree.find(organisation) === undefined) {
    throw new InvalidInput([
      { pointer: '/union', code: 'unknown-union', message: '请写明工会（union）。', in: 'query' },
    ]);
  }
  return { organisation, organisationPath: tree.path(organisation) };
};

const paged = ({ limit, cursor }: Paging) => ({
  ...(limit === undefined ? {} : { limit }),
  ...(cursor === undefined ? {} : { cursor }),
});

/** Whatever ended before this instant is due. */
const dueBefore = ({ clock, settings }: Needs): string => {
  const lastDay = lastDueEnd(beijingDate(clock.now()), settings.retention.endedYears);
  return new Date(endOfDayInstant(lastDay)).toISOString();
};

/** What a union keeps that is due, the oldest first. */
export const listDue = async (
  ports: Needs,
  caller: Caller,
  paging: Paging,
): Promise<{ readonly due: readonly Remains[]; readonly cursor: string | null }> => {
  const resource = await unionOf(ports, caller, paging.union);
  requireAccess(caller, 'disposal.read', resource);
  const page = await ports.items.query({
    index: 'gsi3',
    pk: keys.endedIndex(resource.organisation),
    sk: { to: dueBefore(ports) },
    ...paged(paging),
  });
  const due = casesOf(page.items).flatMap(
    (record) => remainsOf(record, custodyOf(record).organisation) ?? [],
  );
  return { due, cursor: page.cursor ?? null };
};

const putDisposal = (disposal: Disposal, version: number): ItemOperation => {
  const item: Item = {
    ...keys.disposal(disposal.disposalId),
    version: version + 1,
    schema: 1,
    data: disposal,
    index: {
      gsi1: {
        pk: keys.disposalsOf(disposal.organisation),
        sk: `${disposal.proposed.at}#${disposal.disposalId}`,
      },
    },
  };
  return { type: 'put', item, condition: version === 0 ? 'absent' : { version } };
};

const getDisposal = async (
  items: ItemStore,
  disposalId: string,
): Promise<{ readonly disposal: Disposal; readonly version: number }> => {
  const item = await items.get(keys.disposal(disposalId));
  if (item === undefined) throw new AppError('disposal-not-found', 404, '没有找到这份销毁清册。');
  return { disposal: disposalSchema.parse(item.data), version: item.version };
};

/** Whether somebody is barred by what was found in this application. */
const bearsSanction = async (ports: Needs, record: Case): Promise<boolean> => {
  const today = beijingDate(ports.clock.now());
  for (const { idIndex } of record.persons) {
    for (const bar of (await readBarGuard(ports.items, idIndex)).bars) {
      if (barOn([bar], today) === undefined) continue;
      if ((await getSanction(ports.items, bar.sanctionId)).sanction.caseId === record.caseId) return true;
    }
  }
  return false;
};

const isHeld = async ({ documents, clock }: Needs, caseId: string): Promise<boolean> => {
  for (const prefix of paperPrefixes(caseId)) {
    for (const key of await documents.list(prefix)) {
      const head = await documents.head(key);
      if (head === undefined) continue;
      const retained = head.retainUntil !== undefined && beijingDate(clock.wall()) <= head.retainUntil;
      if (head.legalHold || retained) return true;
    }
  }
  return false;
};

type Judged = { readonly remains: Remains } | { readonly fault: Fault };

/** Whether an application may be disposed of now, by the union that keeps it. */
const judge = async (
  ports: Needs,
  organisation: string,
  caseId: string,
  pointer: string,
): Promise<Judged> => {
  const record = (await findCase(ports.items, caseId))?.record;
  const remains = record === undefined ? undefined : remainsOf(record, custodyOf(record).organisation);
  if (record === undefined || remains?.custodian !== organisation) {
    return { fault: fault(pointer, 'not-in-custody', '这份申请不由该单位保管，或者已经建档、尚未办结。') };
  }
  if (record.disposal !== null || remains.endedAt >= dueBefore(ports)) {
    const years = ports.settings.retention.endedYears;
    return { fault: fault(pointer, 'not-due', `办结未满${years}年（本单位规定），不能销毁。`) };
  }
  if (await isHeld(ports, caseId)) {
    return { fault: fault(pointer, 'papers-held', '有材料处于依法保留状态，解除之前不能销毁。') };
  }
  if (await bearsSanction(ports, record)) {
    return {
      fault: fault(pointer, 'sanction-running', '弄虚作假处理决定的期限未满，不能销毁所依据的材料。'),
    };
  }
  return { remains };
};

const judged = async (
  ports: Needs,
  organisation: string,
  caseIds: readonly string[],
): Promise<readonly Remains[]> => {
  const all = await Promise.all(
    caseIds.map((caseId, index) =>
      caseIds.indexOf(caseId) === index
        ? judge(ports, organisation, caseId, `/caseIds/${index}`)
        : { fault: fault(`/caseIds/${index}`, 'repeated', '同一申请重复列出。') },
    ),
  );
  const faults = all.flatMap((one) => ('fault' in one ? [one.fault] : []));
  if (faults.length > 0) throw new InvalidInput(faults);
  return all.flatMap((one) => ('remains' in one ? [one.remains] : []));
};

/** Draws up a protocol; nothing is removed yet. Errors: 403, `InvalidInput` with every case that cannot be on it. */
export const proposeDisposal = async (
  ports: Needs,
  caller: Caller,
  form: DisposalForm,
): Promise<Disposal> => {
  const resource = await unionOf(ports, caller, form.union);
  requireAccess(caller, 'disposal.make', resource);
  const disposal: Disposal = {
    disposalId: ports.ids.next(),
    organisation: resource.organisation,
    reason: form.reason,
    cases: [...(await judged(ports, resource.organisation, form.caseIds))],
    proposed: signedForUnion(ports, caller),
    approved: null,
    protocolSha256: null,
    completed: false,
  };
  await ports.items.transact([putDisposal(disposal, 0)]);
  return disposal;
};

/** Approves once: whoever comes later finds the approval that is there. */
const approve = async (ports: Needs, caller: Caller, disposalId: string): Promise<Disposal> => {
  const { disposal, version } = await getDisposal(ports.items, disposalId);
  requireAccess(caller, 'disposal.make', await unionOf(ports, caller, disposal.organisation));
  if (caller.subject === disposal.proposed.subject) {
    throw new AppError('same-person', 403, '销毁的提出和批准不能是同一人。');
  }
  if (disposal.approved !== null) return disposal;
  await judged(
    ports,
    disposal.organisation,
    disposal.cases.map(({ caseId }) => caseId),
  );
  const {
    protocolSha256: _,
    completed,
    ...protocol
  } = {
    ...disposal,
    approved: signedForUnion(ports, caller),
  };
  const approved = { ...protocol, protocolSha256: sha256(canonicalJson(protocol)), completed };
  await ports.items.transact([putDisposal(approved, version)]);
  return approved;
};

/**
 * Approves a protocol and removes what it lists. Errors: 403 `same-person`, 404, `InvalidInput` where something on it may
 * no longer be disposed of.
 */
export const approveDisposal = async (
  ports: Needs,
  caller: Caller,
  disposalId: string,
): Promise<Disposal> => {
  const disposal = await untilSettled(() => approve(ports, caller, disposalId));
  if (disposal.completed) return disposal;
  for (const { caseId } of disposal.cases) await removeCase(ports, caller, disposal, caseId);
  return untilSettled(async () => {
    const { disposal: stored, version } = await getDisposal(ports.items, disposalId);
    const done = { ...stored, completed: true };
    if (!stored.completed) await ports.items.transact([putDisposal(done, version)]);
    return done;
  });
};

export const readDisposal = async (ports: Needs, caller: Caller, disposalId: string): Promise<Disposal> => {
  const { disposal } = await getDisposal(ports.items, disposalId);
  requireAccess(caller, 'disposal.read', await unionOf(ports, caller, disposal.organisation));
  return disposal;
};

/** A union's protocols, newest first. */
export const listDisposals = async (
  ports: Needs,
  caller: Caller,
  paging: Paging,
): Promise<{ readonly disposals: readonly Disposal[]; readonly cursor: string | null }> => {
  const resource = await unionOf(ports, caller, paging.union);
  requireAccess(caller, 'disposal.read', resource);
  const page = await ports.items.query({
    index: 'gsi1',
    pk: keys.disposalsOf(resource.organisation),
    direction: 'descending',
    ...paged(paging),
  });
  return { disposals: page.items.map(({ data }) => disposalSchema.parse(data)), cursor: page.cursor ?? null };
};

/** What stays of an application that was disposed of. */
export const readTombstone = async (ports: Needs, caller: Caller, caseId: string): Promise<Tombstone> => {
  const tombstone = await findTombstone(ports.items, caseId);
  if (tombstone === undefined)
    throw new AppError('case-not-found', 404, '没有这份已销毁的申请，请核对编号。');
  requireAccess(caller, 'disposal.read', await unionOf(ports, caller, tombstone.custodian));
  return tombstone;
};
