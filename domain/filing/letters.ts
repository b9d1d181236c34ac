/**
 * What the household and the unions are told, in plain words: the reason, the clause, what can be done next.
 * Letters are read after signing in; they name the worker and nothing more of the personal data.
 */
import { clause } from '#domain/rules/registry.ts';
import type { Case, Refusal } from './case.ts';
import { workerOf } from './case.ts';
import type { Organisation } from './organisations.ts';
import type { TaskKind } from './task-kinds.ts';
import { TASKS } from './tasks.ts';
import { AID_NAMES, CATEGORY_NAMES, FUND_NAMES, PAPER_NAMES, type PaperKind, TIER_NAMES } from './terms.ts';
import { PLACE_NAMES, type Visit } from './visits.ts';

/** A union as letters name it. */
type Union = Pick<Organisation, 'name' | 'supervisionPhone'>;

const named = ({ name, supervisionPhone }: Union): string => `${name}（电话${supervisionPhone}）`;

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

export const supplementLetter = (record: Case, dueOn: string | null, union: Union): LetterText => ({
  title: '请补正材料',
  text: lines(
    salutation(record),
    '您的申请还缺少下列材料，请补齐后点击“已补正”：',
    requestedPapers(record),
    dueLine(dueOn),
    `如有困难，请联系受理申请的${named(union)}协助办理。`,
  ),
});

export const taskLetter = (record: Case, kind: TaskKind, dueOn: string | null): LetterText => ({
  title: `待办：${TASKS[kind].name}`,
  text: lines(
    `申请 ${record.caseId}（${workerOf(record).name}）待办理：${TASKS[kind].name}。`,
    dueLine(dueOn),
  ),
});

/** What each stage means to the household; null where another letter says so already, or the task is its own. */
const PROGRESS: Readonly<Record<TaskKind, string | null>> = {
  supplement: null,
  grassrootsReview: '您的材料已经齐全，进入基层工会初审。工会将核实情况，可能上门走访，请予配合。',
  superiorReview: '基层工会已同意上报，进入上级工会审核。上级工会可能上门走访或电话核实。',
  crossCheckByHand: '信息比对未能由系统完成，由工作人员核查住房、车辆和工商登记情况，可能上门走访。',
  adjudication: '信息比对或走访了解到的情况与您的申报有不一致之处，工作人员正在逐项核实，可能与您联系。',
  facts: '有些事实还需要核实，工作人员会与您联系；有新的证明材料可以随时上传。',
  caseStudy: '您家庭的情况需要集体研究（一事一议），研究结果会书面告知您。',
  centreReview: '信息比对和测算已经完成，进入复审。',
  noticeEnd: null,
  objections: '公示期间收到异议，工会将调查核实，可能向您了解情况；结果会告知您。',
  meeting: null,
};

/** The household is told at every turn. Undefined where another letter tells it. */
export const progressLetter = (
  record: Case,
  kind: TaskKind,
  dueOn: string | null,
): LetterText | undefined => {
  const meaning = PROGRESS[kind];
  if (meaning === null) return undefined;
  return {
    title: `办理进展：${TASKS[kind].name}`,
    text: lines(
      salutation(record),
      meaning,
      dueLine(dueOn),
      '您可以登录查看进度；建档之前可以随时撤回申请。',
    ),
  };
};

export const crossCheckLetter = (record: Case, authorised: boolean): LetterText => ({
  title: '办理进展：信息比对',
  text: lines(
    salutation(record),
    authorised
      ? '审核意见已上报，正在按您签署的授权书向有关部门比对住房、车辆、工商登记等信息，结果回来后继续办理。'
      : '您没有授权信息比对，不会向任何部门查询您家庭的信息。城市职工不授权比对的不予建档；农民工由县级以上总工会派专人走访核实。',
  ),
});

/** What a visit has settled about the household is told to it, with what can be done about a mistake. */
export const visitLetter = (record: Case, visit: Visit): LetterText => ({
  title: '走访已记录',
  text: lines(
    salutation(record),
    `${visit.visitors.join('、')}于${visit.visitedOn}走访（${PLACE_NAMES[visit.place]}），走访记录已存入您的申请。`,
    ...visit.settled.map(({ fact, name }) => {
      if (fact === 'onSiteVisit') return '· 已由县级以上总工会派专人实地走访，代替信息比对。';
      return fact === 'memberConfirmed'
        ? `· 确认${name ?? ''}与您家庭共同居住，计入家庭人口。`
        : `· ${name ?? ''}没有与您家庭共同居住，不计入家庭人口，其收入和支出也不计算。`;
    }),
    '如与事实不符，请向受理工会或上级工会提出，可以要求再次走访。',
  ),
});

export const reminderLetter = (record: Case, kind: TaskKind, reminders: number): LetterText => ({
  title: `催办：${TASKS[kind].name}`,
  text: `申请 ${record.caseId} 的“${TASKS[kind].name}”已超过办理期限（第${reminders}次催办），请尽快办理。`,
});

export const escalationLetter = (record: Case, kind: TaskKind, late: Union): LetterText => ({
  title: `逾期上报：${TASKS[kind].name}`,
  text: `申请 ${record.caseId} 的“${TASKS[kind].name}”由${named(late)}承办，逾期未办，已报送你单位督办，你单位也可以直接办理。`,
});

export const noticeLetter = (record: Case, lastDay: string | null, publisher: Union): LetterText => ({
  title: '进入公示',
  text: lines(
    salutation(record),
    lastDay === null
      ? `您的申请由${named(publisher)}公示，截止日由工作人员确定后另行通知。`
      : `您的申请由${named(publisher)}公示，公示期五个工作日，至${lastDay}（含当日）止。`,
    '依据：',
    ground('B-8.2'),
  ),
});

/** “全总级（意外致困户）”. */
const tierOf = ({ determination }: Case): string =>
  determination?.tier == null
    ? ''
    : `${TIER_NAMES[determination.tier]}${determination.category === null ? '' : `（${CATEGORY_NAMES[determination.category]}）`}`;

export const establishedLetter = (record: Case, keeper: Union): LetterText => ({
  title: '已建立困难职工档案',
  text: lines(
    salutation(record),
    `经审核公示，您家庭已建立${tierOf(record)}困难职工档案，档案编号${record.file?.number ?? ''}。`,
    `档案由${named(keeper)}保管。`,
    '帮扶措施和资金由会议研究决定后另行通知。',
  ),
});

export const aidLetter = (record: Case, centre: Union): LetterText => {
  const aids = record.meeting?.aids ?? [];
  return {
    title: '帮扶决定',
    text: lines(
      salutation(record),
      aids.length === 0
        ? `经${centre.name}会议研究，本次不安排帮扶资金。您的困难职工档案继续有效，情况变化时可以提出在档救助申请。`
        : `经${centre.name}会议研究，决定给予下列帮扶：`,
      ...aids.map(
        ({ kind, amount, fund }) => `· ${AID_NAMES[kind]} ${amount}元，资金来源：${FUND_NAMES[fund]}`,
      ),
      record.meeting === null ? null : `会议意见：${record.meeting.resolution}`,
      '您的档案材料随即归档保存；对决定有疑问，可以向受理工会或上级工会反映。',
    ),
  };
};

const remedies = (refusal: Refusal): string =>
  refusal.clauses.includes('C-2')
    ? '如您同意授权信息比对，可以签署授权书后重新提出申请。'
    : '如情况有变化或有新的证明材料，可以重新提出申请；对结果有疑问，可以向受理工会或上级工会反映。';

/** The reckoning knows members by their ids; people know them by name. */
const withNames = (record: Case, sentence: string): string =>
  record.persons.reduce(
    (text, { memberId, name }) => text.replaceAll(`（${memberId}）`, `（${name}）`),
    sentence,
  );

/**
 * `by`: the union that refused, null where the rules of the process did. `prospects`: sentences on what would change the
 * result, each with its clause; none where nothing would.
 */
export const rejectionLetter = (
  record: Case,
  refusal: Refusal,
  by: Union | null,
  prospects: readonly string[],
): LetterText => ({
  title: '不予建档通知',
  text: lines(
    salutation(record),
    '您的困难职工建档申请未予通过。',
    `理由：${refusal.reason}`,
    '依据：',
    ...refusal.clauses.map(ground),
    refusal.by === null ? null : `作出意见：${by === null ? '' : `${named(by)}，`}${refusal.by.name}`,
    prospects.length === 0 ? null : '按测算，以下情况如经核实，结果会改变：',
    ...prospects.map((prospect) => `· ${withNames(record, prospect)}`),
    remedies(refusal),
  ),
});

/** B-19: the level below is told too, with the reason. */
export const rejectionNotice = (record: Case, refusal: Refusal, by: Union | null): LetterText => ({
  title: '下级工会通知：不予建档',
  text: lines(
    `申请 ${record.caseId}（${workerOf(record).name}）${by === null ? '' : `经${by.name}审核`}不予建档，请向申请职工家庭做好反馈解释。`,
    `理由：${refusal.reason}`,
    ...refusal.clauses.map(ground),
  ),
});

export const withdrawnLetter = (record: Case): LetterText => ({
  title: '申请已撤回',
  text: lines(salutation(record), '您的申请已按您的要求撤回，不影响以后重新申请。'),
});

/** B-12: who keeps the case or the file from now on. */
export const custodyLetter = (record: Case, from: Union, to: Union, reason: string): LetterText => ({
  title: record.file === null ? '受理工会变更' : '档案保管单位变更',
  text: lines(
    salutation(record),
    record.file === null
      ? `您的申请原由${from.name}受理，现由${named(to)}继续办理，您不需要重新申请。`
      : `您的困难职工档案（编号${record.file.number}）原由${from.name}保管，现移交${named(to)}保管。`,
    `原因：${reason}`,
    '依据：',
    ground('B-12'),
  ),
});

const CONTACT_NAMES = { phone: '联系电话', address: '家庭住址', bankCard: '银行卡' } as const;
/** What can be corrected at any time. */
export type ContactField = keyof typeof CONTACT_NAMES;

const contactNames = (fields: readonly ContactField[]): string =>
  fields.map((field) => CONTACT_NAMES[field]).join('、');

/** Whoever corrects it, the worker learns of it: somebody else's card is noticed. */
export const contactLetter = (record: Case, fields: readonly ContactField[]): LetterText => ({
  title: '联系信息已更正',
  text: lines(
    salutation(record),
    `您登记的${contactNames(fields)}已更正。`,
    '如不是您本人的意思，请立即联系受理工会。',
  ),
});

export const cardChangedLetter = (record: Case): LetterText => ({
  title: '帮扶决定之后银行卡有变更',
  text: `申请 ${record.caseId}（${workerOf(record).name}）在帮扶决定之后更正了银行卡，发放前请核对卡主和新的银行卡复印件。`,
});

export const syncLetter = (
  record: Case,
  fields: readonly ContactField[],
  dueOn: string | null,
): LetterText => ({
  title: '请同步纸质档案',
  text: lines(
    `档案 ${record.file?.number ?? ''} 的${contactNames(fields)}已更正，请在15个工作日内${dueOn === null ? '' : `（${dueOn}前）`}使纸质档案与电子档案一致。`,
    '依据：',
    ground('B-13.2'),
  ),
});

/** B-8.1, B-19: the household is told of the decision; the facts stand in the decision that it is served. */
export const sanctionLetter = (record: Case, number: string, lastDay: string, by: Union): LetterText => ({
  title: '弄虚作假处理决定',
  text: lines(
    salutation(record),
    `${named(by)}就您家庭的申报作出了处理决定（${number}），决定列明的人员至${lastDay}（含当日）止不得申报，并记入不诚信记录。`,
    '依据：',
    ground('B-8.1'),
    ground('B-19'),
    '决定书另行送达；对决定有疑问，可以向作出决定的工会或其上级工会反映。',
  ),
});

export const sanctionLiftedLetter = (record: Case, number: string, correction: string): LetterText => ({
  title: '处理决定已更正',
  text: lines(
    salutation(record),
    `原处理决定（${number}）已由新的决定（${correction}）更正，以新的决定为准。`,
  ),
});

/** To the reviewers of a running application; nothing of the household in which it happened. */
export const barLetter = (
  record: Case,
  names: readonly string[],
  number: string,
  lastDay: string,
): LetterText => ({
  title: '发现不得申报的决定',
  text: lines(
    `申请 ${record.caseId} 的家庭成员${names.join('、')}被取消申报资格（${number}），至${lastDay}（含当日）止不得申报，请在审核时核对。`,
    '依据：',
    ground('B-8.1'),
  ),
});

export const clawBackLetter = (
  record: Case,
  clawBack: { readonly what: string; readonly amount: string; readonly dueOn: string },
): LetterText => ({
  title: '追回救助款物',
  text: lines(
    salutation(record),
    `因申报弄虚作假，应退回已获得的救助：${clawBack.what}，${clawBack.amount}元，请于${clawBack.dueOn}前退回。`,
    '依据：',
    ground('B-19'),
  ),
});

/** B-16: the household learns who from outside may look, at what, and where to ask. */
export const externalLetter = (
  record: Case,
  access: {
    readonly body: string;
    readonly purpose: string;
    readonly papers: readonly PaperKind[];
    readonly until: string;
  },
  keeper: Union,
): LetterText => ({
  title: '有外单位查阅您的档案',
  text: lines(
    salutation(record),
    `经${named(keeper)}同意，${access.body}可以在${access.until}之前查阅您档案中的下列材料：`,
    access.papers.map((paper, index) => `${index + 1}. ${PAPER_NAMES[paper]}`).join('\n'),
    `用途：${access.purpose}`,
    '对方只能看到加盖“仅供查阅 不得外传”标记的副本，原件不外借。每次查阅都有记录，您可以在“谁看过我的档案”中看到。对此有疑问，请与上述工会联系。',
    '依据：',
    ground('B-16'),
  ),
});
