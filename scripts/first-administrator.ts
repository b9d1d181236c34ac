/**
 * `npm run -s first-administrator -- --table TABLE --subject SUBJECT --name NAME [--organisation ID]` makes the first
 * administrator of a cloud edition with `rolesFrom: 'posts'`, in its table, as whoever the environment's credentials of AWS
 * are. Prints who it is. Exit: 0 done, 1 refused (there is an administrator), 2 arguments that don't fit.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { treePorts } from '#adapters/aws/composition.ts';
import { createFirstAdministrator } from '#functions/manage-people/first-administrator.ts';
import { AppError } from '#functions/shared/errors.ts';
import { zodFaults } from '#functions/shared/faults.ts';
import type { Ports } from '#functions/shared/ports.ts';

const USAGE = `用法：npm run -s first-administrator -- --table 数据表 --subject 主体编号 --name 姓名 [--organisation 单位编码]
  --table         数据表的名称（数据栈的 Table）
  --subject       此人在统一身份认证系统中的主体编号（令牌的 sub）
  --organisation  任职的工会，默认最上级
  区域和凭据按 AWS 的惯例取自环境，例如 AWS_REGION、AWS_PROFILE。`;

const Arguments = z.strictObject({
  table: z.string().min(1),
  subject: z.string().min(1).max(256),
  name: z.string().trim().min(1).max(50),
  organisation: z.string().min(1).max(40).optional(),
});

const readArguments = (args: readonly string[]): Record<string, unknown> | undefined => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        table: { type: 'string' },
        subject: { type: 'string' },
        name: { type: 'string' },
        organisation: { type: 'string' },
      },
    }).values;
  } catch {
    return undefined;
  }
};

type Needs = Pick<Ports, 'items' | 'clock' | 'ids' | 'organisations'>;
type Print = (line: string) => void;

/** The whole program: prints by `out` and `err`, returns the exit code. `open` gives the ports of a table. */
export const run = async (
  args: readonly string[],
  { out, err, open }: { readonly out: Print; readonly err: Print; readonly open: (table: string) => Needs },
): Promise<number> => {
  const values = readArguments(args);
  const parsed = Arguments.safeParse(values);
  if (!parsed.success) {
    for (const { pointer, message } of values === undefined ? [] : zodFaults(parsed.error, values)) {
      err(`--${pointer.split('/')[1]}：${message}`);
    }
    err(USAGE);
    return 2;
  }
  const { table, ...given } = parsed.data;
  try {
    const person = await createFirstAdministrator(open(table), given);
    out(`已建立首位管理员：${person.name}（${person.subject}），任职工会 ${person.posts[0]?.organisation}。`);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    err(error.message);
    return 1;
  }
};

if (import.meta.main) {
  process.exitCode = await run(process.argv.slice(2), {
    out: console.log,
    err: console.error,
    open: (table) => treePorts({ TABLE_NAME: table }),
  });
}
