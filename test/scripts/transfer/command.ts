/** The transfer's command as a person runs it. */
import { run } from '../../../scripts/transfer.ts';

export type Outcome = { readonly code: number; readonly out: string; readonly err: string };

export const transfer = async (...args: readonly string[]): Promise<Outcome> => {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(
    args,
    (line) => void out.push(line),
    (line) => void err.push(line),
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
};
