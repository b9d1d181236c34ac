/** The transfer's command as a person runs it. */

import { capturedText } from '#test/support/command.ts';
import { run } from '../../../scripts/transfer.ts';

export type Outcome = { readonly code: number; readonly out: string; readonly err: string };

export const transfer = (...args: readonly string[]): Promise<Outcome> =>
  capturedText((out, err) => run(args, out, err));
