/**
 * `npm run -s organisations -- import FILE --folder DATA [--apply] [--reason TEXT]` takes the tree of unions of a one-machine
 * edition that is not running from a sheet (XLSX, CSV); without `--apply` it only says what would change.
 * `npm run -s organisations -- export FILE --folder DATA` writes the tree, as XLSX or, by the file's ending, CSV.
 * Exit: 0 done, or nothing in the way; 1 the sheet has faults, one a line on standard error; 2 arguments, file or folder.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { Database } from '#adapters/embedded/database.ts';
import { lockFolder } from '#adapters/embedded/folder-lock.ts';
import { SqliteItemStore } from '#adapters/embedded/items.ts';
import { SystemClock } from '#adapters/shared/clock.ts';
import { RandomIds } from '#adapters/shared/ids.ts';
import { organisationSheet, type SheetFault } from '#domain/filing/organisation-sheet.ts';
import { organisationTreeSchema } from '#domain/filing/organisations.ts';
import {
  type ImportReport,
  importOrganisations,
} from '#functions/import-organisations/import-organisations.ts';
import { AppError } from '#functions/shared/errors.ts';
import { OrganisationStore } from '#functions/shared/organisation-store.ts';
import { SHEET_BYTES, writeSheet } from '#functions/shared/sheet.ts';
import seed from '#parameters/organisations.json' with { type: 'json' };

const USAGE = `用法：npm run -s organisations -- import 文件 --folder 数据目录 [--apply] [--reason 原因]
      npm run -s organisations -- export 文件 --folder 数据目录
  导入 XLSX 或 CSV（UTF-8、GB18030）；不加 --apply 只报告会有什么变化。单机版运行时请用网页或接口导入。`;

const argumentsSchema = z.strictObject({
  positionals: z.tuple([z.enum(['import', 'export']), z.string().min(1)]),
  folder: z.string().min(1),
  apply: z.boolean().default(false),
  reason: z.string().min(1).max(1000).default('命令行导入工会组织表'),
});

const BY = { subject: 'command-line', name: '命令行', organisation: null };

const readArguments = (args: readonly string[]): z.infer<typeof argumentsSchema> | undefined => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { folder: { type: 'string' }, apply: { type: 'boolean' }, reason: { type: 'string' } },
    });
    return argumentsSchema.safeParse({ ...values, positionals }).data;
  } catch {
    return undefined;
  }
};

const faultLine = ({ row, column, message }: SheetFault): string =>
  `${row === null ? '' : `第${row}行`}${column === null ? '' : `“${column}”`}：${message}`;

const printReport = ({ applied, counts, changes, faults }: ImportReport, print: Print): void => {
  for (const fault of faults) print.err(faultLine(fault));
  const names = { added: '新增', changed: '变更', dissolved: '撤销' } as const;
  for (const type of ['added', 'changed', 'dissolved'] as const) {
    print.out(`${names[type]} ${counts[type]} 个`);
    for (const { id, name } of changes[type]) print.out(`  ${id} ${name}`);
  }
  print.out(`不变 ${counts.unchanged} 个，错误 ${counts.faults} 处`);
  print.out(applied ? '已导入。' : '没有导入。');
};

type Print = { readonly out: (line: string) => void; readonly err: (line: string) => void };

const work = async (
  { positionals: [command, file], folder, apply, reason }: z.infer<typeof argumentsSchema>,
  print: Print,
): Promise<number> => {
  // A new folder would be a slip of the name; the first start makes it.
  if (!existsSync(join(folder, 'filing.db'))) {
    print.err(`${folder} 不是单机版的数据目录，请先启动一次。`);
    return 2;
  }
  const unlock = lockFolder(folder);
  const database = new Database(join(folder, 'filing.db'));
  try {
    const items = new SqliteItemStore(database);
    const clock = new SystemClock();
    const organisations = new OrganisationStore({
      items,
      seed: organisationTreeSchema.parse(seed),
      wall: () => clock.wall(),
      freshMs: 0,
    });
    if (command === 'export') {
      const format = file.toLowerCase().endsWith('.csv') ? 'csv' : 'xlsx';
      const sheet = organisationSheet(await organisations.tree());
      await writeFile(file, await writeSheet('工会组织', sheet, format));
      return 0;
    }
    const content = await readFile(file);
    if (content.length > SHEET_BYTES) {
      print.err(`文件过大，最多 ${SHEET_BYTES / 1024} KiB。`);
      return 2;
    }
    const ports = { items, clock, ids: new RandomIds(clock), organisations };
    const report = await importOrganisations(ports, BY, content, { apply, reason });
    printReport(report, print);
    return report.counts.faults > 0 ? 1 : 0;
  } finally {
    database.close();
    unlock();
  }
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (args: readonly string[], out: Print['out'], err: Print['err']): Promise<number> => {
  const given = readArguments(args);
  if (given === undefined) {
    err(USAGE);
    return 2;
  }
  try {
    return await work(given, { out, err });
  } catch (error) {
    if (error instanceof AppError) {
      err(error.message);
      return error.status === 422 ? 1 : 2;
    }
    const known = error instanceof Error && (error.name === 'FolderInUse' || 'code' in error);
    if (!known) throw error;
    err(error.message);
    return 2;
  }
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
