/**
 * `npm run -s cross-check -- export FILE --purpose TEXT --token TOKEN [--url URL]`: the list for a centre without an
 * interface (`.xlsx` or `.csv`). It holds ID numbers: keep it as such, and remove it when it has been handed over.
 * `npm run -s cross-check -- import FILE --token TOKEN [--url URL] [--apply]`: reads the centre's reply and names every
 * fault by row and column; `--apply` takes it, where there is none.
 *
 * Exit: 0 done; 1 the reply has faults; 2 wrong usage, or the edition refuses.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';

const USAGE =
  '用法：npm run -s cross-check -- export 文件 --purpose 用途 --token 令牌 [--url 地址]\n' +
  '      npm run -s cross-check -- import 文件 --token 令牌 [--url 地址] [--apply]';

const common = { file: z.string(), token: z.string(), url: z.url() };
const argumentsSchema = z.discriminatedUnion('command', [
  z.strictObject({ ...common, command: z.literal('export'), purpose: z.string().min(4) }),
  z.strictObject({ ...common, command: z.literal('import'), apply: z.boolean() }),
]);

const reportSchema = z.looseObject({
  applied: z.boolean(),
  counts: z.looseObject({ taken: z.number(), known: z.number(), faults: z.number() }),
  faults: z.array(
    z.looseObject({ row: z.number(), column: z.string().nullable(), code: z.string(), message: z.string() }),
  ),
});
const problemSchema = z.looseObject({ detail: z.string() });

const readArguments = (args: readonly string[]): z.infer<typeof argumentsSchema> | undefined => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        token: { type: 'string' },
        url: { type: 'string', default: 'http://127.0.0.1:8080' },
        purpose: { type: 'string' },
        apply: { type: 'boolean' },
      },
    });
    const [command, file, ...rest] = positionals;
    if (rest.length > 0) return undefined;
    return argumentsSchema.safeParse({
      command,
      file,
      ...values,
      ...(command === 'import' ? { apply: values.apply ?? false } : {}),
    }).data;
  } catch {
    return undefined;
  }
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (
  args: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void,
): Promise<number> => {
  const given = readArguments(args);
  if (given === undefined) {
    err(USAGE);
    return 2;
  }
  const authorization = `Bearer ${given.token}`;
  const refused = async (response: Response): Promise<number> => {
    const problem = problemSchema.safeParse(await response.json());
    err(problem.success ? problem.data.detail : `服务器答复 ${response.status}`);
    return 2;
  };
  if (given.command === 'export') {
    const url = new URL('/v1/cross-checks/export', given.url);
    url.searchParams.set('format', given.file.toLowerCase().endsWith('.csv') ? 'csv' : 'xlsx');
    url.searchParams.set('purpose', given.purpose);
    const response = await fetch(url, { headers: { authorization } });
    if (!response.ok) return refused(response);
    await writeFile(given.file, await response.bytes(), { mode: 0o600, flag: 'wx' });
    out(`名单已存入 ${given.file}。其中有身份证号码，请妥善保管，用后删除。`);
    return 0;
  }
  const url = new URL('/v1/cross-checks/import', given.url);
  url.searchParams.set('apply', String(given.apply));
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/octet-stream' },
    body: await readFile(given.file),
  });
  if (!response.ok) return refused(response);
  const { applied, counts, faults } = reportSchema.parse(await response.json());
  for (const { row, column, code, message } of faults) {
    out(`第${row}行${column === null ? '' : `“${column}”`}：${message}［${code}］`);
  }
  out(
    applied
      ? `已接收 ${counts.taken} 份结果，另有 ${counts.known} 份此前已接收。`
      : `共 ${counts.taken} 份结果，错误 ${counts.faults} 处；没有接收。`,
  );
  return counts.faults > 0 ? 1 : 0;
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
