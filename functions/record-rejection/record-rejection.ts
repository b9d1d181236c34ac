/**
 * Ends the application with a refusal. The reason, with its clause in its own words, reaches the household and the
 * unions below the one that refused (B-19, article 19). A file is not refused any more: that would be a cancellation.
 */
import { custodyOf, moved, workerOf } from '#domain/filing/case.ts';
import { rejectionLetter, rejectionNotice } from '#domain/filing/letters.ts';
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import { releaseApplicant } from '#functions/shared/outbox.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';
import { prospectsOf } from './prospects.ts';

export const recordRejection = async (
  ports: CasePorts & Pick<Ports, 'settings' | 'organisations'>,
  input: unknown,
): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  await changeCase(ports, payload.caseId, async (current) => {
    if (current.stage === 'rejected' && current.submission === payload.submission) return null;
    requireCurrent(current, payload);
    const { refusal } = current;
    if (refusal === null) throw new Error(`case ${current.caseId} is to be refused without a reason`);
    const by = refusal.by?.organisation ?? null;
    const { organisation, path } = custodyOf(current);
    const below = by === null ? [organisation] : path.slice(path.indexOf(by) + 1);
    const union = by === null ? null : (await ports.organisations.tree()).get(by);
    return {
      next: {
        ...moved(current, 'rejected'),
        openTask: null,
        endedAt: new Date(ports.clock.now()).toISOString(),
      },
      event: {
        type: 'rejected',
        actor: systemActor('record-rejection'),
        data: { clauses: refusal.clauses, reason: refusal.reason, by: refusal.by },
      },
      operations: [releaseApplicant(workerOf(current).idIndex)],
      letters: [
        { to: 'household', ...rejectionLetter(current, refusal, union, await prospectsOf(ports, current)) },
        ...below.map((id) => ({ to: { organisation: id }, ...rejectionNotice(current, refusal, union) })),
      ],
    };
  });
  return { outcome: 'rejected' };
};
