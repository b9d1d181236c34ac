/**
 * `npm run -s keys -- rotate|reseal|retire --data FOLDER` changes the sealing keys of a one-machine edition that is not
 * running: `rotate` makes a new one current, `reseal` seals everything anew with it (and may be broken off and repeated),
 * `retire` removes those that nothing hangs on any more.
 * Exit: 0 done; 1 a key is still needed, or something sealed doesn't open; 2 arguments or folder.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { checkKeys } from '#adapters/embedded/key-check.ts';
import { KeyFileVault, rotateSealingKey } from '#adapters/embedded/vault.ts';
import { keyFileOf, type StandingEdition, withStandingEdition } from '#embedded/data-folder.ts';
import { reseal, retireKeys } from '#embedded/key-rotation.ts';
import { UnknownSealedField } from '#embedded/sealed-fields.ts';
import { ChecksumMismatch, VaultRefused } from '#functions/shared/errors.ts';
import { operatorFault } from './shared/operator.ts';

const USAGE = `用法：npm run -s keys -- rotate --data 数据目录   换用新的密封密钥，旧密钥只用于打开
      npm run -s keys -- reseal --data 数据目录   用新密钥重新密封全部信息和材料；中断后可再次运行
      npm run -s keys -- retire --data 数据目录   删除已无任何内容使用的旧密钥
  单机版运行时不能用，请先停止它。`;

const argumentsSchema = z.strictObject({
  positionals: z.tuple([z.enum(['rotate', 'reseal', 'retire'])]),
  data: z.string().min(1),
});
type Command = z.infer<typeof argumentsSchema>['positionals'][0];

const readArguments = (args: readonly string[]): z.infer<typeof argumentsSchema> | undefined => {
  try {
    const options = { data: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return argumentsSchema.safeParse({ ...values, positionals }).data;
  } catch {
    return undefined;
  }
};

type Print = (line: string) => void;

const PROGRESS = 100;

const COMMANDS: Readonly<
  Record<Command, (edition: StandingEdition, keyFile: string, out: Print) => Promise<0 | 1>>
> = {
  rotate: async ({ database }, keyFile, out) => {
    const id = await rotateSealingKey(keyFile);
    // From now on a key file without the new key is refused.
    await checkKeys(database, await KeyFileVault.open(keyFile));
    out(`已换用新的密封密钥 ${id}。请立即重新备份 ${keyFile}，再运行 reseal。`);
    return 0;
  },
  reseal: async (edition, _keyFile, out) => {
    const done = { record: 0, document: 0 };
    const report = (): string => `已重新密封：记录${done.record}条，材料${done.document}份`;
    for await (const kind of reseal(edition)) {
      done[kind] += 1;
      if ((done.record + done.document) % PROGRESS === 0) out(report());
    }
    out(`${report()}。全部完成，当前密钥 ${edition.vault.sealingKeys().current}。`);
    return 0;
  },
  retire: async (edition, keyFile, out) => {
    const { retired, kept } = await retireKeys(edition, keyFile);
    for (const id of retired) out(`已删除旧密钥 ${id}。`);
    for (const [id, { records, documents, archived }] of kept) {
      out(
        `旧密钥 ${id} 仍在使用，予以保留：记录${records}条，材料${documents}份，档案中的文件${archived}个。`,
      );
    }
    if (retired.length + kept.size === 0) out('没有旧密钥。');
    if (retired.length > 0)
      out(`请重新备份 ${keyFile}。旧的数据备份仍需旧密钥才能打开，请与其旧密钥备份一并保管或销毁。`);
    return kept.size === 0 ? 0 : 1;
  },
};

/** Something that is stored doesn't open, or nobody knows how; the message names no person. */
const isBroken = (error: unknown): error is Error =>
  error instanceof VaultRefused || error instanceof ChecksumMismatch || error instanceof UnknownSealedField;

/** The whole program: prints by `out` and `err`, returns the exit code. */
export const run = async (args: readonly string[], out: Print, err: Print): Promise<0 | 1 | 2> => {
  const given = readArguments(args);
  if (given === undefined) {
    err(USAGE);
    return 2;
  }
  try {
    return await withStandingEdition(given.data, (edition) =>
      COMMANDS[given.positionals[0]](edition, keyFileOf(given.data), out),
    );
  } catch (error) {
    if (isBroken(error)) {
      err(`有内容不能重新密封，已停止，此前完成的保留：${error.message}`);
      return 1;
    }
    err(operatorFault(error));
    return 2;
  }
};

if (import.meta.main) process.exitCode = await run(process.argv.slice(2), console.log, console.error);
