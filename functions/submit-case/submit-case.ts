/**
 * Submits a draft. From now on the worker's application is open: one at a time (a guard on the worker's blind index),
 * and only for people who are in no file yet (B-9), whom no decision on a false declaration bars (B-8.1, R-14), and who
 * have consented to the notice in force. The signed application, uploaded next, starts the process.
 * Submitting again changes nothing and gives the same answer.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { barOn } from '#domain/filing/bars.ts';
import { type Case, moved, workerOf } from '#domain/filing/case.ts';
import { submittedLetter } from '#domain/filing/letters.ts';
import type { ConsentActs } from '#domain/privacy/consent.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { actorOf, type CasePorts, changeCase, untilSettled } from '#functions/shared/case-store.ts';
import { caseVersion } from '#functions/shared/case-view.ts';
import { consented, requireCurrentNotice } from '#functions/shared/consent.ts';
import { filedDeclaration } from '#functions/shared/declarations.ts';
import { AppError, ConditionFailed, InvalidInput } from '#functions/shared/errors.ts';
import { type IfMatch, requireMatch } from '#functions/shared/http/preconditions.ts';
import { keys } from '#functions/shared/keys.ts';
import type { ItemOperation } from '#functions/shared/ports.ts';
import { type BarGuard, personCase, readBarGuard } from '#functions/shared/sanction-store.ts';
import type { PersonalDataSettings } from '#functions/shared/settings.ts';

export type Needs = CasePorts & {
  readonly settings: Pick<PersonalDataSettings, 'privacyNotices'>;
};

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

/** Positions of a submission's own conditions: the worker's guard, then each person's guard, then each one's bars. */
const conflict = (record: Case, positions: readonly number[]): AppError | undefined => {
  if (positions.includes(0)) {
    return new AppError('duplicate-application', 409, '您已有一份正在办理的申请，不能重复提交。');
  }
  const names = record.persons.filter((_, index) => positions.includes(index + 1)).map(({ name }) => name);
  // A decision has just changed somebody's bars: it is judged anew.
  if (names.length === 0) return undefined;
  return new AppError(
    'member-already-filed',
    409,
    `${names.join('、')}已在另一份有效的困难职工档案中；一户一档，不能重复申请。`,
    { clause: 'B-9' },
  );
};

/** B-8.1, R-14: nobody of the household may be barred. What else the decision says is not told. */
const requireUnbarred = (record: Case, guards: readonly BarGuard[], today: string): void => {
  for (const [index, { bars }] of guards.entries()) {
    const bar = barOn(bars, today);
    if (bar === undefined) continue;
    const name = record.persons[index]?.name ?? '';
    throw new AppError(
      'barred',
      409,
      `${name}因弄虚作假被取消申报资格（${bar.number}，${bar.decidedOn}作出），至${bar.lastDay}（含当日）止不得申报（皖工发〔2017〕51号第八条第一款）。`,
      { clause: 'B-8.1', number: bar.number, lastDay: bar.lastDay },
    );
  }
};

const submit = async (
  ports: Needs,
  caller: Caller,
  caseId: string,
  ifMatch: IfMatch | undefined,
): Promise<Case> => {
  let judged: Case | undefined;
  try {
    return await changeCase(ports, caseId, async (current) => {
      requireCaseAccess(caller, 'case.submit', current);
      if (current.stage === 'awaitingApplication') return null;
      if (current.stage !== 'draft') throw wrongStage(current.stage, '再次提交');
      requireMatch(ifMatch, caseVersion(current));
      requireCurrentNotice(ports.settings.privacyNotices, current.consents.at(-1) ?? { notice: '' });
      const today = beijingDate(ports.clock.now());
      requireToday(current, today);
      const guards = await Promise.all(
        current.persons.map(({ idIndex }) => readBarGuard(ports.items, idIndex)),
      );
      requireUnbarred(current, guards, today);
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
          ...guards.map(({ unchanged }) => unchanged),
          // A decision finds the running applications of whom it names by these.
          ...current.persons.map(({ idIndex }) => personCase(idIndex, caseId)),
        ],
        letters: [{ to: 'household', ...submittedLetter(current) }],
      };
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed) || judged === undefined) throw error;
    throw conflict(judged, error.operations) ?? error;
  }
};

export const submitCase = (ports: Needs, caller: Caller, caseId: string, ifMatch?: IfMatch): Promise<Case> =>
  untilSettled(() => submit(ports, caller, caseId, ifMatch));

/**
 * Consents to the notice in force in the place of an older one, before the submission: everyone in the way in which they
 * consented before. Saying it again changes nothing.
 */
export const consentAnew = (ports: Needs, caller: Caller, caseId: string, acts: ConsentActs): Promise<Case> =>
  changeCase(ports, caseId, (current) => {
    requireCaseAccess(caller, 'case.submit', current);
    requireCurrentNotice(ports.settings.privacyNotices, acts);
    const before = current.consents.at(-1);
    if (before?.notice === acts.notice) return null;
    if (current.stage !== 'draft') throw wrongStage(current.stage, '重新表示同意');
    if (before === undefined) {
      throw new AppError('consent-missing', 409, '这份申请没有家庭成员同意的记录，请撤回后重新申请。');
    }
    const consent = consented(ports, caller, current.applicant, acts, before.persons);
    return {
      next: { ...current, consents: [...current.consents, consent] },
      event: { type: 'consented', actor: actorOf(caller), data: { consent } },
    };
  });
