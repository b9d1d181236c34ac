/**
 * Decides a task. One transaction: the task from OPEN to DECIDED, the case with the signed opinion and its audit event,
 * and the outbox row that tells the workflow; so of many who decide at once exactly one wins, and the others are told
 * who it was. An opinion is signed (B-4): by a named person of a named union, at an instant, over the digests of what
 * that person had seen; a case that has changed since is not decided on. All of it stands in the audit event, which the
 * chain binds and the archive's signature closes.
 */

import { addDays, beijingDate, endOfDayInstant } from '#domain/calendar/dates.ts';
import { settle, unsettled } from '#domain/filing/adjudication.ts';
import { type Case, type Determination, moved, type Opinion } from '#domain/filing/case.ts';
import { noticeLetter } from '#domain/filing/letters.ts';
import { collectiveFault, membersNamed, type Seen } from '#domain/filing/opinions.ts';
import type { Signatory } from '#domain/filing/signatures.ts';
import type { TaskKind } from '#domain/filing/task-kinds.ts';
import { TASKS, type TaskDecision } from '#domain/filing/tasks.ts';
import { PAPER_NAMES, type PaperKind } from '#domain/filing/terms.ts';
import { reckonFunds } from '#domain/rules/aid.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import {
  actorOf,
  type CaseChange,
  type CasePorts,
  changeCase,
  type Letter,
  readCase,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { findCheck, personFaults, putResult, readResults } from '#functions/shared/check-store.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import { AppError, type Fault, fault, InvalidInput } from '#functions/shared/errors.ts';
import { readMatters } from '#functions/shared/matters.ts';
import { getNotice, putNotice } from '#functions/shared/notice-store.ts';
import type { ItemOperation, JsonObject, Ports } from '#functions/shared/ports.ts';
import { requireUnchanged, seenOf } from '#functions/shared/seen.ts';
import { signatureOf } from '#functions/shared/signatory.ts';
import {
  alreadyDecided,
  isTaskOf,
  notYours,
  requireIndependent,
  requireUnclaimed,
} from '#functions/shared/task-access.ts';
import { endTask, findTask, type Task, taskNotFound } from '#functions/shared/task-store.ts';

type Needs = CasePorts & Pick<Ports, 'organisations' | 'settings'>;

const opinionText = (decision: TaskDecision): string => {
  if (decision.kind === 'supplement') return '已补正';
  if (decision.kind === 'adjudication') {
    const items = decision.items.map(({ id, clause, reason }) => `${id}：${reason}（${clause}）`);
    return `${decision.opinion}（${items.join('；')}）`;
  }
  if (decision.kind !== 'crossCheckByHand') return decision.opinion;
  const { opinion, housing, vehicles, businessRegistration } = decision;
  return `${opinion}（房产：${housing}；车辆：${vehicles}；工商登记：${businessRegistration}）`;
};

/** Null for a supplement, which is no opinion. */
const stampOf = (decision: TaskDecision): string | null =>
  decision.kind === 'supplement' ? null : decision.stampedOpinion;

/** A document that a decision names: of any kind, or of one. */
type Named = { readonly id: string; readonly pointer: string; readonly paper?: PaperKind };

const namedBy = (decision: TaskDecision): readonly Named[] => {
  const stamp = stampOf(decision);
  return [
    ...(decision.kind === 'crossCheckByHand'
      ? decision.evidence.map((id, index) => ({ id, pointer: `/evidence/${index}` }))
      : []),
    ...(decision.kind === 'caseStudy'
      ? [{ id: decision.minutes, pointer: '/minutes', paper: 'studyMinutes' } as const]
      : []),
    ...(stamp === null ? [] : [{ id: stamp, pointer: '/stampedOpinion', paper: 'stampedOpinion' } as const]),
  ];
};

/** Papers that a decision rests on must be in the case, and the minutes of a study must be minutes (C-6). */
const paperFaults = async (
  ports: CasePorts,
  caseId: string,
  decision: TaskDecision,
): Promise<readonly Fault[]> => {
  const named = namedBy(decision);
  if (named.length === 0) return [];
  const received = await receivedDocuments(ports.items, caseId);
  return named.flatMap(({ id, pointer, paper }) =>
    received.some((one) => one.documentId === id && (paper === undefined || one.paper === paper))
      ? []
      : [
          fault(
            pointer,
            'unknown-document',
            `没有收到这份${paper === undefined ? '材料' : PAPER_NAMES[paper]}，请先上传。`,
          ),
        ],
  );
};

const REVIEWS: ReadonlySet<TaskKind> = new Set(['grassrootsReview', 'superiorReview', 'centreReview']);

/**
 * What makes an opinion of a level whole: those who took part where the law asks for it (B-8.2, B-8.4), and the scan
 * with the seal (A-4, B-8.2) where the unit wants it in the electronic file already.
 */
const formFaults = (
  { stampedOpinions }: Needs['settings'],
  record: Case,
  decision: TaskDecision,
): readonly Fault[] => {
  const collective = 'participants' in decision ? collectiveFault(record.route, decision) : undefined;
  const unstamped =
    stampedOpinions &&
    REVIEWS.has(decision.kind) &&
    decision.decision !== 'supplement' &&
    decision.decision !== 'reassess' &&
    stampOf(decision) === null;
  const used = record.opinions.some(
    ({ stampedOpinion }) => stampedOpinion !== null && stampedOpinion === stampOf(decision),
  );
  return [
    ...(used ? [fault('/stampedOpinion', 'stamp-used', '这份盖章意见已用于另一次意见。')] : []),
    ...(collective === undefined ? [] : [fault('/participants', collective.code, collective.message)]),
    ...(unstamped ? [fault('/stampedOpinion', 'stamp-missing', '请先上传签字盖章的审核意见。')] : []),
  ];
};

/** What was seen, judged against what is there: 422 where it is not told, 409 `case-changed` where it differs. */
const requireSeen = async (ports: CasePorts, record: Case, decision: TaskDecision): Promise<Seen | null> => {
  if (decision.kind === 'supplement') return null;
  if (decision.seen === null) {
    throw new InvalidInput([fault('/seen', 'required', '请先查看任务，并随意见一并提交查看时的内容摘要。')]);
  }
  requireUnchanged(decision.seen, await seenOf(ports.items, record));
  return decision.seen;
};

const participantsOf = (decision: TaskDecision): Opinion['participants'] => {
  if (decision.kind === 'caseStudy') return membersNamed(decision.attendees);
  return 'participants' in decision ? decision.participants : [];
};

/** Handing in what is missing means that it is there: 409 `papers-missing`, naming what isn't. */
const requireSupplied = async (ports: CasePorts, record: Case, decision: TaskDecision): Promise<void> => {
  if (decision.kind !== 'supplement') return;
  const received = await receivedDocuments(ports.items, record.caseId);
  const missing = record.requested.filter(
    ({ paper, memberId, since }) =>
      !received.some(
        (one) =>
          one.paper === paper &&
          (memberId === null || one.memberId === memberId) &&
          (since === null || one.promisedAt >= since),
      ),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ paper, note }) => note ?? PAPER_NAMES[paper]);
  throw new AppError('papers-missing', 409, `还没有收到：${names.join('、')}。请上传后再点“已补正”。`, {
    papers: missing.map(({ paper, memberId }) => ({ paper, memberId })),
  });
};

/** Papers asked of a member are asked of one of the household. */
const memberFaults = (record: Case, decision: TaskDecision): readonly Fault[] =>
  decision.decision !== 'supplement'
    ? []
    : decision.papers.flatMap(({ memberId }, index) =>
        memberId === null || record.persons.some((person) => person.memberId === memberId)
          ? []
          : [fault(`/papers/${index}/memberId`, 'unknown-person', '家庭成员中没有这个编号。')],
      );

/** C-6: the study decides the tier; the funds follow from it (B-18, C-4). */
const studied = (record: Case, decision: Extract<TaskDecision, { decision: 'admit' }>): Determination => {
  const { determination } = record;
  if (determination === null) throw new Error(`case ${record.caseId} was studied before it was reckoned`);
  const parsed = parseDeclaration(record.declaration);
  if ('faults' in parsed) throw new Error('a stored declaration that does not fit the contract');
  return {
    ...determination,
    basis: 'caseStudy',
    outcome: 'eligible',
    tier: decision.tier,
    category: decision.category,
    allowedFunds: [...reckonFunds(parsed.declaration, decision.tier)],
  };
};

type Effect = {
  readonly next: Case;
  /** What the workflow is told: the decision, never its text. */
  readonly output: JsonObject;
  readonly operations: readonly ItemOperation[];
  readonly letters: readonly Letter[];
};

/** A slip of the year must not keep a household waiting; the longest holidays are over by then. */
const LONGEST_NOTICE_DAYS = 60;

const setNoticeEnd = async (
  ports: Needs,
  record: Case,
  decision: Extract<TaskDecision, { kind: 'noticeEnd' }>,
): Promise<Effect> => {
  if (record.notice === null) throw new Error(`case ${record.caseId} has no notice`);
  const { notice, version } = await getNotice(ports.items, record.notice.noticeId);
  // Five working days are never fewer than seven days, weekends included.
  const earliest = addDays(beijingDate(Date.parse(notice.publishedAt)), 7);
  if (decision.lastDay < earliest) {
    throw new InvalidInput([
      fault('/lastDay', 'notice-too-short', `公示不少于5个工作日，截止日不能早于${earliest}。`),
    ]);
  }
  const latest = addDays(beijingDate(Date.parse(notice.publishedAt)), LONGEST_NOTICE_DAYS);
  if (decision.lastDay > latest) {
    throw new InvalidInput([fault('/lastDay', 'notice-too-long', `截止日不能晚于${latest}，请核对年份。`)]);
  }
  const endsAt = new Date(endOfDayInstant(decision.lastDay)).toISOString();
  const publisher = (await ports.organisations.tree()).get(notice.organisation);
  const next = { ...moved(record, 'notice'), notice: { ...record.notice, endsAt } };
  return {
    next,
    output: { decision: decision.decision, endsAt },
    operations: [putNotice({ ...notice, endsAt }, version)],
    letters: [{ to: 'household', ...noticeLetter(next, decision.lastDay, publisher) }],
  };
};

/** 409 `unsettled-differences`: what came in since the assessment has to be settled before anyone lets it pass. */
const requireSettled = async (ports: CasePorts, record: Case): Promise<void> => {
  const open = unsettled(await readMatters(ports.items, record), record.settlements);
  if (open.length === 0) return;
  throw new AppError(
    'unsettled-differences',
    409,
    `测算之后又有${open.length}项差异尚未认定，请选择“重新认定”。`,
    { matters: open.map(({ id }) => id) },
  );
};

const adjudicated = async (
  ports: CasePorts,
  record: Case,
  decision: Extract<TaskDecision, { kind: 'adjudication' }>,
  by: Signatory,
  at: string,
): Promise<Case['settlements']> => {
  const matters = await readMatters(ports.items, record);
  const judged = settle(matters, record.settlements, decision.items, by, at, record.workerId);
  if ('stale' in judged) {
    throw new AppError('differences-changed', 409, '待认定的内容已有变化，请刷新后重新认定。', {
      matters: [...judged.stale],
    });
  }
  if ('faults' in judged) throw new InvalidInput(judged.faults);
  return [...judged.settlements];
};

/** C-2: the three musts checked by hand; what was found is put on record as a result, and settled like any other. */
const checkedByHand = async (
  ports: CasePorts,
  record: Case,
  decision: Extract<TaskDecision, { kind: 'crossCheckByHand' }>,
  at: string,
): Promise<Effect> => {
  if (record.crossCheck === null) throw new Error(`case ${record.caseId} has no cross-check`);
  const { requestId } = record.crossCheck;
  const next: Case = { ...record, crossCheck: { ...record.crossCheck, status: 'byHand' } };
  const effect: Effect = { next, output: { decision: decision.decision }, operations: [], letters: [] };
  if (decision.found === null) return effect;
  const check = await findCheck(ports.items, requestId);
  const faults = personFaults(check?.check.persons ?? [], decision.found, '/found');
  if (faults.length > 0) throw new InvalidInput(faults);
  const former = await readResults(ports.items, requestId);
  const sequence = Math.max(0, ...former.map((result) => result.sequence)) + 1;
  const operation = putResult({
    requestId,
    resultId: `by-hand-${Date.parse(at)}`,
    sequence,
    final: true,
    categories: decision.found,
  });
  return { ...effect, operations: [operation] };
};

/** What a decision does to the case beside its opinion. */
const effectOf = async (
  ports: Needs,
  record: Case,
  decision: TaskDecision,
  by: Signatory,
  at: string,
): Promise<Effect> => {
  const plain = (next: Case): Effect => ({
    next,
    output: { decision: decision.decision },
    operations: [],
    letters: [],
  });
  if (decision.decision === 'reject' || decision.decision === 'upheld') {
    return plain({ ...record, refusal: { clauses: decision.clauses, reason: decision.opinion, by } });
  }
  switch (decision.kind) {
    case 'supplement':
      return plain({ ...record, requested: [] });
    case 'grassrootsReview':
    case 'superiorReview':
    case 'centreReview': {
      if (decision.decision === 'supplement') {
        const requested = decision.papers.map((paper) => ({ ...paper, since: at }));
        return plain({ ...record, requested });
      }
      if (decision.decision === 'reassess') return plain(record);
      if (decision.kind === 'centreReview') await requireSettled(ports, record);
      if (decision.kind === 'centreReview' && record.determination?.outcome !== 'eligible') {
        throw new AppError(
          'not-eligible',
          409,
          '测算结果为不符合建档条件，不能通过；请退回补正，或写明条款不予通过。',
        );
      }
      return plain(record);
    }
    case 'crossCheckByHand':
      return checkedByHand(ports, record, decision, at);
    case 'adjudication':
      return plain({ ...record, settlements: await adjudicated(ports, record, decision, by, at) });
    case 'facts':
    case 'objections':
      return plain(record);
    case 'caseStudy':
      return plain({ ...record, determination: studied(record, decision) });
    case 'noticeEnd':
      return setNoticeEnd(ports, record, decision);
  }
};

const decide = async (
  ports: Needs,
  caller: Caller,
  taskId: string,
  decision: TaskDecision,
): Promise<Task> => {
  const found = await findTask(ports.items, taskId);
  if (found === undefined) throw taskNotFound();
  const { task, version } = found;
  if (!isTaskOf(caller, task)) throw notYours();
  if (task.state.status !== 'OPEN') throw alreadyDecided(task);
  if (task.kind !== decision.kind) {
    throw new AppError(
      'task-kind-mismatch',
      409,
      `该任务是“${TASKS[task.kind].name}”，与提交的意见种类不符。`,
    );
  }
  const record = await readCase(ports.items, task.caseId);
  if (record.synthetic) {
    throw new AppError('synthetic-case', 409, '这是检验系统用的合成申请，不能办理，只能撤回。');
  }
  requireUnclaimed(caller, task, ports.clock.now());
  await requireIndependent(ports.items, caller, record, task);
  const faults = [
    ...memberFaults(record, decision),
    ...formFaults(ports.settings, record, decision),
    ...(await paperFaults(ports, task.caseId, decision)),
  ];
  if (faults.length > 0) throw new InvalidInput(faults);
  await requireSupplied(ports, record, decision);

  const signature = await signatureOf(ports, caller);
  const { by, organisationName, at } = signature;
  let decided: Task | undefined;
  await changeCase(ports, task.caseId, async (current): Promise<CaseChange> => {
    await requireIndependent(ports.items, caller, current, task);
    const opinion: Opinion = {
      task: task.kind,
      taskId,
      visit: task.visit,
      decision: decision.decision,
      opinion: opinionText(decision),
      ...signature,
      seen: await requireSeen(ports, current, decision),
      stampedOpinion: stampOf(decision),
      participants: participantsOf(decision),
    };
    const signed = { ...current, openTask: null, opinions: [...current.opinions, opinion] };
    const effect = await effectOf(ports, signed, decision, by, at);
    decided = { ...task, state: { status: 'DECIDED', output: effect.output, by: caller.name, at } };
    return {
      next: effect.next,
      event: {
        type: 'decided',
        actor: actorOf(caller),
        data: {
          kind: task.kind,
          taskId,
          decision: decision.decision,
          content: { ...decision },
          organisationName,
        },
      },
      operations: [...endTask(decided, version), ...effect.operations],
      outbox: [{ kind: 'answer', taskToken: task.taskToken, output: effect.output }],
      letters: effect.letters,
    };
  });
  if (decided === undefined) throw new Error('a decision without a decided task');
  return decided;
};

/** Decided by somebody else in between, or only given a new token: `untilSettled` looks again. */
export const decideTask = (
  ports: Needs,
  caller: Caller,
  taskId: string,
  decision: TaskDecision,
): Promise<Task> => untilSettled(() => decide(ports, caller, taskId, decision));
