/**
 * `npm run -s parameters -- FILE...`: checks that each set of parameters is the result of its recorded changes, which
 * stand in `changes/` beside it under the same name (`domain/rules/parameter-changes.ts`), and tells its hash.
 * Without a file: every set in `parameters/`. Exit: 0 all are; 1 one isn't; 2 unreadable.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseBytes } from '#domain/rules/json.ts';
import { changeFaults } from '#domain/rules/parameter-changes.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import { fileFault } from './shared/file-fault.ts';

const SHIPPED = fileURLToPath(new URL('../parameters', import.meta.url));
const CHANGES = 'changes';
/** The unions: no set of parameters. */
const ORGANISATIONS = 'organisations.json';

/** The hash of the set in a file, and what is wrong with it or with its changes. */
const check = async (
  file: string,
): Promise<{ readonly hash?: string; readonly faults: readonly string[] }> => {
  const parsed = parseBytes(await readFile(file), parseParameters);
  if ('faults' in parsed)
    return { faults: parsed.faults.map(({ pointer, message }) => `${pointer} ${message}`) };
  const { hash } = parsed.parameters;
  const changes = parseBytes(await readFile(join(dirname(file), CHANGES, basename(file))), (json) => ({
    json,
  }));
  return {
    hash,
    faults:
      'faults' in changes
        ? changes.faults.map(({ pointer, message }) => `${pointer} ${message}`)
        : changeFaults(changes.json, hash),
  };
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (
  files: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void,
): Promise<0 | 1 | 2> => {
  let worst: 0 | 1 | 2 = 0;
  const shipped = async (): Promise<string[]> =>
    (await readdir(SHIPPED))
      .filter((name) => name.endsWith('.json') && name !== ORGANISATIONS)
      .map((name) => join(SHIPPED, name));
  for (const file of files.length > 0 ? files : await shipped()) {
    try {
      const { hash, faults } = await check(file);
      out(`${file}：${faults.length === 0 ? `与改动记录相符（SHA-256 ${hash}）。` : '与改动记录不符：'}`);
      for (const fault of faults) out(`- ${fault}`);
      if (faults.length > 0 && worst === 0) worst = 1;
    } catch (error) {
      const fault = fileFault(error);
      if (fault === undefined) throw error;
      err(`${file}：参数或其改动记录读不到。${fault}`);
      worst = 2;
    }
  }
  return worst;
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
