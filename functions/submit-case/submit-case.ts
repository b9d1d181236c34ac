/**
 * Submits a draft. From now on the worker's application is open: one at a time (a guard on the worker's blind index),
 * and only for people who are in no file yet (B-9). The signed application, uploaded next, starts the process.
 * Submitting again changes nothing and gives the same answer.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Case, moved, workerOf } from '#domain/filing/case.ts';
import { submittedLetter } from '#domain/filing/letters.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, changeCase } from '#functions/shared/case-store.ts';
import { caseVersion } from '#functions/shared/case-view.ts';
import { filedDeclaration } from '#functions/shared/declarations.ts';
import { AppError, ConditionFailed, InvalidInput } from '#functions/shared/errors.ts';
import { type IfMatch, requireMatch } from '#functions/shared/http/preconditions.ts';
import { keys } from '#functions/shared/keys.ts';
import type { ItemOperation } from '#functions/shared/ports.ts';

const requireToday = (record: Case, today: string): void => {
  if (filedDeclaration(record).applicationDate === today) return;
  throw new InvalidInput([
    {
      pointer: '/declaration/applicationDate',
      code: 'not-today',
      message: `申请日期应为提交当日（${today}），请修改申报内容后再提交。`,
    },
  ]);
};

const conflict = (record: Case, positions: readonly number[]): AppError => {
  if (positions.includes(0)) {
    return new AppError('duplicate-application', 409, '您已有一份正在办理的申请，不能重复提交。');
  }
  const names = record.persons.filter((_, index) => positions.includes(index + 1)).map(({ name }) => name);
  return new AppError(
    'member-already-filed',
    409,
    `${names.join('、')}已在另一份有效的困难职工档案中；一户一档，不能重复申请。`,
    { clause: 'B-9' },
  );
};

export const submitCase = async (
  ports: CasePorts,
  caller: Caller,
  caseId: string,
  ifMatch?: IfMatch,
): Promise<Case> => {
  let judged: Case | undefined;
  try {
    return await changeCase(ports, caseId, (current) => {
      requireCaseAccess(caller, 'case.submit', current);
      if (current.stage === 'awaitingApplication') return null;
      if (current.stage !== 'draft') throw wrongStage(current.stage, '再次提交');
      requireMatch(ifMatch, caseVersion(current));
      const today = beijingDate(ports.clock.now());
      requireToday(current, today);
      judged = current;
      return {
        next: {
          ...moved(current, 'awaitingApplication'),
          submission: current.submission + 1,
          applicationDate: today,
        },
        event: {
          type: 'submitted',
          actor: actorOf(caller),
          data: { submission: current.submission + 1, declaration: current.declaration },
        },
        operations: [
          {
            type: 'put',
            item: {
              ...keys.applicantGuard(workerOf(current).idIndex),
              version: 1,
              schema: 1,
              data: { caseId },
            },
            condition: 'absent',
          },
          ...current.persons.map(
            ({ idIndex }): ItemOperation => ({
              type: 'check',
              key: keys.personGuard(idIndex),
              condition: 'absent',
            }),
          ),
        ],
        letters: [{ to: 'household', ...submittedLetter(current) }],
      };
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed) || judged === undefined) throw error;
    throw conflict(judged, error.operations);
  }
};
