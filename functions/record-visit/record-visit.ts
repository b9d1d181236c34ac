/**
 * Records a home visit (A-7, A-13, B-8.2, B-8.3, C-2, C-5) and enters into the declaration what it has settled: members
 * that are not on the register are confirmed or struck, and a visit by named people of the county union or above
 * stands in for the cross-check of a migrant worker (C-2). Where each fact comes from is kept with the visit.
 */

import { addDays, beijingDate } from '#domain/calendar/dates.ts';
import type { Case } from '#domain/filing/case.ts';
import { visitLetter } from '#domain/filing/letters.ts';
import type { OrganisationTree } from '#domain/filing/organisations.ts';
import { STAGES, type Stage } from '#domain/filing/stages.ts';
import { PAPER_NAMES, type PaperKind } from '#domain/filing/terms.ts';
import { isCountyOrAbove, type SettledFact, type Visit, withVisitedFacts } from '#domain/filing/visits.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, changeCase } from '#functions/shared/case-store.ts';
import { type FiledDeclaration, filedDeclaration } from '#functions/shared/declarations.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import { AppError, type Fault, fault, InvalidInput } from '#functions/shared/errors.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { requireNoKin } from '#functions/shared/task-access.ts';
import type { VisitForm } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'organisations'>;

/** From the signed application on until the file is established: every stage at which a person may still decide. */
const mayVisit = (stage: Stage): boolean =>
  STAGES[stage].resumeAt !== null && STAGES[stage].next.includes('withdrawn');

/** Before the reckoning, or while it waits for facts: later the reckoning would not know what the visit settles. */
const SETTLING: ReadonlySet<Stage> = new Set([
  'checkingMaterials',
  'awaitingSupplement',
  'grassrootsReview',
  'superiorReview',
  'crossCheck',
  'crossCheckByHand',
  'awaitingFacts',
]);

const dayFaults = (form: VisitForm, record: Case, today: string): readonly Fault[] => {
  if (form.visitedOn > today) return [fault('/visitedOn', 'in-future', '走访日期不能晚于今天。')];
  // A visit may come before the application, in a union that knows its people; a year is the period of the income.
  const earliest = addDays(record.applicationDate ?? today, -365);
  return form.visitedOn < earliest ? [fault('/visitedOn', 'too-early', `走访日期不能早于${earliest}。`)] : [];
};

type DeclaredMember = FiledDeclaration['members'][number];

const memberFaults = (
  form: VisitForm,
  record: Case,
  members: readonly DeclaredMember[],
): readonly Fault[] => [
  ...form.findings.members.flatMap(({ memberId, livesTogether }, index) => {
    const pointer = `/findings/members/${index}/memberId`;
    const member = members.find(({ id }) => id === memberId);
    if (member === undefined) return [fault(pointer, 'unknown-person', '家庭成员中没有这个编号。')];
    if (member.onRegister || member.relation === 'self') {
      return [fault(pointer, 'on-register', '该成员在户口本上，不需要走访核实共同居住。')];
    }
    if (form.findings.members.findIndex((one) => one.memberId === memberId) !== index) {
      return [fault(pointer, 'repeated', '该成员重复列出。')];
    }
    return !livesTogether && memberId === record.householderId
      ? [fault(pointer, 'householder', '户主不能删去；请先由家庭重新确定户主。')]
      : [];
  }),
  ...form.findings.incomes.flatMap(({ memberId }, index) =>
    members.some(({ id }) => id === memberId)
      ? []
      : [fault(`/findings/incomes/${index}/memberId`, 'unknown-person', '家庭成员中没有这个编号。')],
  ),
];

const paperFaults = async (
  ports: Needs,
  caseId: string,
  { photos, signature }: VisitForm,
): Promise<readonly Fault[]> => {
  const received = await receivedDocuments(ports.items, caseId);
  const missing = (id: string, paper: PaperKind): boolean =>
    !received.some((one) => one.documentId === id && one.paper === paper);
  const unknown = (pointer: string, paper: PaperKind): Fault =>
    fault(pointer, 'unknown-document', `没有收到这份${PAPER_NAMES[paper]}，请先上传。`);
  return [
    ...photos.flatMap((id, index) =>
      missing(id, 'visitPhoto') ? [unknown(`/photos/${index}`, 'visitPhoto')] : [],
    ),
    ...(signature.kind === 'signed' && missing(signature.document, 'visitRecord')
      ? [unknown('/signature/document', 'visitRecord')]
      : []),
  ];
};

/** What the visit settles of this declaration. */
const settledBy = (
  tree: OrganisationTree,
  organisation: string,
  form: VisitForm,
  record: Case,
): readonly SettledFact[] => {
  const { worker, onSiteVisit } = filedDeclaration(record);
  const names = new Map(record.persons.map(({ memberId, name }) => [memberId, name]));
  const forCrossCheck =
    worker.kind === 'migrant' && onSiteVisit !== true && isCountyOrAbove(tree.get(organisation));
  return [
    ...form.findings.members.map(
      ({ memberId, livesTogether }): SettledFact => ({
        fact: livesTogether ? 'memberConfirmed' : 'memberStruck',
        memberId,
        name: names.get(memberId) ?? null,
        clause: 'R-11',
      }),
    ),
    ...(forCrossCheck
      ? [{ fact: 'onSiteVisit', memberId: null, name: null, clause: 'C-2' } satisfies SettledFact]
      : []),
  ];
};

/** Throws 409: the visit would change what has been reckoned or published already. */
const requireSettling = (record: Case, settled: readonly SettledFact[]): void => {
  const members = settled.filter(({ fact }) => fact !== 'onSiteVisit');
  if (members.length > 0 && !SETTLING.has(record.stage)) {
    throw wrongStage(record.stage, '再确认或删去家庭成员；请先退回补正或核实事实');
  }
  const struck = settled.some(({ fact }) => fact === 'memberStruck');
  // What was published has changed: the case goes back, and the notice is published again.
  if (struck && record.notice !== null && record.stage !== 'grassrootsReview') {
    throw new AppError(
      'notice-published',
      409,
      '家庭成员已经公示，不能直接删去；请退回补正，补正后重新公示。',
      { clause: 'B-8.2' },
    );
  }
};

export const recordVisit = (ports: Needs, caller: Caller, caseId: string, form: VisitForm): Promise<Case> => {
  const visitId = ports.ids.next();
  return changeCase(ports, caseId, async (current) => {
    requireCaseAccess(caller, 'visit.record', current);
    const { organisation } = caller;
    if (organisation === undefined) throw new Error('a visitor without a union passed the policy');
    await requireNoKin(ports.items, caller, current);
    if (!mayVisit(current.stage)) throw wrongStage(current.stage, '记录走访');
    const now = ports.clock.now();
    const { members } = filedDeclaration(current);
    const faults = [
      ...dayFaults(form, current, beijingDate(now)),
      ...memberFaults(form, current, members),
      ...(await paperFaults(ports, caseId, form)),
    ];
    if (faults.length > 0) throw new InvalidInput(faults);
    const settled = settledBy(await ports.organisations.tree(), organisation, form, current);
    requireSettling(current, settled);
    const visit: Visit = {
      visitId,
      ...form,
      organisation,
      settled: [...settled],
      recordedBy: caller.name,
      recordedAt: new Date(now).toISOString(),
    };
    const visits = [...current.visits, visit];
    const struck = new Set(
      settled.flatMap(({ fact, memberId }) => (fact === 'memberStruck' ? [memberId] : [])),
    );
    return {
      next: {
        ...current,
        visits,
        declaration: withVisitedFacts(current.declaration, visits),
        persons: current.persons.filter(({ memberId }) => !struck.has(memberId)),
      },
      event: { type: 'visited', actor: actorOf(caller), data: { ...visit } },
      letters: [{ to: 'household', ...visitLetter(current, visit) }],
    };
  });
};
