/**
 * The trial calculation: anyone may ask what the rules say of a declaration. It stores nothing, and is the same
 * reckoning that the command line and the filing use.
 */
import type { Assessment, ExplainedAssessment } from '#domain/rules/assess.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { parseDeclaration } from '#domain/rules/declaration.ts';
import type { ParameterSet } from '#domain/rules/parameters.ts';
import { InvalidInput } from '#functions/shared/errors.ts';

/**
 * Assesses a declaration (the parsed JSON body). Throws `InvalidInput` with every fault of one that doesn't fit.
 * `figuresOnly` leaves the explanation out.
 */
export const tryAssessment = (
  body: unknown,
  parameters: ParameterSet,
  options: { readonly figuresOnly: boolean },
): Assessment | ExplainedAssessment => {
  const parsed = parseDeclaration(body);
  if ('faults' in parsed) throw new InvalidInput(parsed.faults);
  return options.figuresOnly
    ? RULE_BOOK.assessFigures(parsed.declaration, parameters)
    : RULE_BOOK.assess(parsed.declaration, parameters);
};
