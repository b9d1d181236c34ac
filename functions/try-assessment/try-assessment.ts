/**
 * The trial calculation: anyone may ask what the rules say of a declaration. It stores nothing, and is the same
 * reckoning that the command line and the filing use.
 */
import type { Assessment, ExplainedAssessment } from '#domain/rules/assess.ts';
import { RULE_BOOK } from '#domain/rules/book.ts';
import { type Declaration, parseDeclaration } from '#domain/rules/declaration.ts';
import { parseBytes } from '#domain/rules/json.ts';
import type { ParameterSet } from '#domain/rules/parameters.ts';
import { type Fault, InvalidInput } from '#functions/shared/errors.ts';

/** More than any household writes, and less than API Gateway takes. */
export const MAX_TRIAL_BYTES = 8 * 1024 * 1024;

/**
 * A household of 30 with 20 incomes and expenditures each holds about 5,000 values. Naming the faults of 5 MB of empty
 * objects would keep a server busy for 37 s.
 */
const MAX_VALUES = 20_000;

/** Whether a JSON value holds more values than that; it looks no further then. Deep ones don't exhaust the stack. */
const isTooMuch = (json: unknown): boolean => {
  const open: unknown[] = [json];
  let seen = 0;
  while (open.length > 0) {
    const value = open.pop();
    seen += 1;
    if (seen > MAX_VALUES) return true;
    if (typeof value !== 'object' || value === null) continue;
    const parts: readonly unknown[] = Object.values(value);
    if (seen + open.length + parts.length > MAX_VALUES) return true;
    for (const part of parts) open.push(part);
  }
  return false;
};

const TOO_MUCH: Fault = {
  pointer: '',
  code: 'too-many-values',
  message: `内容的项目过多，最多${MAX_VALUES}项，无法逐项检查。`,
};

/**
 * Reads a declaration from the bytes of a JSON text. Throws `InvalidInput` with every fault: of the encoding, of the
 * text, of keys that stand twice, of the document.
 */
export const readTrial = (bytes: Uint8Array): Declaration => {
  const parsed = parseBytes(bytes, (json) =>
    isTooMuch(json) ? { faults: [TOO_MUCH] } : parseDeclaration(json),
  );
  if ('faults' in parsed) throw new InvalidInput(parsed.faults);
  return parsed.declaration;
};

/** Assesses a declaration; `figuresOnly` leaves the explanation out. */
export const tryAssessment = (
  declaration: Declaration,
  parameters: ParameterSet,
  options: { readonly figuresOnly: boolean },
): Assessment | ExplainedAssessment =>
  options.figuresOnly
    ? RULE_BOOK.assessFigures(declaration, parameters)
    : RULE_BOOK.assess(declaration, parameters);
