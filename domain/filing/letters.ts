/**
 * What the household and the unions are told, in plain words: the reason, the clause, what can be done next.
 * Letters are read after signing in; they name the worker and nothing more of the personal data.
 */
import { clause } from '#domain/rules/registry.ts';
import type { Case, Refusal } from './case.ts';
import { workerOf } from './case.ts';
import type { TaskKind } from './task-kinds.ts';
import { TASKS } from './tasks.ts';
import { AID_NAMES, CATEGORY_NAMES, FUND_NAMES, PAPER_NAMES, TIER_NAMES } from './terms.ts';

export type LetterText = { readonly title: string; readonly text: string };

const lines = (...parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null).join('\n');

const salutation = (record: Case): string => `${workerOf(record).name}：`;

const dueLine = (dueOn: string | null): string =>
  dueOn === null ? '办理期限：由承办单位另行通知。' : `办理期限：${dueOn}前（本单位规定）。`;

/** The citation of a clause and its own words; a clause that the register doesn't know stands by its id. */
const ground = (id: string): string => {
  const found = clause(id);
  return found === undefined ? `· ${id}` : `· ${found.citation}（${id}）：“${found.paragraphs.join('；')}”`;
};

const personName = (record: Case, memberId: string | null): string => {
  const person = record.persons.find((one) => one.memberId === memberId);
  return person === undefined ? '' : `（${person.name}）`;
};

/** Papers to be handed in, one a line. */
const requestedPapers = (record: Case): string =>
  record.requested
    .map(({ paper, memberId, note }, index) => {
      const name = `${PAPER_NAMES[paper]}${personName(record, memberId)}`;
      return `${index + 1}. ${name}${note === null ? '' : `：${note}`}`;
    })
    .join('\n');

export const submittedLetter = (record: Case): LetterText => ({
  title: '申请已提交',
  text: lines(
    salutation(record),
    '您的困难职工建档申请已提交。请在申请书上签字后上传，收到后即开始办理。',
    '办理步骤：材料检查、基层工会初审、上级工会审核、信息比对、测算、复审、公示五个工作日、建档、会议研究帮扶措施、归档。建档之前您可以随时撤回申请。',
  ),
});

export const supplementLetter = (record: Case, dueOn: string | null): LetterText => ({
  title: '请补正材料',
  text: lines(
    salutation(record),
    '您的申请还缺少下列材料，请补齐后点击“已补正”：',
    requestedPapers(record),
    dueLine(dueOn),
    '如有困难，请联系受理申请的基层工会协助办理。',
  ),
});

export const taskLetter = (record: Case, kind: TaskKind, dueOn: string | null): LetterText => ({
  title: `待办：${TASKS[kind].name}`,
  text: lines(
    `申请 ${record.caseId}（${workerOf(record).name}）待办理：${TASKS[kind].name}。`,
    dueLine(dueOn),
  ),
});

export const reminderLetter = (record: Case, kind: TaskKind, reminders: number): LetterText => ({
  title: `催办：${TASKS[kind].name}`,
  text: `申请 ${record.caseId} 的“${TASKS[kind].name}”已超过办理期限（第${reminders}次催办），请尽快办理。`,
});

export const escalationLetter = (record: Case, kind: TaskKind): LetterText => ({
  title: `逾期上报：${TASKS[kind].name}`,
  text: `申请 ${record.caseId} 的“${TASKS[kind].name}”逾期未办，已报送你单位督办，你单位也可以直接办理。`,
});

export const noticeLetter = (record: Case, lastDay: string | null): LetterText => ({
  title: '进入公示',
  text: lines(
    salutation(record),
    lastDay === null
      ? '您的申请进入公示，截止日由工作人员确定后另行通知。'
      : `您的申请进入公示，公示期五个工作日，至${lastDay}（含当日）止。`,
    '依据：',
    ground('B-8.2'),
  ),
});

/** “全总级（意外致困户）”. */
const tierOf = ({ determination }: Case): string =>
  determination?.tier == null
    ? ''
    : `${TIER_NAMES[determination.tier]}${determination.category === null ? '' : `（${CATEGORY_NAMES[determination.category]}）`}`;

export const establishedLetter = (record: Case): LetterText => ({
  title: '已建立困难职工档案',
  text: lines(
    salutation(record),
    `经审核公示，您家庭已建立${tierOf(record)}困难职工档案，档案编号${record.file?.number ?? ''}。`,
    '帮扶措施和资金由会议研究决定后另行通知。',
  ),
});

export const aidLetter = (record: Case): LetterText => {
  const aids = record.meeting?.aids ?? [];
  return {
    title: '帮扶决定',
    text: lines(
      salutation(record),
      aids.length === 0
        ? '经会议研究，本次不安排帮扶资金。您的困难职工档案继续有效，情况变化时可以提出在档救助申请。'
        : '经会议研究，决定给予下列帮扶：',
      ...aids.map(
        ({ kind, amount, fund }) => `· ${AID_NAMES[kind]} ${amount}元，资金来源：${FUND_NAMES[fund]}`,
      ),
      record.meeting === null ? null : `会议意见：${record.meeting.resolution}`,
    ),
  };
};

const remedies = (refusal: Refusal): string =>
  refusal.clauses.includes('C-2')
    ? '如您同意授权信息比对，可以签署授权书后重新提出申请。'
    : '如情况有变化或有新的证明材料，可以重新提出申请；对结果有疑问，可以向受理工会或上级工会反映。';

/** The reckoning knows members by their ids; people know them by name. */
const named = (record: Case, sentence: string): string =>
  record.persons.reduce(
    (text, { memberId, name }) => text.replaceAll(`（${memberId}）`, `（${name}）`),
    sentence,
  );

/** `prospects`: sentences on what would change the result, each with its clause; none where nothing would. */
export const rejectionLetter = (
  record: Case,
  refusal: Refusal,
  prospects: readonly string[],
): LetterText => ({
  title: '不予建档通知',
  text: lines(
    salutation(record),
    '您的困难职工建档申请未予通过。',
    `理由：${refusal.reason}`,
    '依据：',
    ...refusal.clauses.map(ground),
    refusal.by === null ? null : `作出意见：${refusal.by.name}`,
    prospects.length === 0 ? null : '按测算，以下情况如经核实，结果会改变：',
    ...prospects.map((prospect) => `· ${named(record, prospect)}`),
    remedies(refusal),
  ),
});

/** B-19: the level below is told too, with the reason. */
export const rejectionNotice = (record: Case, refusal: Refusal): LetterText => ({
  title: '下级工会通知：不予建档',
  text: lines(
    `申请 ${record.caseId}（${workerOf(record).name}）不予建档，请向申请职工家庭做好反馈解释。`,
    `理由：${refusal.reason}`,
    ...refusal.clauses.map(ground),
  ),
});

export const withdrawnLetter = (record: Case): LetterText => ({
  title: '申请已撤回',
  text: lines(salutation(record), '您的申请已按您的要求撤回，不影响以后重新申请。'),
});
