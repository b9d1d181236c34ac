/** The kinds of tasks and of waiting times, by name: what records and settings need of tasks, without their rules. */
import * as z from 'zod';

export const taskKindSchema = z.enum([
  'supplement',
  'grassrootsReview',
  'superiorReview',
  'crossCheckByHand',
  'adjudication',
  'facts',
  'caseStudy',
  'centreReview',
  'noticeEnd',
  'objections',
  'meeting',
]);
export type TaskKind = z.infer<typeof taskKindSchema>;

/** Waiting times that the unit sets itself; in working days. */
export const deadlineNameSchema = z.enum([
  'supplement',
  'review',
  'facts',
  'study',
  'noticeEnd',
  'objections',
  'meeting',
]);
export type DeadlineName = z.infer<typeof deadlineNameSchema>;
