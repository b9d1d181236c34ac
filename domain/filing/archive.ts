/**
 * The archive of a case (B-9, B-14, B-15): a set of files that anyone can check offline, in a hundred years and
 * without this system.
 *
 * | path | content |
 * |---|---|
 * | `case.json`, `decision.json` | the case and its decision |
 * | `events.jsonl` | the audit chain, one event a line, each as canonical JSON and ended by a line feed |
 * | `documents/<name>` … | the papers, byte for byte |
 * | `manifest.json` | canonical JSON: every other file with its size and SHA-256, the head of the audit chain |
 * | `manifest.sig.json` | canonical JSON: Ed25519 over the statement on `manifest.json`, the public key, a checksum |
 *
 * Canonical JSON (RFC 8785) leaves no byte without meaning, so that a changed byte anywhere is found and its file named.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import {
  type AuditEvent,
  auditEventSchema,
  canonicalJson,
  sha256,
  sha256Schema,
  textSchema,
  verifyChain,
} from './audit.ts';

export const MANIFEST = 'manifest.json';
export const SIGNATURE = 'manifest.sig.json';
export const EVENTS = 'events.jsonl';
const REQUIRED = ['case.json', 'decision.json', EVENTS] as const;

/** A path below the archive's folder: `/` between segments, none of them empty, `.` or `..`, no control characters. */
function isSafePath(path: string): boolean {
  if (!path.isWellFormed() || /[\\\p{Cc}]/u.test(path)) return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

const entrySchema = z.strictObject({
  path: z
    .string()
    .refine(isSafePath, '不是档案内的路径')
    .refine((path) => path !== MANIFEST && path !== SIGNATURE, '清单不能列入自身'),
  bytes: z.int().min(0),
  sha256: sha256Schema,
  mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]+(; ?charset=[a-z0-9-]+)?$/, '不是媒体类型'),
});

/** A file as the manifest lists it. */
export type ArchiveEntry = z.infer<typeof entrySchema>;

const manifestSchema = z.strictObject({
  format: z.literal('hardship-filing-archive'),
  version: z.literal(1),
  caseId: textSchema,
  fileNumber: textSchema,
  /** Case time, ISO 8601 in UTC. */
  madeAt: z.iso.datetime(),
  rulesVersion: textSchema,
  /** The audit chain in `events.jsonl`: how many events, and the hash of the last one. */
  chain: z.strictObject({ events: z.int().min(1), head: sha256Schema }),
  /** Every file but the manifest and its signature, in the order of their paths. */
  files: z
    .array(entrySchema)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, '同一路径列出两次')
    .refine((files) => REQUIRED.every((path) => files.some((file) => file.path === path)), '缺少必备文件'),
});

type Manifest = z.infer<typeof manifestSchema>;

/** Base64url of so many bytes, without padding and without stray bits: text and bytes belong one to one. */
const base64url = (bytes: number) =>
  z.string().refine((text) => {
    const decoded = Buffer.from(text, 'base64url');
    return decoded.length === bytes && decoded.toString('base64url') === text;
  }, `不是${bytes}字节的 base64url`);

/** An Ed25519 public key as a JWK (RFC 8037). Other members, as `kid` or `use`, are left aside. */
export const publicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: base64url(32),
});

export type PublicKey = z.infer<typeof publicKeySchema>;

const signatureSchema = z.strictObject({
  keyId: textSchema,
  algorithm: z.literal('Ed25519'),
  publicKey: publicKeySchema.strict(),
  signature: base64url(64),
  /**
   * SHA-256 over the canonical JSON of the other members. It proves nothing against a forger; it tells a damaged
   * signature file from a damaged manifest, and covers `keyId`, which no signature does.
   */
  checksum: sha256Schema,
});

type SignatureFile = z.infer<typeof signatureSchema>;

/** The key's RFC 7638 thumbprint (SHA-256, base64url): what a union publishes and a reader compares. */
export function keyFingerprint({ kty, crv, x }: PublicKey): string {
  return createHash('sha256').update(canonicalJson({ kty, crv, x })).digest('base64url');
}

// ---------------------------------------------------------------- making

/** The manifest's line for a file. */
export function describeFile(path: string, content: Uint8Array, mediaType: string): ArchiveEntry {
  return { path, bytes: content.length, sha256: sha256(content), mediaType };
}

/** The bytes of `events.jsonl`. */
export function encodeEvents(events: readonly AuditEvent[]): Uint8Array {
  return Buffer.from(events.map((event) => `${canonicalJson(event)}\n`).join(''));
}

/**
 * The exact bytes of `manifest.json`. `head` is the last event of the chain in
 * `events.jsonl`; `madeAt` is case time, ISO in UTC. Error: zod's, where a required file is missing, a path is
 * listed twice or leads outside.
 */
export function buildManifest(input: {
  readonly caseId: string;
  readonly fileNumber: string;
  readonly madeAt: string;
  readonly rulesVersion: string;
  readonly head: AuditEvent;
  readonly files: readonly ArchiveEntry[];
}): Uint8Array {
  const { head, files, ...rest } = input;
  const manifest = manifestSchema.parse({
    format: 'hardship-filing-archive',
    version: 1,
    ...rest,
    chain: { events: head.sequence, head: head.hash },
    files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  });
  return Buffer.from(canonicalJson(manifest));
}

/**
 * What is signed: one line on the exact bytes of `manifest.json`, that names what it is about. The bytes themselves
 * would be too many for a key that never leaves its module: KMS signs 4096 of them, a manifest of thirty papers has more.
 */
export function signedStatement(manifest: Uint8Array): Uint8Array {
  return Buffer.from(`hardship-filing-archive/1 ${MANIFEST} sha256:${sha256(manifest)}\n`);
}

/** The bytes of `manifest.sig.json` from what the vault returned for the statement. */
export function encodeSignature(signed: {
  readonly keyId: string;
  readonly algorithm: 'Ed25519';
  readonly publicKey: unknown;
  readonly signature: string;
}): Uint8Array {
  const { keyId, algorithm, signature } = signed;
  const content = { keyId, algorithm, publicKey: publicKeySchema.parse(signed.publicKey), signature };
  return Buffer.from(
    canonicalJson(signatureSchema.parse({ ...content, checksum: sha256(canonicalJson(content)) })),
  );
}

// ---------------------------------------------------------------- checking

export type ArchiveFault = {
  readonly path: string;
  readonly code:
    | 'missing'
    | 'unexpected'
    /** Bytes differ from what the manifest, the signature or the checksum says. */
    | 'changed'
    /** No JSON of the expected shape in canonical form. */
    | 'malformed'
    | 'chain'
    | 'untrusted-key'
    /** Neither file nor folder, or a symbolic link: nothing that an archive holds. */
    | 'forbidden';
  readonly message: string;
};

/** What could be read of an archive, sound or not. */
export type ArchiveSummary = {
  readonly caseId?: string;
  readonly fileNumber?: string;
  readonly madeAt?: string;
  readonly rulesVersion?: string;
  /** Files found, manifest and signature included. */
  readonly files: number;
  readonly bytes: number;
  /** Events read from the chain. */
  readonly events: number;
  readonly keyId?: string;
  readonly keyFingerprint?: string;
};

export type ArchiveCheck = {
  readonly ok: boolean;
  readonly faults: readonly ArchiveFault[];
  readonly summary: ArchiveSummary;
};

/** An archive as the check needs it: each file's digest, and the three files that are read. */
export type ArchiveListing = {
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly manifest?: Uint8Array | undefined;
  readonly signature?: Uint8Array | undefined;
  readonly events?: Uint8Array | undefined;
};

export type TrustOptions = {
  /** The keys that may have signed. Left out: the key in the archive is taken, and its fingerprint is for a person to compare. */
  readonly trustedKeys?: readonly PublicKey[];
};

/** Parses canonical JSON; undefined for anything else: bad UTF-8, another shape, blanks, doubled or unsorted keys. */
function parseCanonical<T extends Parameters<typeof canonicalJson>[0]>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
): T | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = schema.safeParse(JSON.parse(text)).data;
    return value !== undefined && canonicalJson(value) === text ? value : undefined;
  } catch (error) {
    // SyntaxError: no JSON; TypeError: no UTF-8; RangeError: nested without end. Anything else is ours.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
      return undefined;
    throw error;
  }
}

function checkSignatureFile(bytes: Uint8Array): SignatureFile | ArchiveFault {
  const file = parseCanonical(bytes, signatureSchema);
  if (file === undefined) {
    return { path: SIGNATURE, code: 'malformed', message: '签名文件格式不符，已被改动或损坏' };
  }
  const { checksum, ...content } = file;
  if (checksum !== sha256(canonicalJson(content))) {
    return { path: SIGNATURE, code: 'changed', message: '签名文件与其校验值不符，已被改动或损坏' };
  }
  return file;
}

function isSignedBy(manifest: Uint8Array, file: SignatureFile): boolean {
  const key = createPublicKey({ key: file.publicKey, format: 'jwk' });
  return verify(null, signedStatement(manifest), key, Buffer.from(file.signature, 'base64url'));
}

/** Every listed file is there with its bytes, and nothing else is. `sound`: the list itself is signed. */
function compareFiles(
  manifest: Manifest,
  sound: boolean,
  files: ReadonlyMap<string, { readonly bytes: number; readonly sha256: string }>,
): ArchiveFault[] {
  const faults: ArchiveFault[] = [];
  const listed = new Map(manifest.files.map((entry) => [entry.path, entry]));
  const homes = new Map(manifest.files.map((entry) => [entry.sha256, entry.path]));
  const doubt = sound ? '' : '；清单的真实性也未能确认';
  const origin = (path: string, hash: string): string => {
    const home = homes.get(hash);
    return home === undefined || home === path ? '' : `，其内容是清单所列 ${home} 的内容`;
  };
  for (const entry of manifest.files) {
    const file = files.get(entry.path);
    if (file === undefined) {
      faults.push({ path: entry.path, code: 'missing', message: `清单所列文件缺失${doubt}` });
    } else if (file.bytes !== entry.bytes || file.sha256 !== entry.sha256) {
      const size = file.bytes === entry.bytes ? '' : `，应为${entry.bytes}字节，实为${file.bytes}字节`;
      faults.push({
        path: entry.path,
        code: 'changed',
        message: `内容与清单不符，已被改动${size}${origin(entry.path, file.sha256)}${doubt}`,
      });
    }
  }
  for (const [path, file] of files) {
    if (path === MANIFEST || path === SIGNATURE || listed.has(path)) continue;
    faults.push({
      path,
      code: 'unexpected',
      message: `清单未列此文件，系后来加入或改名${origin(path, file.sha256)}${doubt}`,
    });
  }
  return faults;
}

/** The events that could be read, and what is wrong with them. */
function checkEvents(
  bytes: Uint8Array,
  manifest: Manifest | undefined,
): { readonly count: number; readonly faults: readonly ArchiveFault[] } {
  const fault = (code: 'malformed' | 'chain', message: string): ArchiveFault => ({
    path: EVENTS,
    code,
    message,
  });
  const events: AuditEvent[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    const event = end < 0 ? undefined : parseCanonical(bytes.subarray(from, end), auditEventSchema);
    if (event === undefined) {
      const message = `第${events.length + 1}行不是完整的办理记录，已被改动或截断`;
      return { count: events.length, faults: [fault('malformed', message)] };
    }
    events.push(event);
    from = end + 1;
  }
  const faults = verifyChain(events, manifest?.caseId).map(({ message }) => fault('chain', message));
  if (manifest !== undefined) {
    const { chain } = manifest;
    if (events.length !== chain.events) {
      faults.push(fault('chain', `清单载明办理记录${chain.events}条，实有${events.length}条`));
    } else if (events.at(-1)?.hash !== chain.head) {
      faults.push(fault('chain', '办理记录的链头与清单所载不符'));
    }
  }
  return { count: events.length, faults };
}

/**
 * Checks an archive by its listing, for callers who don't hold all files in memory. Every fault names a file; no
 * input makes it throw.
 */
export function checkListing(listing: ArchiveListing, options: TrustOptions = {}): ArchiveCheck {
  const faults: ArchiveFault[] = [];

  let signature: SignatureFile | undefined;
  if (listing.signature === undefined) {
    faults.push({ path: SIGNATURE, code: 'missing', message: '签名文件缺失' });
  } else {
    const result = checkSignatureFile(listing.signature);
    if ('checksum' in result) signature = result;
    else faults.push(result);
  }
  const fingerprint = signature && keyFingerprint(signature.publicKey);
  if (
    fingerprint !== undefined &&
    options.trustedKeys !== undefined &&
    !options.trustedKeys.some((key) => keyFingerprint(key) === fingerprint)
  ) {
    faults.push({ path: SIGNATURE, code: 'untrusted-key', message: '签名所用的公钥不是指定的可信公钥' });
  }

  let manifest: Manifest | undefined;
  let signed = false;
  if (listing.manifest === undefined) {
    faults.push({ path: MANIFEST, code: 'missing', message: '清单缺失' });
  } else {
    manifest = parseCanonical(listing.manifest, manifestSchema);
    signed = signature !== undefined && isSignedBy(listing.manifest, signature);
    if (signature !== undefined && !signed) {
      const message = `清单与签名不符：清单已被改动，或 ${SIGNATURE} 不是这份清单的签名`;
      faults.push({ path: MANIFEST, code: 'changed', message });
    } else if (manifest === undefined) {
      faults.push({ path: MANIFEST, code: 'malformed', message: '清单格式不符，已被改动或损坏' });
    }
  }

  if (manifest !== undefined) {
    const files = new Map(listing.files.map((file) => [file.path, file]));
    faults.push(...compareFiles(manifest, signed, files));
  }

  let events = 0;
  if (listing.events !== undefined) {
    const result = checkEvents(listing.events, manifest);
    events = result.count;
    faults.push(...result.faults);
  }

  return {
    ok: faults.length === 0,
    faults,
    summary: {
      ...(manifest !== undefined && {
        caseId: manifest.caseId,
        fileNumber: manifest.fileNumber,
        madeAt: manifest.madeAt,
        rulesVersion: manifest.rulesVersion,
      }),
      files: listing.files.length,
      bytes: listing.files.reduce((sum, file) => sum + file.bytes, 0),
      events,
      ...(signature !== undefined &&
        fingerprint !== undefined && {
          keyId: signature.keyId,
          keyFingerprint: fingerprint,
        }),
    },
  };
}

/** Checks an archive held in memory: path → bytes. Every fault names a file; no input makes it throw. */
export function checkArchive(
  files: ReadonlyMap<string, Uint8Array>,
  options: TrustOptions = {},
): ArchiveCheck {
  return checkListing(
    {
      files: [...files].map(([path, content]) => ({ path, bytes: content.length, sha256: sha256(content) })),
      manifest: files.get(MANIFEST),
      signature: files.get(SIGNATURE),
      events: files.get(EVENTS),
    },
    options,
  );
}
