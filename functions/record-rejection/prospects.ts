/**
 * What a household that the reckoning refused is told beside the reason: which facts, if proved, would change the
 * result. Drawn from the stored assessment's own declaration, and only while rules and standards are those it was
 * made by: what others would say is no part of this decision.
 */
import * as z from 'zod';
import type { Case } from '#domain/filing/case.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { remedyInWords } from '#domain/rules/change.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import { keys } from '#functions/shared/keys.ts';
import type { Ports } from '#functions/shared/ports.ts';

const storedSchema = z.object({
  declaration: z.unknown(),
  assessment: z.object({ rules: z.object({ version: z.string(), parameters: z.string() }) }),
});

/** As many as a letter can hold; the nearest stand first. */
const MOST_TOLD = 5;

/** Chinese sentences with their clauses; none where the refusal did not come from the reckoning. */
export const prospectsOf = async (
  ports: Pick<Ports, 'items' | 'settings'>,
  { caseId, determination }: Case,
): Promise<readonly string[]> => {
  if (determination?.basis !== 'assessment' || determination.outcome !== 'ineligible') return [];
  const item = await ports.items.get(keys.assessment(caseId, determination.assessment));
  const { declaration, assessment } = storedSchema.parse(item?.data);
  const { set } = ports.settings.parameters;
  const { version, parameters } = assessment.rules;
  const rules = RULE_BOOK.of(version);
  if (rules === undefined || parameters !== set.hash) return [];
  const parsed = parseDeclaration(declaration);
  if ('faults' in parsed) throw new Error('a stored declaration that does not fit the contract');
  return rules
    .prospects(parsed.declaration, set)
    .remedies.slice(0, MOST_TOLD)
    .map((remedy) => remedyInWords(remedy).text);
};
