/**
 * The centre has shown no sign of life for the heartbeat's time. So often as the unit allows, the request is sent
 * again (the state machine enters the state anew); after that the three musts are checked by hand (C-2).
 */
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

export const chaseCrossCheck = async (
  ports: CasePorts & Pick<Ports, 'settings'>,
  input: unknown,
): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  const record = await changeCase(ports, payload.caseId, (current) => {
    requireCurrent(current, payload);
    const { crossCheck } = current;
    // Answered while the timer ran out: the state is entered again and answered at once.
    if (crossCheck?.status !== 'requested') return null;
    const chased = crossCheck.chased + 1;
    return {
      next: { ...current, crossCheck: { ...crossCheck, chased } },
      event: {
        type: 'crossCheckChased',
        actor: systemActor('chase-cross-check'),
        data: { requestId: crossCheck.requestId, chased },
      },
      letters: [
        {
          to: { organisation: current.unions.centre },
          title: '信息比对逾期未回',
          text: `申请 ${current.caseId} 的信息比对第${chased}次催办，请与民政信息中心联系。`,
        },
      ],
    };
  });
  const chased = record.crossCheck?.chased ?? 0;
  return { outcome: chased <= ports.settings.waitingTimes.crossCheck.chases ? 'wait' : 'byHand' };
};
