/**
 * Publishes the notice (A-9, B-8.2). Today is day 0; it ends with the last minute of the fifth working day after, China
 * time. Where the calendar of that year is not published, the end stays open and a person sets it.
 */
import { CalendarUnknown, noticeEnd } from '#domain/calendar/calendar.ts';
import { beijingDate, endOfDayInstant } from '#domain/calendar/dates.ts';
import { type Case, moved, workerOf } from '#domain/filing/case.ts';
import { noticeLetter } from '#domain/filing/letters.ts';
import { noticeContent } from '#domain/filing/notice.ts';
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import { filedDeclaration } from '#functions/shared/declarations.ts';
import { lastDayOf, type Notice, putNotice } from '#functions/shared/notice-store.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

const endInstant = (publishedAt: number): string | null => {
  try {
    return new Date(endOfDayInstant(noticeEnd(beijingDate(publishedAt)))).toISOString();
  } catch (error) {
    if (error instanceof CalendarUnknown) return null;
    throw error;
  }
};

const contentOf = (record: Case) => {
  const householder = record.persons.find(({ memberId }) => memberId === record.householderId);
  return noticeContent({
    householder: (householder ?? workerOf(record)).name,
    worker: workerOf(record).name,
    unit: record.employer,
    cause: record.cause,
    members: filedDeclaration(record).members,
  });
};

export const publishNotice = async (
  ports: CasePorts & Pick<Ports, 'organisations'>,
  input: unknown,
): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  const fresh = ports.ids.next();
  const record = await changeCase(ports, payload.caseId, async (current) => {
    requireCurrent(current, payload);
    // One notice a round: a repeated call finds it.
    if (current.notice?.visit === payload.visit) return null;
    const now = ports.clock.now();
    const endsAt = endInstant(now);
    // Territorial: the grassroots union publishes (51号 article 8(2)); province-direct: the superior union.
    const publisher = (await ports.organisations.tree()).heir(
      current.route === 'territorial' ? current.unions.grassroots : current.unions.superior,
    );
    const organisation = publisher.id;
    const notice: Notice = {
      noticeId: fresh,
      caseId: current.caseId,
      organisation,
      supervisionPhone: publisher.supervisionPhone,
      publishedAt: new Date(now).toISOString(),
      endsAt,
      status: 'running',
      objections: 0,
      content: contentOf(current),
    };
    return {
      next: {
        ...moved(current, endsAt === null ? 'settingNoticeEnd' : 'notice'),
        visit: payload.visit,
        notice: { noticeId: fresh, endsAt, visit: payload.visit },
      },
      event: {
        type: 'noticePublished',
        actor: systemActor('publish-notice'),
        data: {
          noticeId: fresh,
          organisation,
          lastDay: endsAt === null ? null : lastDayOf(endsAt),
          clause: 'R-13',
        },
      },
      operations: [putNotice(notice, 0)],
      letters: [
        { to: 'household', ...noticeLetter(current, endsAt === null ? null : lastDayOf(endsAt), publisher) },
      ],
    };
  });
  const endsAt = record.notice?.endsAt ?? null;
  return { outcome: endsAt === null ? 'calendarUnknown' : 'published', endsAt };
};
