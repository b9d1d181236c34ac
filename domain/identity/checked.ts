/**
 * What a check of a number says. `value` is the number in its normal form; a warning is for a person to look at and
 * never stands in the way. No message holds the number itself: messages reach logs and screens.
 */
export type Note = { readonly code: string; readonly message: string };

export type Checked =
  | { readonly ok: true; readonly value: string; readonly warnings: readonly Note[] }
  | ({ readonly ok: false } & Note);

export function valid(value: string, warnings: readonly Note[] = []): Checked {
  return { ok: true, value, warnings };
}

export function invalid(code: string, message: string): Checked {
  return { ok: false, code, message };
}

/** As people type numbers: full-width forms made narrow, blanks left out, letters made capital. */
export function normalise(text: string): string {
  return text.normalize('NFKC').replace(/\s/gu, '').toUpperCase();
}
