/**
 * Checks the papers of a case against what its declaration asks for. What is missing is written into
 * the case as the list that the supplement's task shows.
 */
import { moved } from '#domain/filing/case.ts';
import { missingPapers, requiredPapers } from '#domain/filing/papers.ts';
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import { paperFactsOf } from '#functions/shared/declarations.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import type { JsonObject } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

export const checkMaterials = async (ports: CasePorts, input: unknown): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  const present = await receivedDocuments(ports.items, payload.caseId);
  const record = await changeCase(ports, payload.caseId, (current) => {
    requireCurrent(current, payload);
    const missing = missingPapers(requiredPapers(paperFactsOf(current)), present);
    return {
      next: {
        ...moved(current, 'checkingMaterials'),
        visit: payload.visit,
        requested: missing.map(({ paper, memberId, title }) => ({
          paper,
          memberId,
          note: title,
          since: null,
        })),
      },
      event: {
        type: 'materialsChecked',
        actor: systemActor('check-materials'),
        data: {
          present: present.length,
          missing: missing.map(({ paper, clause, title }) => ({ paper, clause, title })),
        },
      },
    };
  });
  return { outcome: record.requested.length === 0 ? 'complete' : 'incomplete' };
};
