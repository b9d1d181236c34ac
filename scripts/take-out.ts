/**
 * `npm run -s take-out -- CASE TARGET --data FOLDER --purpose TEXT --by NAME` takes the archive of a case out of a
 * one-machine edition that is not running, into the folder TARGET, in plain: to be checked (`verify`, `replay`), handed on,
 * or kept elsewhere. The case's audit chain records it.
 * Exit: 0 done; 1 there is nothing to take out, or a file is damaged; 2 arguments or folder.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { withStandingEdition } from '#embedded/data-folder.ts';
import { takeOut } from '#embedded/take-out.ts';
import { AppError, ChecksumMismatch } from '#functions/shared/errors.ts';
import { operatorFault } from './shared/operator.ts';

const USAGE = `用法：npm run -s take-out -- 申请编号 目标目录 --data 数据目录 --purpose 用途 --by 经办人姓名
  把一份档案从单机版的数据目录中调出为明文文件夹，供核验、移交；调出的人和用途记入该申请的办理记录。
  单机版运行时不能用，请先停止它。`;

const argumentsSchema = z
  .strictObject({
    positionals: z.tuple([z.string().min(1), z.string().min(1)]),
    data: z.string().min(1),
    purpose: z.string().trim().min(1).max(1000),
    by: z.string().trim().min(1).max(100),
  })
  .transform(({ positionals: [caseId, target], ...rest }) => ({ caseId, target, ...rest }));

const readArguments = (args: readonly string[]): z.infer<typeof argumentsSchema> | undefined => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: { type: 'string' }, purpose: { type: 'string' }, by: { type: 'string' } },
    });
    return argumentsSchema.safeParse({ ...values, positionals }).data;
  } catch {
    return undefined;
  }
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (
  args: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void,
): Promise<0 | 1 | 2> => {
  const given = readArguments(args);
  if (given === undefined) {
    err(USAGE);
    return 2;
  }
  try {
    const files = await withStandingEdition(given.data, (edition) => takeOut(edition, given));
    out(`已调出档案：${given.target}（${files}个文件，明文）。调出的人和用途已记入办理记录。`);
    return 0;
  } catch (error) {
    if (error instanceof AppError) err(error.message);
    else if (error instanceof ChecksumMismatch) err('档案中有文件已损坏或被改动，没有调出。请从备份中恢复。');
    else {
      err(operatorFault(error));
      return 2;
    }
    return 1;
  }
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
