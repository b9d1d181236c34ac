/**
 * The stages of a case and the ways between them. The state machine decides which way is taken; this table
 * says which ways exist at all, so that a late or doubled call can never move a case backwards.
 */
import * as z from 'zod';

export const stageSchema = z.enum([
  'draft',
  'awaitingApplication',
  'checkingMaterials',
  'awaitingSupplement',
  'grassrootsReview',
  'superiorReview',
  'crossCheck',
  'crossCheckByHand',
  'assessing',
  'adjudicating',
  'awaitingFacts',
  'caseStudy',
  'centreReview',
  'settingNoticeEnd',
  'notice',
  'objections',
  'established',
  'archiving',
  'filed',
  'rejected',
  'withdrawn',
]);
export type Stage = z.infer<typeof stageSchema>;

type StageRule = {
  /** The name on screen and in letters. */
  readonly name: string;
  /** Where a case may go from here, beside staying. */
  readonly next: readonly Stage[];
  /** The state of `filing.asl.json` at which a lost execution is started again; null where none runs. */
  readonly resumeAt: string | null;
};

export const STAGES: Readonly<Record<Stage, StageRule>> = {
  draft: { name: '填写中', next: ['awaitingApplication', 'withdrawn'], resumeAt: null },
  awaitingApplication: {
    name: '待上传签字的申请书',
    next: ['checkingMaterials', 'withdrawn'],
    resumeAt: null,
  },
  checkingMaterials: {
    name: '材料检查',
    next: ['awaitingSupplement', 'grassrootsReview', 'superiorReview', 'crossCheck', 'withdrawn'],
    resumeAt: 'CheckMaterials',
  },
  awaitingSupplement: {
    name: '待补正材料',
    next: ['checkingMaterials', 'rejected', 'withdrawn'],
    resumeAt: 'AwaitSupplement',
  },
  grassrootsReview: {
    name: '基层工会初审',
    next: ['awaitingSupplement', 'superiorReview', 'settingNoticeEnd', 'notice', 'rejected', 'withdrawn'],
    resumeAt: 'GrassrootsReview',
  },
  superiorReview: {
    name: '上级工会审核',
    next: ['awaitingSupplement', 'crossCheck', 'assessing', 'rejected', 'withdrawn'],
    resumeAt: 'SuperiorReview',
  },
  crossCheck: {
    name: '信息比对',
    next: ['crossCheckByHand', 'assessing', 'withdrawn'],
    resumeAt: 'CrossCheck',
  },
  crossCheckByHand: { name: '人工核查', next: ['assessing', 'withdrawn'], resumeAt: 'CrossCheckByHand' },
  assessing: {
    name: '测算认定',
    next: ['adjudicating', 'awaitingFacts', 'caseStudy', 'centreReview', 'withdrawn'],
    resumeAt: 'Assess',
  },
  adjudicating: { name: '比对差异认定', next: ['assessing', 'withdrawn'], resumeAt: 'Adjudicate' },
  awaitingFacts: { name: '待核实事实', next: ['assessing', 'withdrawn'], resumeAt: 'AwaitFacts' },
  caseStudy: { name: '一事一议', next: ['centreReview', 'rejected', 'withdrawn'], resumeAt: 'StudyByCase' },
  centreReview: {
    name: '复审',
    next: [
      'awaitingSupplement',
      'assessing',
      'settingNoticeEnd',
      'notice',
      'established',
      'rejected',
      'withdrawn',
    ],
    resumeAt: 'CentreReview',
  },
  settingNoticeEnd: { name: '待确定公示截止日', next: ['notice', 'withdrawn'], resumeAt: 'PublishNotice' },
  notice: {
    name: '公示',
    next: ['objections', 'superiorReview', 'assessing', 'established', 'rejected', 'withdrawn'],
    resumeAt: 'CloseNotice',
  },
  objections: {
    name: '异议调查',
    next: ['superiorReview', 'assessing', 'established', 'rejected', 'withdrawn'],
    resumeAt: 'InvestigateObjections',
  },
  established: { name: '已建档，待会议研究', next: ['archiving'], resumeAt: 'MeetingDecision' },
  archiving: { name: '归档', next: ['filed'], resumeAt: 'Archive' },
  filed: { name: '已归档', next: [], resumeAt: null },
  rejected: { name: '不予建档', next: [], resumeAt: null },
  withdrawn: { name: '已撤回', next: [], resumeAt: null },
};

/** The case has ended: nothing changes it any more. */
export const hasEnded = (stage: Stage): boolean => STAGES[stage].next.length === 0;

/** From the beginning of the archiving on nothing from outside gets into the case any more; nor after any other end. */
export const isSealed = (stage: Stage): boolean => stage === 'archiving' || hasEnded(stage);

/** A worker may withdraw until the file is established. */
export const mayWithdraw = (stage: Stage): boolean => STAGES[stage].next.includes('withdrawn');

/** Whether a case may go (or stay) there: staying is a repeated call, which changes nothing. */
export const mayMove = (from: Stage, to: Stage): boolean => from === to || STAGES[from].next.includes(to);
