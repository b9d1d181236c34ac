/**
 * Raises an objection against a running notice: anyone may, with or without a name. It writes the notice too,
 * so that the closing of the notice either counts it or comes before it.
 */
import * as z from 'zod';
import { type CasePorts, changeCase, untilSettled } from '#functions/shared/case-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { findNotice, noticeNotFound, type Objection, putNotice } from '#functions/shared/notice-store.ts';
import { sealContact } from '#functions/shared/personal-data.ts';
import type { Ports } from '#functions/shared/ports.ts';

export const objectionFormSchema = z.strictObject({
  text: z.string().trim().min(5, '请写明异议的内容。').max(4000),
  /** A name and how to be reached; left out for an objection without a name. */
  contact: z.string().trim().min(1).max(200).optional(),
});
export type ObjectionForm = z.infer<typeof objectionFormSchema>;

const notRunning = (): AppError => new AppError('notice-over', 409, '公示已经结束，不再受理异议。');

const raise = async (
  ports: CasePorts & Pick<Ports, 'vault'>,
  noticeId: string,
  objection: Objection,
): Promise<void> => {
  const found = await findNotice(ports.items, noticeId);
  if (found === undefined) throw noticeNotFound();
  await changeCase(ports, found.notice.caseId, async (current) => {
    const stored = await findNotice(ports.items, noticeId);
    if (stored === undefined) throw noticeNotFound();
    const { notice, version } = stored;
    const over = notice.endsAt !== null && ports.clock.now() >= Date.parse(notice.endsAt);
    if (notice.status !== 'running' || over) throw notRunning();
    return {
      next: current,
      event: {
        type: 'objectionRaised',
        actor: { kind: 'system', function: 'raise-objection' },
        data: { noticeId, objectionId: objection.objectionId, named: objection.contact !== null },
      },
      operations: [
        putNotice({ ...notice, objections: notice.objections + 1 }, version),
        {
          type: 'put',
          item: {
            ...keys.objection(noticeId, objection.objectionId),
            version: 1,
            schema: 1,
            data: objection,
          },
          condition: 'absent',
        },
      ],
      letters: [
        {
          to: { organisation: current.unions.superior },
          title: '收到公示异议',
          text: `申请 ${current.caseId} 的公示收到异议，公示期满后请调查处理。`,
        },
      ],
    };
  });
};

export const raiseObjection = async (
  ports: CasePorts & Pick<Ports, 'vault'>,
  noticeId: string,
  form: ObjectionForm,
  objectionId: string,
): Promise<{ readonly objectionId: string }> => {
  const objection: Objection = {
    objectionId,
    noticeId,
    text: form.text,
    contact: form.contact === undefined ? null : await sealContact(ports.vault, objectionId, form.contact),
    raisedAt: new Date(ports.clock.now()).toISOString(),
  };
  // Nobody is sent away because many object in the same moment.
  await untilSettled(() => raise(ports, noticeId, objection));
  return { objectionId };
};
