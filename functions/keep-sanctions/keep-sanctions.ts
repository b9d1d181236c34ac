/**
 * Decisions on wilful false declarations (B-8.1, B-19, R-14): entered by the centre of the case, confirmed by a second of
 * its people, and only then in force. What confirming does happens in one transaction: the decision, the bars of all whom
 * it names, the event and the letter of the case; running applications of theirs are told by the outbox
 * (`functions/shared/bars.ts`). A decision that corrects another takes its place the same way; both stay.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { lastDayOfBar } from '#domain/filing/bars.ts';
import type { Case } from '#domain/filing/case.ts';
import type { ClawBack } from '#domain/filing/claw-back.ts';
import { clawBackLetter, sanctionLetter, sanctionLiftedLetter } from '#domain/filing/letters.ts';
import { barOf, isInForce, type Sanction, sanctionSchema } from '#domain/filing/sanctions.ts';
import { type Caller, requireAccess } from '#functions/shared/access/policy.ts';
import {
  actorOf,
  CaseConflict,
  type CasePorts,
  changeCase,
  type Letter,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { AppError, type Fault, fault, InvalidInput } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import type { OutboxRow } from '#functions/shared/outbox.ts';
import type { ItemOperation, Ports } from '#functions/shared/ports.ts';
import { getSanction, putSanction, readBarGuard } from '#functions/shared/sanction-store.ts';
import { signedForUnion } from '#functions/shared/signatory.ts';
import { requireNoKin } from '#functions/shared/task-access.ts';
import type { ClawBackForm, ReturnForm, SanctionForm } from './schema.ts';

export type Needs = CasePorts & Pick<Ports, 'organisations'>;

/** The centre decides, by people who don't belong to the household; not while the archive is being made. */
const requireDecider = async (ports: Needs, caller: Caller, record: Case): Promise<void> => {
  requireAccess(caller, 'sanction.decide', { organisation: record.unions.centre });
  await requireNoKin(ports.items, caller, record);
  if (record.stage === 'archiving') throw new CaseConflict();
};

const wrongCorrection = (): AppError =>
  new AppError('not-in-force', 409, '要更正的决定尚未生效，或者已被别的决定更正，请核对。');

const formFaults = (form: SanctionForm, record: Case, today: string): readonly Fault[] => [
  ...(form.decidedOn > today ? [fault('/decidedOn', 'in-future', '作出决定的日期不能晚于今天。')] : []),
  ...(form.persons.length === 0 && form.corrects === undefined
    ? [fault('/persons', 'nobody-named', '须写明决定列明的人员。')]
    : []),
  ...form.persons.flatMap((memberId, index) =>
    form.persons.indexOf(memberId) === index && record.persons.some((person) => person.memberId === memberId)
      ? []
      : [fault(`/persons/${index}`, 'unknown-person', '申请中没有这名家庭成员，或者重复列出。')],
  ),
];

/** The decision that a new one is to correct: of the same case, and in force. */
const corrected = async (ports: Needs, sanctionId: string, caseId: string) => {
  const found = await getSanction(ports.items, sanctionId);
  if (found.sanction.caseId !== caseId || !isInForce(found.sanction)) throw wrongCorrection();
  return found;
};

/** Enters a decision; it has no effect yet. Errors: 403, 404, 409 `not-in-force`, `InvalidInput`. */
export const enterSanction = async (ports: Needs, caller: Caller, form: SanctionForm): Promise<Sanction> => {
  const sanctionId = ports.ids.next();
  const now = ports.clock.now();
  const tree = await ports.organisations.tree();
  let sanction: Sanction | undefined;
  await changeCase(ports, form.caseId, async (current) => {
    await requireDecider(ports, caller, current);
    const faults = formFaults(form, current, beijingDate(now));
    if (faults.length > 0) throw new InvalidInput(faults);
    if (form.corrects !== undefined) await corrected(ports, form.corrects, form.caseId);
    sanction = {
      sanctionId,
      number: form.number,
      decidedOn: form.decidedOn,
      lastDay: lastDayOfBar(form.decidedOn),
      organisation: current.unions.centre,
      organisationPath: [...tree.path(current.unions.centre)],
      caseId: form.caseId,
      facts: form.facts,
      persons: current.persons
        .filter(({ memberId }) => form.persons.includes(memberId))
        .map(({ memberId, idIndex, idNumber }) => ({ memberId, idIndex, idNumber })),
      dishonest: form.persons.length > 0,
      corrects: form.corrects ?? null,
      entered: signedForUnion(ports, caller),
      confirmed: null,
      correctedBy: null,
    };
    return {
      next: current,
      event: {
        type: 'sanctionEntered',
        actor: actorOf(caller),
        data: { sanctionId, number: form.number, decidedOn: form.decidedOn, persons: form.persons },
      },
      operations: [putSanction(sanction, 0)],
    };
  });
  if (sanction === undefined) throw new Error('a decision was written without being made');
  return sanction;
};

/** The writes that make a decision the one in force: itself, what it corrects, and everyone's bars. */
const effects = async (
  ports: Needs,
  confirmed: Sanction,
  version: number,
): Promise<{ readonly operations: readonly ItemOperation[]; readonly former: Sanction | undefined }> => {
  const found =
    confirmed.corrects === null ? undefined : await corrected(ports, confirmed.corrects, confirmed.caseId);
  const former = found?.sanction;
  const barred = new Set(confirmed.persons.map(({ idIndex }) => idIndex));
  const touched = new Set([...barred, ...(former?.persons ?? []).map(({ idIndex }) => idIndex)]);
  const bars = await Promise.all(
    [...touched].map(async (idIndex) => {
      const guard = await readBarGuard(ports.items, idIndex);
      const others = guard.bars.filter(({ sanctionId }) => sanctionId !== former?.sanctionId);
      return guard.with(barred.has(idIndex) ? [...others, barOf(confirmed)] : others);
    }),
  );
  return {
    operations: [
      putSanction(confirmed, version),
      ...(found === undefined
        ? []
        : [putSanction({ ...found.sanction, correctedBy: confirmed.sanctionId }, found.version)]),
      ...bars,
    ],
    former,
  };
};

const confirm = async (ports: Needs, caller: Caller, sanctionId: string): Promise<Sanction> => {
  const { caseId, entered } = (await getSanction(ports.items, sanctionId)).sanction;
  requireAccess(caller, 'sanction.decide', { organisation: entered.organisation });
  if (entered.subject === caller.subject) {
    throw new AppError('same-person', 403, '录入和确认不能是同一人，请由另一位同志核对后确认。');
  }
  const tree = await ports.organisations.tree();
  let result: Sanction | undefined;
  await changeCase(ports, caseId, async (current) => {
    const { sanction, version } = await getSanction(ports.items, sanctionId);
    result = sanction;
    if (sanction.confirmed !== null) return null;
    await requireNoKin(ports.items, caller, current);
    if (current.stage === 'archiving') throw new CaseConflict();
    const confirmed: Sanction = { ...sanction, confirmed: signedForUnion(ports, caller) };
    result = confirmed;
    const { operations, former } = await effects(ports, confirmed, version);
    const { number, decidedOn, lastDay, persons, organisation } = confirmed;
    const names = persons.map(({ memberId }) => memberId);
    const letter =
      persons.length > 0
        ? sanctionLetter(current, number, lastDay, tree.get(organisation))
        : sanctionLiftedLetter(current, former?.number ?? '', number);
    const letters: readonly Letter[] = [{ to: 'household', ...letter }];
    const tell = (id: string): OutboxRow => ({ kind: 'sanction', sanctionId: id });
    return {
      next: current,
      event: {
        type: 'sanctioned',
        actor: actorOf(caller),
        data: {
          sanctionId,
          number,
          decidedOn,
          lastDay,
          persons: names,
          corrects: confirmed.corrects,
          clauses: ['B-8.1', 'R-14'],
        },
      },
      operations,
      outbox: [...(former === undefined ? [] : [tell(former.sanctionId)]), tell(sanctionId)],
      letters,
    };
  });
  if (result === undefined) throw new Error('a decision was confirmed without being read');
  return result;
};

/**
 * Confirms a decision, by a second person of the same centre. Confirming again changes nothing. Errors: 403 `same-person`,
 * 404, 409 `not-in-force` where what it corrects was corrected meanwhile.
 */
export const confirmSanction = (ports: Needs, caller: Caller, sanctionId: string): Promise<Sanction> =>
  untilSettled(() => confirm(ports, caller, sanctionId));

export const readSanction = async (ports: Needs, caller: Caller, sanctionId: string): Promise<Sanction> => {
  const { sanction } = await getSanction(ports.items, sanctionId);
  requireAccess(caller, 'sanction.read', sanction);
  return sanction;
};

/** A union's decisions, newest first. */
export const listSanctions = async (
  ports: Needs,
  caller: Caller,
  {
    union,
    ...paging
  }: {
    readonly union?: string | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  },
): Promise<{ readonly sanctions: readonly Sanction[]; readonly cursor: string | null }> => {
  const tree = await ports.organisations.tree();
  const organisation = union ?? caller.organisation;
  if (organisation === undefined || tree.find(organisation) === undefined) {
    throw new InvalidInput([
      { pointer: '/union', code: 'unknown-union', message: '请写明工会（union）。', in: 'query' },
    ]);
  }
  requireAccess(caller, 'sanction.read', { organisation, organisationPath: tree.path(organisation) });
  const { limit, cursor } = paging;
  const page = await ports.items.query({
    index: 'gsi1',
    pk: keys.sanctionsOf(organisation),
    direction: 'descending',
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { sanctions: page.items.map(({ data }) => sanctionSchema.parse(data)), cursor: page.cursor ?? null };
};

/** Notes on the case what is to come back. Errors: 403, 404, 409 `not-in-force`, `no-aid`. */
export const demandClawBack = (
  ports: Needs,
  caller: Caller,
  caseId: string,
  form: ClawBackForm,
): Promise<Case> => {
  const clawBackId = ports.ids.next();
  return changeCase(ports, caseId, async (current) => {
    await requireDecider(ports, caller, current);
    if ((current.meeting?.aids ?? []).length === 0) {
      throw new AppError('no-aid', 409, '该户没有获得过救助，没有可追回的款物。');
    }
    const { sanction } = await getSanction(ports.items, form.sanctionId);
    if (sanction.caseId !== caseId || !isInForce(sanction)) {
      throw new AppError('not-in-force', 409, '没有对该户生效的弄虚作假处理决定，不能追回。');
    }
    const clawBack: ClawBack = {
      ...form,
      clawBackId,
      demandedAt: new Date(ports.clock.now()).toISOString(),
      by: caller.name,
      returned: null,
    };
    return {
      next: { ...current, clawBacks: [...current.clawBacks, clawBack] },
      event: {
        type: 'clawBackDemanded',
        actor: actorOf(caller),
        data: { ...form, clawBackId, clause: 'B-19' },
      },
      letters: [{ to: 'household', ...clawBackLetter(current, form) }],
    };
  });
};

/** Notes that it has come back. Noting it again changes nothing. Errors: 403, 404. */
export const noteReturn = (
  ports: Needs,
  caller: Caller,
  { caseId, clawBackId }: { readonly caseId: string; readonly clawBackId: string },
  { on, note }: ReturnForm,
): Promise<Case> =>
  changeCase(ports, caseId, async (current) => {
    await requireDecider(ports, caller, current);
    const found = current.clawBacks.find((one) => one.clawBackId === clawBackId);
    if (found === undefined) throw new AppError('claw-back-not-found', 404, '没有找到这笔追回。');
    if (found.returned !== null) return null;
    if (on > beijingDate(ports.clock.now())) {
      throw new InvalidInput([fault('/on', 'in-future', '退回的日期不能晚于今天。')]);
    }
    const returned = { on, note, by: caller.name };
    return {
      next: {
        ...current,
        clawBacks: current.clawBacks.map((one) =>
          one.clawBackId === clawBackId ? { ...one, returned } : one,
        ),
      },
      event: { type: 'clawBackReturned', actor: actorOf(caller), data: { clawBackId, on, clause: 'B-19' } },
    };
  });
