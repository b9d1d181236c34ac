/**
 * `npm run -s verify -- ARCHIVE [--key FILE]...`: checks an archive offline. ARCHIVE is a folder; FILE holds a
 * published public key (JWK, JWK set or PEM).
 *
 * Exit: 0 sound; 1 not sound, each fault named by its file; 2 wrong usage, or something can't be read. Files are
 * hashed as they are read, so that memory does not grow with them. Symbolic links are refused, never followed.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import {
  type ArchiveFault,
  type ArchiveListing,
  type ArchiveSummary,
  checkListing,
  EVENTS,
  keyFingerprint,
  MANIFEST,
  type PublicKey,
  publicKeySchema,
  SIGNATURE,
} from '#domain/filing/archive.ts';

const USAGE = '用法：npm run -s verify -- 档案文件夹 [--key 公钥文件]...';

/** The most that is kept of a file that is read as a whole: ten times what the largest case needs. */
const KEPT_BYTES = new Map([
  [MANIFEST, 16 * 1024 * 1024],
  [SIGNATURE, 64 * 1024],
  [EVENTS, 64 * 1024 * 1024],
]);

/** How a document within a one-machine edition begins (`adapters/embedded/envelope.ts`). */
const SEALED = 'hardship-filing-document/';

/** Something that stands in the way of a check; the message is for the person at the terminal. */
class Unusable extends Error {}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** File names are the archive's to choose: control and formatting characters must not reach the terminal. */
const printable = (text: string) => text.replace(/\p{C}/gu, '\u{fffd}');

type Digest = { readonly bytes: number; readonly sha256: string; readonly kept?: Uint8Array };

async function digest(path: string, keepBytes: number): Promise<Digest> {
  // O_NOFOLLOW: the entry may have become a link since the folder was listed. O_NONBLOCK: or a pipe.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of handle.createReadStream()) {
    const part = z.instanceof(Buffer).parse(chunk);
    hash.update(part);
    if (bytes < keepBytes) kept.push(part);
    bytes += part.length;
  }
  return { bytes, sha256: hash.digest('hex'), ...(keepBytes > 0 && { kept: Buffer.concat(kept) }) };
}

async function readArchive(root: string): Promise<{ listing: ArchiveListing; refused: ArchiveFault[] }> {
  const files: { path: string; bytes: number; sha256: string }[] = [];
  const kept = new Map<string, Uint8Array>();
  const refused: ArchiveFault[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        folders.push(path);
      } else if (entry.isFile()) {
        const { kept: content, ...rest } = await digest(join(root, path), KEPT_BYTES.get(path) ?? 0);
        files.push({ path, ...rest });
        if (content !== undefined) kept.set(path, content);
      } else {
        const kind = entry.isSymbolicLink() ? '符号链接' : '特殊文件';
        refused.push({ path, code: 'forbidden', message: `是${kind}，档案中不得有，未予读取` });
      }
    }
  }
  if (Buffer.from(kept.get(MANIFEST) ?? []).toString('latin1', 0, SEALED.length) === SEALED) {
    throw new Unusable(
      '这是单机版数据目录中密封的档案，请先用 npm run -s take-out 调出，再核验调出的文件夹。',
    );
  }
  const listing = {
    files,
    manifest: kept.get(MANIFEST),
    signature: kept.get(SIGNATURE),
    events: kept.get(EVENTS),
  };
  return { listing, refused };
}

const keyFileSchema = z.union([
  publicKeySchema.transform((key) => [key]),
  z.object({ keys: z.array(publicKeySchema).min(1) }).transform(({ keys }) => keys),
]);

async function readKeys(path: string): Promise<readonly PublicKey[]> {
  try {
    const text = await readFile(path, 'utf8');
    const pem = text.trimStart().startsWith('-----BEGIN');
    return keyFileSchema.parse(pem ? createPublicKey(text).export({ format: 'jwk' }) : JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? '不是 Ed25519 公钥' : reason(error);
    throw new Unusable(`公钥文件无法使用：${path}（${why}）`);
  }
}

/** 2026-03-20 10:00（北京时间） from an ISO instant. */
function beijingTime(iso: string): string {
  const instant = Date.parse(iso);
  const time = new Date(instant).toLocaleTimeString('zh-CN', {
    timeZone: 'Asia/Shanghai',
    hourCycle: 'h23',
    timeStyle: 'short',
  });
  return `${beijingDate(instant)} ${time}（北京时间）`;
}

function report(
  faults: readonly ArchiveFault[],
  summary: ArchiveSummary,
  trustedKeys: readonly PublicKey[],
): string[] {
  const { keyFingerprint: fingerprint, madeAt } = summary;
  // Whoever forges a whole archive signs it with a key of their own: without a known key nothing more can be said.
  const sound =
    trustedKeys.length > 0
      ? '核验通过：档案完整，未被改动。'
      : '核验通过（公钥尚待核对）：档案完整，与其自带公钥的签名相符。';
  const lines = [
    faults.length === 0 ? sound : `核验不通过：发现${faults.length}处问题。`,
    `案件：${summary.caseId ?? '（清单无法读取）'}　档案号：${summary.fileNumber ?? '—'}`,
    `归档时间：${madeAt === undefined ? '—' : beijingTime(madeAt)}　规则版本：${summary.rulesVersion ?? '—'}`,
    `文件：${summary.files}个，共${summary.bytes}字节　办理记录：${summary.events}条`,
    `签名公钥指纹：${fingerprint ?? '（签名文件无法读取）'}`,
  ];
  if (trustedKeys.length > 0) {
    lines.push(`指定的可信公钥：${trustedKeys.map(keyFingerprint).join('、')}`);
  } else if (fingerprint !== undefined) {
    lines.push('注意：未用 --key 指定公钥，签名是用档案自带的公钥核验的。');
    lines.push('请将上述指纹与工会公布的公钥指纹核对；不一致的，档案不可信。');
  }
  return [...lines, ...faults.map(({ path, message }) => `- ${path}：${message}`)];
}

function readArguments(args: readonly string[]): { root: string; keyFiles: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { key: { type: 'string', multiple: true } },
      allowPositionals: true,
    });
    const [root, ...others] = positionals;
    if (root !== undefined && others.length === 0) return { root, keyFiles: values.key ?? [] };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new Unusable(USAGE);
}

/** The whole program: prints by `out` and `err`, returns the exit code. */
export async function run(
  args: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void,
): Promise<0 | 1 | 2> {
  try {
    const { root, keyFiles } = readArguments(args);
    const trustedKeys = (await Promise.all(keyFiles.map(readKeys))).flat();
    const { listing, refused } = await readArchive(root);
    const check = checkListing(listing, trustedKeys.length > 0 ? { trustedKeys } : {});
    const faults = [...refused, ...check.faults];
    for (const line of report(faults, check.summary, trustedKeys)) out(printable(line));
    return faults.length === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof Unusable) err(printable(error.message));
    else err(printable(`档案无法读取：${error instanceof Error ? error.message : reason(error)}`));
    return 2;
  }
}

if (import.meta.main) {
  process.exitCode = await run(process.argv.slice(2), console.log, console.error);
}
