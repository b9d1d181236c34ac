/** A command as a person at a terminal runs it. */

type Print = (line: string) => void;

/** What it printed, line by line, and the code that it ended with. */
export const captured = async <Code extends number>(
  run: (out: Print, err: Print) => Promise<Code>,
): Promise<{ readonly code: Code; readonly out: readonly string[]; readonly err: readonly string[] }> => {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(
    (line) => void out.push(line),
    (line) => void err.push(line),
  );
  return { code, out, err };
};

/** The same as two texts. */
export const capturedText = async <Code extends number>(
  run: (out: Print, err: Print) => Promise<Code>,
): Promise<{ readonly code: Code; readonly out: string; readonly err: string }> => {
  const { code, out, err } = await captured(run);
  return { code, out: out.join('\n'), err: err.join('\n') };
};
