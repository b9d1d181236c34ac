/**
 * Transfers the custody of cases from one union to another (B-12; B-10 where the worker has a new employer): the giver
 * lists what is handed over and signs, the taker, another person of the taking union, looks at it and signs too; then each
 * case is moved with its audit event and a letter to the household. What a dissolved union kept lies with its successor
 * already: there the two signatures are for the papers.
 */

import { beijingDate } from '#domain/calendar/dates.ts';
import { type Case, custodyOf } from '#domain/filing/case.ts';
import { isActiveOn, type OrganisationTree } from '#domain/filing/organisations.ts';
import { PAPER_NAMES } from '#domain/filing/terms.ts';
import { type Caller, requireAccess, scopesOf } from '#functions/shared/access/policy.ts';
import {
  actorOf,
  type CasePorts,
  casesOf,
  changeCase,
  findCase,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { custodyChange } from '#functions/shared/custody.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import { AppError, type Fault, fault, InvalidInput } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { pagesOf } from '#functions/shared/pages.ts';
import type { Item, ItemOperation, ItemStore, Ports } from '#functions/shared/ports.ts';
import { MAX_CASES, type Transfer, type TransferForm, transferSchema } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

const putTransfer = (transfer: Transfer, version: number): ItemOperation => {
  const sk = `${transfer.handedOver.at}#${transfer.transferId}`;
  const item: Item = {
    ...keys.transfer(transfer.transferId),
    version: version + 1,
    schema: 1,
    data: transfer,
    index: {
      gsi1: { pk: keys.transfersOf(transfer.from), sk },
      gsi2: { pk: keys.transfersOf(transfer.to), sk },
    },
  };
  return { type: 'put', item, condition: version === 0 ? 'absent' : { version } };
};

const getTransfer = async (
  items: ItemStore,
  transferId: string,
): Promise<{ readonly transfer: Transfer; readonly version: number }> => {
  const item = await items.get(keys.transfer(transferId));
  if (item === undefined) throw new AppError('transfer-not-found', 404, '没有找到这份移交单。');
  return { transfer: transferSchema.parse(item.data), version: item.version };
};

/** Whether this union has the case to give: it keeps it, or its successor has it without its papers. */
const isGivenBy = (record: Case, { from, to }: Pick<Transfer, 'from' | 'to'>): boolean => {
  const { organisation } = custodyOf(record);
  if (organisation === from) return true;
  return organisation === to && record.custody?.from === from && record.custody.transfer === null;
};

/** Looks through the index for what there is to give, up to one transfer's fill and one more. */
const allOf = async (ports: Needs, form: TransferForm, at: string): Promise<readonly Case[]> => {
  const found: Case[] = [];
  for await (const page of pagesOf(ports.items, { index: 'gsi2', pk: keys.unionIndex(at) })) {
    found.push(...casesOf(page).filter((record) => isGivenBy(record, form)));
    if (found.length > MAX_CASES) break;
  }
  return found;
};

const namedCases = async (
  ports: Needs,
  form: TransferForm,
  ids: readonly string[],
): Promise<readonly Case[]> => {
  const records: Case[] = [];
  const faults: Fault[] = [];
  for (const [index, caseId] of ids.entries()) {
    const pointer = `/caseIds/${index}`;
    const record = (await findCase(ports.items, caseId))?.record;
    if (ids.indexOf(caseId) !== index) faults.push(fault(pointer, 'repeated', '同一申请重复列出。'));
    else if (record === undefined || !isGivenBy(record, form)) {
      faults.push(fault(pointer, 'not-in-custody', '这份申请或档案不由移出单位保管。'));
    } else if (record.stage === 'archiving') {
      faults.push(fault(pointer, 'archiving', '正在归档，归档完成后再移交。'));
    } else records.push(record);
  }
  if (faults.length > 0) throw new InvalidInput(faults);
  return records;
};

const partyFaults = (tree: OrganisationTree, { from, to }: TransferForm, today: string): readonly Fault[] => {
  const giver = tree.find(from);
  const taker = tree.find(to);
  if (giver === undefined) return [fault('/from', 'unknown-union', '没有这个单位。')];
  if (taker === undefined || !isActiveOn(taker, today)) {
    return [fault('/to', 'unknown-union', '没有这个接收单位，或者它不在了。')];
  }
  if (from === to) return [fault('/to', 'same-union', '移出单位和接收单位不能相同。')];
  const heir = tree.heir(from);
  return giver.dissolution === null || heir.id === to
    ? []
    : [fault('/to', 'not-the-successor', `${giver.name}已撤销，由${heir.name}承接。`)];
};

/** What the system holds of a case, for the list that both sign. */
const papersOf = async (ports: Needs, caseId: string): Promise<Transfer['cases'][number]['papers']> => {
  const received = await receivedDocuments(ports.items, caseId);
  return [...Map.groupBy(received, ({ paper }) => PAPER_NAMES[paper])].map(([name, of]) => ({
    name,
    count: of.length,
  }));
};

export type Opened = { readonly transfer: Transfer; readonly more: boolean };

/**
 * Draws the list up and signs it for the giver: a keeper of the giving union, or of one above it where it is gone. `more`:
 * there is more to give than fits into one transfer. Errors: 403, 409 `nothing-to-transfer`, `InvalidInput`.
 */
export const openTransfer = async (ports: Needs, caller: Caller, form: TransferForm): Promise<Opened> => {
  const tree = await ports.organisations.tree();
  const { organisation } = caller;
  const path = tree.find(form.from) === undefined ? [] : tree.path(form.from);
  requireAccess(caller, 'custody.transfer', { organisation: form.from, organisationPath: path });
  if (organisation === undefined) throw new Error('a keeper without a union got past the policy');
  const now = ports.clock.now();
  const faults = partyFaults(tree, form, beijingDate(now));
  if (faults.length > 0) throw new InvalidInput(faults);

  const dissolved = tree.get(form.from).dissolution !== null;
  const records =
    form.caseIds === undefined
      ? await allOf(ports, form, dissolved ? form.to : form.from)
      : await namedCases(ports, form, form.caseIds);
  const listed = records.filter(({ stage }) => stage !== 'archiving').slice(0, MAX_CASES);
  if (listed.length === 0) throw new AppError('nothing-to-transfer', 409, '没有需要移交的申请或档案。');
  const transfer: Transfer = {
    transferId: ports.ids.next(),
    from: form.from,
    to: form.to,
    reason: form.reason,
    cases: await Promise.all(
      listed.map(async ({ caseId, file }) => ({
        caseId,
        fileNumber: file?.number ?? null,
        papers: await papersOf(ports, caseId),
      })),
    ),
    originals: form.originals,
    handedOver: {
      subject: caller.subject,
      name: caller.name,
      organisation,
      at: new Date(now).toISOString(),
    },
    accepted: null,
    completed: false,
  };
  await ports.items.transact([putTransfer(transfer, 0)]);
  return { transfer, more: records.length > listed.length };
};

/** Signs for the taker, once: whoever comes later finds the signature that is there. */
const sign = async (ports: Needs, caller: Caller, transferId: string): Promise<Transfer> => {
  const { transfer, version } = await getTransfer(ports.items, transferId);
  const { organisation } = caller;
  if (organisation === undefined || organisation !== transfer.to) {
    throw new AppError('not-allowed', 403, '应由接收单位的档案管理人员签收。');
  }
  if (caller.subject === transfer.handedOver.subject) {
    throw new AppError('same-person', 403, '移交和接收不能由同一人签字。', { clause: 'B-12' });
  }
  if (transfer.accepted !== null) return transfer;
  const at = new Date(ports.clock.now()).toISOString();
  const signed = {
    ...transfer,
    accepted: { subject: caller.subject, name: caller.name, organisation, at },
  };
  await ports.items.transact([putTransfer(signed, version)]);
  return signed;
};

const moveCase = (ports: Needs, tree: OrganisationTree, caller: Caller, transfer: Transfer, caseId: string) =>
  untilSettled(() =>
    changeCase(ports, caseId, async (current) => {
      const { transferId, from, to, reason, handedOver, accepted, originals } = transfer;
      if (current.custody?.transfer === transferId) return null;
      if (!isGivenBy(current, transfer)) {
        throw new AppError('custody-moved', 409, '其中有申请或档案已移交给别的单位，请核对后重新办理。', {
          caseId,
        });
      }
      const papers = transfer.cases.find((one) => one.caseId === caseId)?.papers ?? [];
      const data = { transferId, handedOver, accepted, papers, originals };
      const actor = actorOf(caller);
      const moved = await custodyChange(ports, tree, current, to, { actor, text: reason, data });
      const since = new Date(ports.clock.now()).toISOString();
      const custody = moved?.next.custody ?? { organisation: to, path: [...tree.path(to)], since, from };
      const change = moved ?? {
        next: current,
        // It lay here already: only the papers come now.
        event: { type: 'custodyTransferred', actor, data: { ...data, reason, clause: 'B-12' } } as const,
      };
      return { ...change, next: { ...change.next, custody: { ...custody, from, transfer: transferId } } };
    }),
  );

/**
 * Signs for the taker and moves every case of the list. Doing it again goes on where it was. Errors: 403 `same-person` and
 * `not-allowed`, 404, 409 `custody-moved` or `case-busy`.
 */
export const acceptTransfer = async (ports: Needs, caller: Caller, transferId: string): Promise<Transfer> => {
  const transfer = await untilSettled(() => sign(ports, caller, transferId));
  if (transfer.completed) return transfer;
  const { tree } = await ports.organisations.snapshot();
  if (tree.get(transfer.to).dissolution !== null) {
    throw new AppError('taker-dissolved', 409, '接收单位已撤销，请重新办理移交。');
  }
  for (const { caseId } of transfer.cases) await moveCase(ports, tree, caller, transfer, caseId);
  return untilSettled(async () => {
    const { transfer: stored, version } = await getTransfer(ports.items, transferId);
    const done = { ...stored, completed: true };
    if (!stored.completed) await ports.items.transact([putTransfer(done, version)]);
    return done;
  });
};

/** One transfer, for those whom one of its sides is. */
export const readTransfer = async (ports: Needs, caller: Caller, transferId: string): Promise<Transfer> => {
  const { transfer } = await getTransfer(ports.items, transferId);
  const tree = await ports.organisations.tree();
  // A stranger to the giver may be the taker.
  const side = tree.path(transfer.to).includes(caller.organisation ?? '') ? transfer.to : transfer.from;
  requireAccess(caller, 'custody.read', { organisation: side, organisationPath: tree.path(side) });
  return transfer;
};

/** The transfers that the caller's union gives or takes, newest first. */
export const listTransfers = async (
  ports: Needs,
  caller: Caller,
  {
    side,
    union,
    limit,
    cursor,
  }: {
    readonly side: 'given' | 'taken';
    readonly union?: string | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  },
): Promise<{ readonly transfers: readonly Transfer[]; readonly cursor: string | null }> => {
  const tree = await ports.organisations.tree();
  const organisation = union ?? caller.organisation;
  if (organisation === undefined || tree.find(organisation) === undefined) {
    const message = scopesOf(caller, 'custody.read').has('all') ? '请写明工会（union）。' : '没有这个单位。';
    throw new InvalidInput([{ pointer: '/union', code: 'unknown-union', message, in: 'query' }]);
  }
  requireAccess(caller, 'custody.read', { organisation, organisationPath: tree.path(organisation) });
  const page = await ports.items.query({
    index: side === 'given' ? 'gsi1' : 'gsi2',
    pk: keys.transfersOf(organisation),
    direction: 'descending',
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { transfers: page.items.map(({ data }) => transferSchema.parse(data)), cursor: page.cursor ?? null };
};
