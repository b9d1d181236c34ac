/**
 * A bundle: everything of an edition in one folder, for another edition or as a copy.
 *
 * | path | content |
 * |---|---|
 * | `items-0001.jsonl` … | the items, one a line, canonical JSON; personal fields under the transfer key |
 * | `documents-0001.jsonl` … | what is known of each document, in the order of the keys |
 * | `documents/<xx>/<address>` | the documents' content under the transfer key, by a keyed hash, `xx` its first two characters |
 * | `settings/parameters.json` | local standards as they stand |
 * | `manifest.json` | canonical JSON: counts, every part with its SHA-256, a digest of all audit heads; authenticated |
 * | `progress.json` | while the bundle is being made |
 *
 * It holds no time of its making: the same edition under the same key gives the same bytes.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { canonicalJson, sha256, sha256Schema } from '#domain/filing/audit.ts';
import { type Case, caseSchema } from '#domain/filing/case.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { VaultRefused } from '#functions/shared/errors.ts';
import { type ItemKind, kindOf } from '#functions/shared/item-kinds.ts';
import { chainOfPerson, parsePerson } from '#functions/shared/people-store.ts';
import { type DocumentHead, INDEXES, type Item } from '#functions/shared/ports.ts';
import { failedWith, TransferFault } from './fault.ts';
import { parseJson, type TransferKey } from './key.ts';
import { holderSchema, type Parcel } from './rekey.ts';

export const MANIFEST = 'manifest.json';
export const PROGRESS = 'progress.json';
export const PARAMETERS = 'settings/parameters.json';

const FORMAT = 'hardship-filing-transfer';
const VERSION = 1;

// ---------------------------------------------------------------- lines

const keySchema = z.strictObject({ pk: z.string().min(1), sk: z.string().min(1) });
const itemSchema = z.strictObject({
  ...keySchema.shape,
  version: z.int().min(1),
  schema: z.int().min(1),
  data: jsonObjectSchema,
  index: z.partialRecord(z.enum(INDEXES), keySchema).exactOptional(),
  expiresAt: z.int().exactOptional(),
});
const parcelSchema = z.strictObject({ item: itemSchema, holder: holderSchema.exactOptional() });

const documentSchema = z.strictObject({
  key: z.string(),
  bytes: z.int().min(0),
  contentType: z.string(),
  sha256: sha256Schema,
  legalHold: z.boolean(),
  retainUntil: z.iso.date().exactOptional(),
});

export const itemText = (item: Item): string => canonicalJson(item);
export const parcelLine = (parcel: Parcel): string => `${canonicalJson(parcel)}\n`;
export const documentLine = (head: DocumentHead): string => `${canonicalJson(head)}\n`;

/** Where the content of this SHA-256 lies. */
export const contentPath = (key: TransferKey, contentSha256: string): string => {
  const address = key.addressOf(contentSha256);
  return `documents/${address.slice(0, 2)}/${address}`;
};

/** The kind of an item that must have one. Fault: `unknown-item`. */
export const knownKind = (item: Item): ItemKind => {
  const kind = kindOf(item);
  if (kind !== undefined) return kind;
  const [family = ''] = item.pk.split('#');
  throw new TransferFault('unknown-item', 2, `有本程序不认识的数据（${family}），请使用同版本的程序迁移。`);
};

// ---------------------------------------------------------------- audit chains

/** A record with an audit chain: the chain's name and its head. */
export type Chained = { readonly chain: string; readonly audit: Case['audit'] };

/** The chain that a record is the head of, by its kind; undefined where it is no such record. */
export const chainedOf = (kind: ItemKind, item: Item): Chained | undefined => {
  if (kind === 'case') {
    const { caseId, audit } = caseSchema.parse(item.data);
    return { chain: caseId, audit };
  }
  if (kind !== 'person') return undefined;
  const { subject, audit } = parsePerson(item);
  return { chain: chainOfPerson(subject), audit };
};

// ---------------------------------------------------------------- the digest of all audit heads

const MODULUS = 1n << 256n;
/** The digest of no heads. */
export const NO_HEADS = '0'.repeat(64);

/**
 * The digest of some heads and one more: the sum, modulo 2^256, of their SHA-256. It doesn't depend on the order, which is
 * each store's own, so that two editions with the same chains show the same digest.
 */
export const addHead = (digest: string, { chain, audit }: Chained): string => {
  const head = BigInt(`0x${sha256(canonicalJson({ chain, ...audit }))}`);
  return ((BigInt(`0x${digest}`) + head) % MODULUS).toString(16).padStart(64, '0');
};

// ---------------------------------------------------------------- manifest

const countsSchema = z.record(z.string(), z.int().min(0));

const partSchema = z.strictObject({
  path: z.string().regex(/^(items|documents)-\d{4,}\.jsonl$|^settings\/parameters\.json$/),
  kind: z.enum(['items', 'documents', 'settings']),
  lines: z.int().min(0),
  bytes: z.int().min(0),
  sha256: sha256Schema,
});
export type Part = z.infer<typeof partSchema>;

/** What is known of the content, in full or so far. */
export const contentSchema = z.strictObject({
  source: z.enum(['embedded', 'cloud']),
  /** The fingerprint of the transfer key. */
  key: z.string(),
  /** Items by kind. */
  counts: countsSchema,
  /** Items that stay behind, by kind. */
  left: countsSchema,
  heads: sha256Schema,
  documents: z.strictObject({ count: z.int().min(0), bytes: z.int().min(0) }),
  parts: z.array(partSchema),
});
export type Content = z.infer<typeof contentSchema>;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  ...contentSchema.shape,
  mac: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The bytes of `manifest.json`. */
export const encodeManifest = (content: Content, key: TransferKey): Uint8Array => {
  const manifest = { format: FORMAT, version: VERSION, ...content };
  return Buffer.from(canonicalJson({ ...manifest, mac: key.authenticate(canonicalJson(manifest)) }));
};

const readBundleFile = async (folder: string, path: string): Promise<Uint8Array> => {
  try {
    return await readFile(join(folder, path));
  } catch (error) {
    if (failedWith(error, 'ENOENT')) {
      throw new TransferFault('bundle-incomplete', 1, `迁移包中缺少 ${path}。`);
    }
    throw error;
  }
};

const versionSchema = z.looseObject({ format: z.literal(FORMAT), version: z.int() });

/**
 * The manifest of a bundle and its own SHA-256, which names the bundle. Faults: `bundle-incomplete`, `foreign-format`,
 * `foreign-version`, `bundle-malformed`.
 */
export const readManifest = async (folder: string): Promise<{ manifest: Manifest; id: string }> => {
  const bytes = await readBundleFile(folder, MANIFEST);
  const text = Buffer.from(bytes).toString('utf8');
  const json = parseJson(text);
  const version = versionSchema.safeParse(json);
  if (json !== undefined && !version.success) {
    throw new TransferFault('foreign-format', 2, `${MANIFEST} 不是迁移包的清单。`);
  }
  if (version.success && version.data.version !== VERSION) {
    const { version: found } = version.data;
    throw new TransferFault('foreign-version', 2, `迁移包的格式版本为${found}，本程序只认版本${VERSION}。`);
  }
  const manifest = manifestSchema.safeParse(json);
  if (!manifest.success || canonicalJson(manifest.data) !== text) {
    throw new TransferFault('bundle-malformed', 1, `${MANIFEST} 已被改动或损坏。`);
  }
  return { manifest: manifest.data, id: sha256(bytes) };
};

/** Faults: `wrong-key`, `bundle-changed`. */
export const checkKey = (manifest: Manifest, key: TransferKey): void => {
  if (manifest.key !== key.fingerprint) {
    throw new TransferFault('wrong-key', 2, '迁移密钥不是这个迁移包的密钥。');
  }
  const { mac, ...rest } = manifest;
  if (mac !== key.authenticate(canonicalJson(rest))) {
    throw new TransferFault('bundle-changed', 1, `${MANIFEST} 已被改动：与迁移密钥的认证不符。`);
  }
};

// ---------------------------------------------------------------- reading parts

const changed = (path: string, why: string): TransferFault =>
  new TransferFault('bundle-changed', 1, `${path} ${why}`);

/** The bytes of a part, which are what the manifest says. Faults: `bundle-incomplete`, `bundle-changed`. */
export const readPart = async (folder: string, part: Part): Promise<Uint8Array> => {
  const bytes = await readBundleFile(folder, part.path);
  if (bytes.length !== part.bytes) {
    throw changed(part.path, `大小与清单不符：应为${part.bytes}字节，实为${bytes.length}字节。`);
  }
  if (sha256(bytes) !== part.sha256) throw changed(part.path, '的内容与清单不符，已被改动或损坏。');
  return bytes;
};

const linesOf = async <T>(folder: string, part: Part, schema: z.ZodType<T>): Promise<readonly T[]> => {
  const text = Buffer.from(await readPart(folder, part)).toString('utf8');
  const lines = text.split('\n').slice(0, -1);
  const parsed = lines.flatMap((line) => {
    const value = schema.safeParse(parseJson(line));
    return value.success ? [value.data] : [];
  });
  if (parsed.length !== part.lines) throw changed(part.path, '含有无法识别的行。');
  return parsed;
};

const partsOf = (parts: readonly Part[], kind: Part['kind']): readonly Part[] =>
  parts.filter((part) => part.kind === kind);

/** A part's parcels, with the number of lines in the parts before. */
export async function* itemParts(
  folder: string,
  { parts }: Pick<Manifest, 'parts'>,
  from = 0,
): AsyncGenerator<{ readonly start: number; readonly parcels: readonly Parcel[] }> {
  yield* batches(folder, partsOf(parts, 'items'), parcelSchema, from, (start, parcels) => ({
    start,
    parcels,
  }));
}

/** A part's documents, with the number of lines in the parts before. */
export async function* documentParts(
  folder: string,
  { parts }: Pick<Manifest, 'parts'>,
  from = 0,
): AsyncGenerator<{ readonly start: number; readonly documents: readonly DocumentHead[] }> {
  yield* batches(folder, partsOf(parts, 'documents'), documentSchema, from, (start, documents) => ({
    start,
    documents,
  }));
}

/** What stands behind the first `from` lines, part by part. */
async function* batches<T, Batch>(
  folder: string,
  parts: readonly Part[],
  schema: z.ZodType<T>,
  from: number,
  batch: (start: number, lines: readonly T[]) => Batch,
): AsyncGenerator<Batch> {
  let start = 0;
  for (const part of parts) {
    const end = start + part.lines;
    if (end > from) {
      const skip = Math.max(0, from - start);
      yield batch(start + skip, (await linesOf(folder, part, schema)).slice(skip));
    }
    start = end;
  }
}

/**
 * A document's content, opened, of this size where one is given. Faults: `bundle-incomplete`, `bundle-changed` where it isn't
 * there or not itself.
 */
export const readContent = async (
  folder: string,
  key: TransferKey,
  { sha256: hash, bytes }: { readonly sha256: string; readonly bytes?: number },
): Promise<Uint8Array> => {
  const path = contentPath(key, hash);
  const sealed = await readBundleFile(folder, path);
  let content: Uint8Array;
  try {
    content = key.openDocument(sealed, hash);
  } catch (error) {
    if (!(error instanceof VaultRefused)) throw error;
    throw changed(path, '已被改动或损坏。');
  }
  if (content.length !== (bytes ?? content.length) || sha256(content) !== hash) {
    throw changed(path, '的内容与登记的 SHA-256 或大小不符。');
  }
  return content;
};

export const readParameters = (folder: string): Promise<Uint8Array> => readBundleFile(folder, PARAMETERS);

// ---------------------------------------------------------------- many at once

/** Runs over the values, at most `limit` at once; the results in their order. */
export const mapLimited = async <T, R>(
  values: readonly T[],
  limit: number,
  run: (value: T) => Promise<R>,
): Promise<readonly R[]> => {
  const results: R[] = [];
  const entries = values.entries();
  const worker = async (): Promise<void> => {
    for (const [at, value] of entries) results[at] = await run(value);
  };
  await Promise.all(Array.from({ length: Math.min(limit, values.length) }, worker));
  return results;
};
