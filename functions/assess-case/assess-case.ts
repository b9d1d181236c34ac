/**
 * Reckons the case by the regulation (51号 articles 5 to 7, 75号) and keeps the whole assessment with what went into
 * it, so that the decision can be reckoned again years later.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { type Determination, moved } from '#domain/filing/case.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import { declarationToAssess } from '#functions/shared/declarations.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import { keys } from '#functions/shared/keys.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

export const assessCase = async (
  ports: CasePorts & Pick<Ports, 'settings'>,
  input: unknown,
): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  const documents = await receivedDocuments(ports.items, payload.caseId);
  const record = await changeCase(ports, payload.caseId, (current) => {
    requireCurrent(current, payload);
    const now = ports.clock.now();
    const declaration = declarationToAssess(current, documents, beijingDate(now));
    const parsed = parseDeclaration(declaration);
    if ('faults' in parsed) throw new Error('a stored declaration that does not fit the contract');
    const assessment = RULE_BOOK.assess(parsed.declaration, ports.settings.parameters.set);
    const number = current.assessments + 1;
    const determination: Determination = {
      basis: 'assessment',
      outcome: assessment.outcome,
      tier: assessment.tier,
      category: assessment.category,
      proposedAid: assessment.proposedAid,
      allowedFunds: [...assessment.allowedFunds],
      net: assessment.net,
      exclusions: assessment.exclusions.map(({ clause }) => clause),
      missing: assessment.missing.map(({ clause, detail }) => ({ clause, detail })),
      assessment: number,
    };
    return {
      next: {
        ...moved(current, 'assessing'),
        visit: payload.visit,
        assessments: number,
        determination,
      },
      event: {
        type: 'assessed',
        actor: systemActor('assess-case'),
        data: {
          number,
          outcome: assessment.outcome,
          tier: assessment.tier,
          net: assessment.net,
          clauses: assessment.clauses,
          rules: assessment.rules,
        },
      },
      operations: [
        {
          type: 'put',
          item: {
            ...keys.assessment(payload.caseId, number),
            version: 1,
            schema: 1,
            data: {
              number,
              at: new Date(now).toISOString(),
              declaration,
              assessment,
              // The set that was in force: by the time of the archive there may be another.
              parameters: ports.settings.parameters.document,
            },
          },
          condition: 'absent',
        },
      ],
    };
  });
  return { outcome: record.determination?.outcome ?? 'incomplete' };
};
