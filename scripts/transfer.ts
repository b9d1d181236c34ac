/**
 * `npm run -s transfer -- export|verify|import|start FOLDER …`: moves an edition into another, or copies it. See
 * `docs/transfer.md`. Progress goes to standard error, the outcome to standard output.
 *
 * Exit: 0 done; 1 something isn't right (a changed bundle, a conflict, a source that isn't quiet); 2 wrong usage, or
 * something can't be read. A fault is told with its code.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { jsonObjectSchema } from '#domain/json.ts';
import { parseParameters } from '#domain/rules/parameters.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import { DEFAULT_WAITING_TIMES } from '#functions/shared/settings.ts';
import { openEmbedded, type Side } from './transfer/edition.ts';
import { exportBundle } from './transfer/export.ts';
import { failedWith, TransferFault } from './transfer/fault.ts';
import { type Bundle, importBundle } from './transfer/import.ts';
import { parseJson, TransferKey } from './transfer/key.ts';
import { startCases } from './transfer/start.ts';
import { type BundleCheck, verifyBundle } from './transfer/verify.ts';

const USAGE = `用法：npm run -s transfer -- 命令 迁移包文件夹 [选项]
  export 文件夹   把一个系统的全部数据导出为迁移包
  verify 文件夹   离线核验迁移包
  import 文件夹   把迁移包导入另一个系统并核对（不启动任何申请）
  start  文件夹   导入后，在新系统中恢复正在办理的申请
选项：
  --data 目录      单机版的数据目录，默认 ./data
  --cloud          云端（按其函数的环境变量，如 TABLE_NAME）
  --key 文件       迁移密钥，默认为 文件夹.key；导出时没有则新建
  --parameters 文件   导出时系统所用的当地标准，默认随附的样例
  --frozen         导出云端时，确认已停止写入
  --start          导入并核对后随即启动，等于接着执行 start`;

const ROOT = join(import.meta.dirname, '..');
const COMMANDS = ['export', 'verify', 'import', 'start'] as const;
type Command = (typeof COMMANDS)[number];

const usage = (why: string): TransferFault => new TransferFault('usage', 2, `${why}\n\n${USAGE}`);

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        cloud: { type: 'boolean', default: false },
        key: { type: 'string' },
        parameters: { type: 'string' },
        frozen: { type: 'boolean', default: false },
        start: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usage('没有这个选项，或者选项缺少内容。');
  }
};

type Options = ReturnType<typeof parse>['values'] & {
  readonly command: Command;
  readonly folder: string;
  readonly keyFile: string;
};

const readOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parse(args);
  const [name, given, ...others] = positionals;
  const command = COMMANDS.find((one) => one === name);
  if (command === undefined || given === undefined || others.length > 0)
    throw usage('请写明命令和迁移包文件夹。');
  if (values.cloud && values.data !== undefined) throw usage('--data 与 --cloud 只能选一个。');
  const folder = resolve(given);
  return { ...values, command, folder, keyFile: resolve(values.key ?? `${folder}.key`) };
};

const openSide = async (options: Options, make: boolean): Promise<Side> => {
  if (!options.cloud) return openEmbedded(resolve(options.data ?? 'data'), make);
  // The AWS clients are loaded by who needs them: they take longer than a small copy.
  const { openCloud } = await import('./transfer/cloud.ts');
  return openCloud(options.frozen);
};

const withSide = async <T>(side: Side, run: (side: Side) => Promise<T>): Promise<T> => {
  try {
    return await run(side);
  } finally {
    await side.close();
  }
};

/** The local standards as they stand, byte for byte; ones that the product could not start with are a fault. */
const readParametersFile = async ({ parameters }: Options): Promise<Uint8Array> => {
  const path = parameters === undefined ? join(ROOT, 'parameters/example-2018.json') : resolve(parameters);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) throw new TransferFault('settings', 2, `没有这个文件：${path}`);
    throw error;
  }
  const standards = jsonObjectSchema.safeParse(parseJson(Buffer.from(bytes).toString('utf8'))).data;
  if (standards === undefined || !('parameters' in parseParameters(standards)))
    throw new TransferFault('settings', 2, '当地标准文件的内容有误，请先用 npm run -s parameters 核对。');
  return bytes;
};

/** A bundle that is sound; every fault of one that isn't is told. */
const soundBundle = async (folder: string, key: TransferKey): Promise<Bundle & BundleCheck> => {
  const check = await verifyBundle(folder, key);
  const [first] = check.faults;
  if (first === undefined) return { folder, ...check };
  const lines = check.faults.map(({ code, message }) => `- ${code}：${message}`);
  throw new TransferFault(
    first.code,
    1,
    [`核验不通过：发现${check.faults.length}处问题。`, ...lines].join('\n'),
  );
};

const summary = ({ manifest, cases, archives, signers, id }: BundleCheck): readonly string[] => [
  `迁移包：${id}`,
  `来源：${manifest.source === 'cloud' ? '云端' : '单机版'}　迁移密钥：${manifest.key}`,
  `申请：${cases}件　档案：${archives}份　文件：${manifest.documents.count}份，${manifest.documents.bytes}字节`,
  `数据：${Object.entries(manifest.counts)
    .map(([kind, count]) => `${kind} ${count}`)
    .join('、')}`,
  `未迁移：${
    Object.entries(manifest.left)
      .map(([kind, count]) => `${kind} ${count}`)
      .join('、') || '无'
  }`,
  `全部链头的摘要：${manifest.heads}`,
  ...(signers.length === 0 ? [] : [`档案签名公钥指纹：${signers.join('、')}`]),
];

type Print = (line: string) => void;

const runExport = async (options: Options, out: Print, say: Print): Promise<void> => {
  const { folder, keyFile } = options;
  const parameters = await readParametersFile(options);
  const { key, made } = await withSide(await openSide(options, false), async (source) => {
    const opened = await TransferKey.open(keyFile);
    await exportBundle(source, { folder, key: opened.key, parameters, say });
    return opened;
  });
  const bundle = await soundBundle(folder, key);
  out('导出完成，核验通过。');
  for (const line of summary(bundle)) out(line);
  out(`迁移密钥${made ? '已新建' : ''}：${keyFile}（请与迁移包分开携带和保管）`);
};

const runVerify = async (options: Options, out: Print): Promise<void> => {
  const bundle = await soundBundle(options.folder, await TransferKey.read(options.keyFile));
  out('核验通过：内容与清单相符，清单与迁移密钥相符。');
  for (const line of summary(bundle)) out(line);
};

const runImport = async (options: Options, out: Print, say: Print): Promise<void> => {
  const key = await TransferKey.read(options.keyFile);
  const bundle = await soundBundle(options.folder, key);
  await withSide(await openSide(options, true), async (target) => {
    const advice = await importBundle(target, bundle, key, say);
    out('导入完成，核对无误。');
    for (const line of [...summary(bundle), ...advice]) out(line);
    if (options.start) await start(target, bundle, out, say);
    else out('尚未启动任何申请；正式启用时请执行 start。');
  });
};

const start = async (target: Side, bundle: Bundle, out: Print, say: Print): Promise<void> => {
  const started = await startCases(target, bundle, DEFAULT_WAITING_TIMES, say);
  out(`已恢复办理${started}件申请。${target.name === 'embedded' ? '启动系统后即开始运行。' : ''}`);
};

const runStart = async (options: Options, out: Print, say: Print): Promise<void> => {
  const bundle = await soundBundle(options.folder, await TransferKey.read(options.keyFile));
  await withSide(await openSide(options, false), (target) => start(target, bundle, out, say));
};

/** Not the message: it may hold what a record holds. A file system's error has a code that says enough. */
const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  return 'syscall' in error && 'code' in error ? String(error.code) : error.name;
};

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (args: readonly string[], out: Print, err: Print): Promise<0 | 1 | 2> => {
  try {
    const options = readOptions(args);
    const commands = { export: runExport, verify: runVerify, import: runImport, start: runStart };
    await commands[options.command](options, out, err);
    return 0;
  } catch (error) {
    if (error instanceof TransferFault) {
      err(`${error.message}（${error.code}）`);
      return error.exit;
    }
    if (error instanceof VaultRefused) {
      err('个人信息打不开：密钥（keys/vault.json 或 KMS）与数据不相配。（vault-refused）');
      return 1;
    }
    err(`迁移没有完成：${nameOf(error)}（unexpected）`);
    return 2;
  }
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
