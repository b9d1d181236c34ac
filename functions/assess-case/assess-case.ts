/**
 * Reckons the case by the regulation (51号 articles 5 to 7, 75号) and keeps the whole assessment with what went into
 * it, so that the decision can be reckoned again years later. It runs on the settled facts: as long as a difference that
 * the cross-check or a visit found is not settled (A-10, C-3, R-12), nothing is reckoned.
 */
import { beijingDate } from '#domain/calendar/dates.ts';
import { settledFacts, unsettled } from '#domain/filing/adjudication.ts';
import { type Determination, moved } from '#domain/filing/case.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { type CasePorts, changeCase, systemActor } from '#functions/shared/case-store.ts';
import { declarationToAssess } from '#functions/shared/declarations.ts';
import { receivedDocuments } from '#functions/shared/document-store.ts';
import { keys } from '#functions/shared/keys.ts';
import { readMatters } from '#functions/shared/matters.ts';
import type { JsonObject, Ports } from '#functions/shared/ports.ts';
import { requireCurrent, workflowPayloadSchema } from '#functions/shared/workflow-payload.ts';

export const assessCase = async (
  ports: CasePorts & Pick<Ports, 'settings'>,
  input: unknown,
): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  const documents = await receivedDocuments(ports.items, payload.caseId);
  let outcome = 'unsettled';
  await changeCase(ports, payload.caseId, async (current) => {
    requireCurrent(current, payload);
    const matters = await readMatters(ports.items, current);
    const open = unsettled(matters, current.settlements);
    if (open.length > 0) {
      outcome = 'unsettled';
      return {
        next: { ...moved(current, 'assessing'), visit: payload.visit },
        event: {
          type: 'differencesFound',
          actor: systemActor('assess-case'),
          data: { matters: open.map(({ id, basis, flag }) => ({ id, basis, clause: flag?.clause ?? null })) },
        },
      };
    }
    const now = ports.clock.now();
    const { declaration, provenance } = settledFacts(
      declarationToAssess(current, documents, beijingDate(now)),
      matters,
      current.settlements,
    );
    const parsed = parseDeclaration(declaration);
    if ('faults' in parsed) throw new Error('a stored declaration that does not fit the contract');
    const assessment = RULE_BOOK.assess(parsed.declaration, ports.settings.parameters.set);
    outcome = assessment.outcome;
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
              // Where each fact comes from stands beside the declaration, whose form is the contract's.
              provenance,
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
  return { outcome };
};
