/**
 * The tasks that people do in a case: whose each is, what can be decided, how long it may take (本单位规定: the
 * law sets no time for these), and what it does to the case's stage.
 */
import * as z from 'zod';
import { clause } from '#domain/rules/registry.ts';
import { settlementFormSchema } from './adjudication.ts';
import { crossCheckResultSchema } from './cross-check.ts';
import { participantSchema, seenSchema } from './opinions.ts';
import type { Unions } from './organisations.ts';
import type { Stage } from './stages.ts';
import type { DeadlineName, TaskKind } from './task-kinds.ts';
import { categorySchema, paperKindSchema, tierSchema } from './terms.ts';

/** The union of a case that a task lies with. A supplement is the household's, with its grassroots union's help. */
export const taskLevelSchema = z.enum(['grassroots', 'superior', 'centre']);
export type TaskLevel = z.infer<typeof taskLevelSchema>;

/**
 * Whether the union of this level stands in for it, being one of a higher level itself (B-12, article 10: the level above
 * has the custody, or none exists below it).
 */
export const standsIn = (unions: Unions, level: TaskLevel): boolean =>
  level === 'grassroots'
    ? unions.grassroots === unions.superior
    : level === 'superior' && unions.superior === unions.centre;

type TaskRule = {
  readonly name: string;
  readonly level: TaskLevel;
  readonly stage: Stage;
  readonly deadline: DeadlineName;
  /** Left alone through this many reminders, the application lapses; null: it is escalated instead, for good. */
  readonly lapsesAfterReminders: number | null;
};

export const TASKS: Readonly<Record<TaskKind, TaskRule>> = {
  supplement: {
    name: '补正材料',
    level: 'grassroots',
    stage: 'awaitingSupplement',
    deadline: 'supplement',
    lapsesAfterReminders: 2,
  },
  grassrootsReview: {
    name: '基层工会初审',
    level: 'grassroots',
    stage: 'grassrootsReview',
    deadline: 'review',
    lapsesAfterReminders: null,
  },
  superiorReview: {
    name: '上级工会审核',
    level: 'superior',
    stage: 'superiorReview',
    deadline: 'review',
    lapsesAfterReminders: null,
  },
  crossCheckByHand: {
    name: '人工核查房产、车辆、工商登记',
    level: 'centre',
    stage: 'crossCheckByHand',
    deadline: 'review',
    lapsesAfterReminders: null,
  },
  adjudication: {
    name: '比对差异认定',
    level: 'centre',
    stage: 'adjudicating',
    deadline: 'review',
    lapsesAfterReminders: null,
  },
  facts: {
    name: '核实未明事实',
    level: 'centre',
    stage: 'awaitingFacts',
    deadline: 'facts',
    lapsesAfterReminders: null,
  },
  caseStudy: {
    name: '一事一议',
    level: 'centre',
    stage: 'caseStudy',
    deadline: 'study',
    lapsesAfterReminders: null,
  },
  centreReview: {
    name: '复审',
    level: 'centre',
    stage: 'centreReview',
    deadline: 'review',
    lapsesAfterReminders: null,
  },
  noticeEnd: {
    name: '确定公示截止日',
    level: 'centre',
    stage: 'settingNoticeEnd',
    deadline: 'noticeEnd',
    lapsesAfterReminders: null,
  },
  objections: {
    name: '异议调查',
    level: 'superior',
    stage: 'objections',
    deadline: 'objections',
    lapsesAfterReminders: null,
  },
  meeting: {
    name: '会议研究帮扶措施和资金',
    level: 'centre',
    stage: 'established',
    deadline: 'meeting',
    lapsesAfterReminders: null,
  },
};

/** The words for every decision that a task can have. */
export const DECISION_NAMES: Readonly<Record<string, string>> = {
  pass: '通过',
  supplement: '退回补正',
  supplied: '已补正',
  reject: '不予通过',
  checked: '已核查',
  settled: '已核实',
  adjudicated: '已认定',
  reassess: '重新认定',
  admit: '研究同意建档',
  set: '已确定',
  dismissed: '异议不成立',
  upheld: '异议成立',
  aid: '给予帮扶',
  noAid: '不安排帮扶资金',
};

const text = (what: string) => z.string().trim().min(1, `请填写${what}。`).max(4000, `${what}过长。`);
const clauses = z
  .array(z.string().refine((id) => clause(id)?.kind === 'law', '没有这一条款，请写明依据的条款编号。'))
  .min(1, '请写明依据的条款。');

/**
 * What every signed opinion may carry. `seen` is what reading the task gave, sent back unchanged: without it there is no
 * saying what was signed, so that the use case refuses an opinion that has none.
 */
const signed = {
  seen: seenSchema.nullable().default(null),
  /** The document id of the scan with signature and seal (A-4, B-8.2). */
  stampedOpinion: z.string().min(1).nullable().default(null),
};
/** Beside it, for the levels that decide collectively. */
const reviewed = { ...signed, participants: z.array(participantSchema).max(50).default([]) };

/** The opinions of a review: passed, sent back for named papers, or refused with the clause. */
const opinionsOf = <K extends TaskKind>(kind: K) =>
  [
    z.strictObject({
      ...reviewed,
      kind: z.literal(kind),
      decision: z.literal('pass'),
      opinion: text('审核意见'),
    }),
    z.strictObject({
      ...reviewed,
      kind: z.literal(kind),
      decision: z.literal('supplement'),
      opinion: text('退回说明'),
      papers: z
        .array(
          z.strictObject({
            paper: paperKindSchema,
            memberId: z.string().min(1).nullable().default(null),
            note: text('说明').nullable().default(null),
          }),
        )
        .min(1, '请列出需要补正的材料。'),
    }),
    z.strictObject({
      ...reviewed,
      kind: z.literal(kind),
      decision: z.literal('reject'),
      opinion: text('不予通过的理由'),
      clauses,
    }),
  ] as const;

const review = <K extends TaskKind>(kind: K) => z.discriminatedUnion('decision', opinionsOf(kind));

const attendees = z.array(text('参会人')).min(2, '须集体研究，请列出两名以上参会人。').max(50);
const studied = {
  ...signed,
  kind: z.literal('caseStudy'),
  attendees,
  minutes: z.string().min(1, '请附会议纪要。'),
};

/**
 * What is decided, by kind of task; the kind is repeated by the one who decides, so that nobody decides
 * something else than what was on screen. A meeting is not decided here: it decides several cases at once
 * (`hold-meeting`).
 */
export const taskDecisionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('supplement'), decision: z.literal('supplied') }),
  review('grassrootsReview'),
  review('superiorReview'),
  z.discriminatedUnion('decision', [
    ...opinionsOf('centreReview'),
    /** Something has come in since the assessment: it is reckoned, and settled where need be, again. */
    z.strictObject({
      ...reviewed,
      kind: z.literal('centreReview'),
      decision: z.literal('reassess'),
      opinion: text('重新认定的理由'),
    }),
  ]),
  z.strictObject({
    ...signed,
    kind: z.literal('adjudication'),
    decision: z.literal('adjudicated'),
    opinion: text('认定意见'),
    items: z.array(settlementFormSchema).min(1, '请逐项认定。').max(200),
  }),
  z.strictObject({
    ...signed,
    kind: z.literal('crossCheckByHand'),
    decision: z.literal('checked'),
    opinion: text('核查结论'),
    housing: text('房产核查结果'),
    vehicles: text('车辆核查结果'),
    businessRegistration: text('工商登记核查结果'),
    /** What was found, as the centre would say it; differences from the declaration are settled alike. */
    found: crossCheckResultSchema.shape.categories.nullable().default(null),
    /** Document ids of the evidence. */
    evidence: z.array(z.string().min(1)).min(1, '请附核查材料。'),
  }),
  z.strictObject({
    ...signed,
    kind: z.literal('facts'),
    decision: z.literal('settled'),
    opinion: text('核实说明'),
  }),
  z.discriminatedUnion('decision', [
    z.strictObject({
      ...studied,
      decision: z.literal('admit'),
      opinion: text('研究意见'),
      tier: tierSchema,
      category: categorySchema,
    }),
    z.strictObject({ ...studied, decision: z.literal('reject'), opinion: text('不予通过的理由'), clauses }),
  ]),
  z.strictObject({
    ...signed,
    kind: z.literal('noticeEnd'),
    decision: z.literal('set'),
    opinion: text('确定依据'),
    /** The last day of the notice, Beijing date, inclusive. */
    lastDay: z.iso.date('日期应为 YYYY-MM-DD。'),
  }),
  z.discriminatedUnion('decision', [
    z.strictObject({
      ...signed,
      kind: z.literal('objections'),
      decision: z.literal('dismissed'),
      opinion: text('调查结论'),
    }),
    z.strictObject({
      ...signed,
      kind: z.literal('objections'),
      decision: z.literal('upheld'),
      opinion: text('调查结论'),
      clauses,
    }),
  ]),
]);
export type TaskDecision = z.infer<typeof taskDecisionSchema>;
