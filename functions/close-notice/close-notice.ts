/**
 * Closes the notice once its end has passed. The end is read again here, as it may have moved while the state machine
 * waited; from the closing on no objection is taken, and none that was taken is overlooked: both write the notice.
 */
import { moved } from '#domain/filing/case.ts';
import { type CasePorts, changeCase, systemActor, untilSettled } from '#functions/shared/case-store.ts';
import { getNotice, putNotice } from '#functions/shared/notice-store.ts';
import type { JsonObject } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

type Closing = { readonly outcome: 'running' | 'clear' | 'objected'; readonly endsAt: string };

const close = async (ports: CasePorts, input: unknown): Promise<Closing> => {
  const payload = workflowPayloadSchema.parse(input);
  let closing: Closing | undefined;
  await changeCase(ports, payload.caseId, async (current) => {
    requireCurrent(current, payload);
    if (current.notice === null) throw new Error(`case ${current.caseId} has no notice to close`);
    const { notice, version } = await getNotice(ports.items, current.notice.noticeId);
    if (notice.endsAt === null) throw new Error(`notice ${notice.noticeId} has no end`);
    const objected = notice.objections > 0;
    if (notice.status === 'running' && ports.clock.now() < Date.parse(notice.endsAt)) {
      closing = { outcome: 'running', endsAt: notice.endsAt };
      return null;
    }
    closing = { outcome: objected ? 'objected' : 'clear', endsAt: notice.endsAt };
    if (notice.status !== 'running') return null;
    return {
      next: moved(current, 'notice'),
      event: {
        type: 'noticeClosed',
        actor: systemActor('close-notice'),
        data: { noticeId: notice.noticeId, objections: notice.objections },
      },
      operations: [putNotice({ ...notice, status: 'closed' }, version)],
    };
  });
  if (closing === undefined) throw new Error('a notice was judged without a result');
  return closing;
};

/** An objection that comes in between counts. */
export const closeNotice = (ports: CasePorts, input: unknown): Promise<JsonObject> =>
  untilSettled(() => close(ports, input));
