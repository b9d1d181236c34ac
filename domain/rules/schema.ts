/** The leaves that the declaration's and the parameters' schemas share. Each error message is a fault code. */
import * as z from 'zod';
import { isDate, isMonth } from './dates.ts';
import { coded } from './faults.ts';
import { DECIMAL, hundredths } from './money.ts';

/** A decimal string, as a whole number of hundredths. JSON numbers are refused. */
const decimal = z
  .string({ error: coded('not-decimal') })
  .regex(DECIMAL, { error: 'not-decimal' })
  .transform(hundredths);

/** A decimal that may be not yet known: null is never the same as zero. */
export const knownOrNot = decimal.nullable();

export const count = z
  .int({ error: coded('not-count') })
  .min(0, { error: 'not-count' })
  .max(9999, { error: 'not-count' });

export const flag = z.boolean({ error: coded('not-boolean') });
export const optionalFlag = flag.default(false);

export const text = z.string({ error: coded('not-text') });
/** Ids, reasons, names of those who approved: never empty. */
export const nonEmpty = text.min(1, { error: 'empty-text' });

export const date = z.string({ error: coded('not-date') }).refine(isDate, { error: 'not-date', abort: true });
export const month = z.string({ error: coded('not-month') }).refine(isMonth, { error: 'not-month' });
/** A GB/T 2260 code. */
export const regionCode = z
  .string({ error: coded('not-region') })
  .regex(/^[0-9]{6}$/, { error: 'not-region' });

export const option = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: coded('not-option') });

export const record = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, { error: coded('not-object') });

export const listOf = <Element extends z.core.SomeType>(element: Element) =>
  z.array(element, { error: coded('not-list') });
