/**
 * A workflow function has failed for good. The case is marked and stays at its stage; the centre is told, and an
 * administrator starts it again there (`resume-case`). The error's name is kept, never its message: a message may
 * quote data.
 */
import * as z from 'zod';
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import type { JsonObject } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

const payloadSchema = workflowPayloadSchema.extend({ state: z.string().min(1), fault: z.string().min(1) });

export const reportFault = async (ports: CasePorts, input: unknown): Promise<JsonObject> => {
  const payload = payloadSchema.parse(input);
  const { state, fault: error } = payload;
  await changeCase(ports, payload.caseId, (current) => {
    requireCurrent(current, payload);
    const at = new Date(ports.clock.now()).toISOString();
    return {
      next: { ...current, fault: { state, error, at } },
      event: { type: 'faulted', actor: systemActor('report-fault'), data: { state, error } },
      letters: [
        {
          to: { organisation: current.unions.centre },
          title: '系统处理失败',
          text: `申请 ${current.caseId} 在“${state}”步骤处理失败（${error}），数据完好，请管理员恢复办理。`,
        },
      ],
    };
  });
  return { outcome: 'reported' };
};
