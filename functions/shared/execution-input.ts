/** The input of an execution of `filing.asl.json`: ids, counters and waiting times, nothing about a person. */
import type { Case } from '#domain/filing/case.ts';
import type { DeadlineName } from '#domain/filing/task-kinds.ts';
import type { JsonObject } from './ports.ts';
import { secondsOf, type WaitingTimes } from './settings.ts';

/**
 * The state to which complete papers lead: the review that asked for them, as `filing.asl.json` has it while it runs;
 * an execution that is started again has to be told.
 */
const returnTo = ({ route, opinions }: Case): string => {
  const last = opinions.findLast(({ decision }) => decision === 'supplement');
  if (route === 'territorial') return 'GrassrootsReview';
  if (last?.task === 'superiorReview') return 'SuperiorReview';
  return last?.task === 'centreReview' ? 'CrossCheck' : 'GrassrootsReview';
};

export const executionInput = (record: Case, resumeAt: string, waiting: WaitingTimes): JsonObject => {
  const task = (name: DeadlineName): number => secondsOf(waiting.tasks[name]);
  return {
    version: 1,
    caseId: record.caseId,
    submission: record.submission,
    visit: record.visit,
    route: record.route,
    resumeAt,
    returnTo: returnTo(record),
    timeouts: {
      supplement: task('supplement'),
      review: task('review'),
      facts: task('facts'),
      study: task('study'),
      noticeEnd: task('noticeEnd'),
      objections: task('objections'),
      meeting: task('meeting'),
      crossCheck: secondsOf(waiting.crossCheck.deadline),
      crossCheckHeartbeat: secondsOf(waiting.crossCheck.heartbeat),
    },
  };
};
