/**
 * Checks a bundle offline, with its key: the manifest and its parts and counts, every audit chain, every document, every
 * archive by its own manifest and signature.
 */
import { readdir } from 'node:fs/promises';
import * as z from 'zod';
import {
  MANIFEST as ARCHIVE_MANIFEST,
  type ArchiveListing,
  checkListing,
  EVENTS,
  SIGNATURE,
} from '#domain/filing/archive.ts';
import { type AuditEvent, auditEventSchema, verifyChain } from '#domain/filing/audit.ts';
import { caseSchema } from '#domain/filing/case.ts';
import type { DocumentHead } from '#functions/shared/ports.ts';
import {
  addHead,
  type Chained,
  chainedOf,
  checkKey,
  documentParts,
  itemParts,
  knownKind,
  type Manifest,
  NO_HEADS,
  readContent,
  readManifest,
  readPart,
} from './bundle.ts';
import { TransferFault } from './fault.ts';
import type { TransferKey } from './key.ts';
import type { Parcel } from './rekey.ts';

export type BundleFault = { readonly code: string; readonly message: string };

export type BundleCheck = {
  readonly faults: readonly BundleFault[];
  readonly manifest: Manifest;
  /** The SHA-256 of the manifest: the bundle's name. */
  readonly id: string;
  readonly cases: number;
  readonly archives: number;
  /** Fingerprints of the keys that signed the archives. */
  readonly signers: readonly string[];
};

/** What is found in a bundle beside what its manifest says, kept while it is read. */
class Findings {
  readonly faults: BundleFault[] = [];
  readonly counts = new Map<string, number>();
  heads = NO_HEADS;
  cases = 0;
  documents = 0;
  documentBytes = 0;
  archives = 0;
  readonly signers = new Set<string>();

  add(code: string, message: string): void {
    this.faults.push({ code, message });
  }

  /** Runs what may meet a fault of the bundle; that one is noted, and the check goes on elsewhere. */
  async note(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof TransferFault)) throw error;
      this.add(error.code, error.message);
    }
  }
}

/** What is wrong with a record and its chain; none where both are sound. */
export const chainFaults = ({ chain, audit }: Chained, events: readonly AuditEvent[]): readonly string[] => {
  const faults = verifyChain(events, chain).map(({ message }) => message);
  if (faults.length > 0) return faults;
  const last = events.at(-1);
  const whole = last !== undefined && last.sequence === audit.sequence && last.hash === audit.hash;
  return whole ? [] : ['末条记录与链头不符'];
};

/** One case or person with its events, as they come one after another. */
class ChainGroup {
  readonly pk: string;
  chained: Chained | undefined;
  readonly events: AuditEvent[] = [];

  constructor(pk: string) {
    this.pk = pk;
  }
}

const closeGroup = (found: Findings, group: ChainGroup | undefined): void => {
  if (group === undefined) return;
  const { chained, events, pk } = group;
  if (chained === undefined) {
    if (events.length > 0) found.add('chain', `${pk} 有记录链而没有链头`);
    return;
  }
  found.heads = addHead(found.heads, chained);
  for (const fault of chainFaults(chained, events)) found.add('chain', `${pk}：${fault}`);
};

const checkParcel = async (
  { folder, key, found }: Check,
  group: ChainGroup,
  { item }: Parcel,
): Promise<void> => {
  const kind = knownKind(item);
  found.counts.set(kind, (found.counts.get(kind) ?? 0) + 1);
  if (kind === 'event' || kind === 'personEvent') {
    const event = auditEventSchema.safeParse(item.data);
    if (event.success) group.events.push(event.data);
    else found.add('chain', `${item.pk} 的 ${item.sk} 不是记录`);
  }
  try {
    group.chained ??= chainedOf(kind, item);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    found.add('bundle-malformed', `${item.pk} 的 ${item.sk} 不是本程序的记录`);
    return;
  }
  if (kind !== 'case') return;
  found.cases += 1;
  const { archive } = caseSchema.parse(item.data);
  // What a filed case says of its archive is in the bundle; whether that archive is sound shows with the documents.
  if (archive !== null)
    await found.note(async () => void (await readContent(folder, key, { sha256: archive.manifestSha256 })));
};

type Check = {
  readonly folder: string;
  readonly key: TransferKey;
  readonly manifest: Manifest;
  readonly found: Findings;
};

const checkItems = async (check: Check): Promise<void> => {
  const { folder, manifest, found } = check;
  let group: ChainGroup | undefined;
  for await (const { parcels } of itemParts(folder, manifest)) {
    for (const parcel of parcels) {
      if (parcel.item.pk !== group?.pk) {
        closeGroup(found, group);
        group = new ChainGroup(parcel.item.pk);
      }
      await checkParcel(check, group, parcel);
    }
  }
  closeGroup(found, group);
  const kinds = new Set([...Object.keys(manifest.counts), ...found.counts.keys()]);
  for (const kind of kinds) {
    const [wanted, real] = [manifest.counts[kind] ?? 0, found.counts.get(kind) ?? 0];
    if (wanted !== real) found.add('counts', `${kind}：清单载明${wanted}条，实有${real}条`);
  }
  if (found.heads !== manifest.heads) found.add('heads', '全部链头与清单所载不符');
};

// ---------------------------------------------------------------- documents and archives

/** `archive/<case>/<state of its chain>/`: the folder of one archive; undefined for what lies in none. */
const archiveOf = (key: string): string | undefined => /^archive\/[^/]+\/[^/]+\//.exec(key)?.[0];

class Archive {
  readonly prefix: string;
  readonly files: { path: string; bytes: number; sha256: string }[] = [];
  readonly read = new Map<string, Uint8Array>();

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  add({ key, bytes, sha256: hash }: DocumentHead, content: Uint8Array): void {
    const path = key.slice(this.prefix.length);
    this.files.push({ path, bytes, sha256: hash });
    if ([ARCHIVE_MANIFEST, SIGNATURE, EVENTS].includes(path)) this.read.set(path, content);
  }

  listing(): ArchiveListing {
    return {
      files: this.files,
      manifest: this.read.get(ARCHIVE_MANIFEST),
      signature: this.read.get(SIGNATURE),
      events: this.read.get(EVENTS),
    };
  }
}

const closeArchive = (found: Findings, archive: Archive | undefined): void => {
  // Without a signature it is what an attempt has left half done, which is no archive.
  if (archive === undefined || !archive.read.has(SIGNATURE)) return;
  found.archives += 1;
  const { faults, summary } = checkListing(archive.listing());
  if (summary.keyFingerprint !== undefined) found.signers.add(summary.keyFingerprint);
  for (const { path, message } of faults) found.add('archive', `${archive.prefix}${path}：${message}`);
};

const checkDocuments = async ({ folder, key, manifest, found }: Check): Promise<void> => {
  let archive: Archive | undefined;
  for await (const { documents } of documentParts(folder, manifest)) {
    for (const head of documents) {
      found.documents += 1;
      found.documentBytes += head.bytes;
      const prefix = archiveOf(head.key);
      if (prefix !== archive?.prefix) {
        closeArchive(found, archive);
        archive = prefix === undefined ? undefined : new Archive(prefix);
      }
      await found.note(async () => {
        const content = await readContent(folder, key, head);
        archive?.add(head, content);
      });
    }
  }
  closeArchive(found, archive);
  const { count, bytes } = manifest.documents;
  if (count !== found.documents || bytes !== found.documentBytes) {
    found.add(
      'counts',
      `文件：清单载明${count}份${bytes}字节，实有${found.documents}份${found.documentBytes}字节`,
    );
  }
};

const UNEXPECTED = /^(items|documents)-.*\.jsonl$/;

const checkParts = async (folder: string, manifest: Manifest, found: Findings): Promise<void> => {
  for (const part of manifest.parts) await found.note(async () => void (await readPart(folder, part)));
  const listed = new Set(manifest.parts.map(({ path }) => path));
  for (const name of await readdir(folder)) {
    if (UNEXPECTED.test(name) && !listed.has(name)) found.add('unexpected', `${name} 不在清单中`);
  }
};

/**
 * Checks the bundle in a folder; every fault of its content is in the result. Faults that leave nothing to check are
 * thrown: no manifest, another format or version, `wrong-key`.
 */
export const verifyBundle = async (folder: string, key: TransferKey): Promise<BundleCheck> => {
  const { manifest, id } = await readManifest(folder);
  const found = new Findings();
  checkKey(manifest, key);
  await checkParts(folder, manifest, found);
  // What is damaged has been named; what follows would only say it again.
  if (found.faults.length === 0) {
    const check = { folder, key, manifest, found };
    await found.note(() => checkItems(check));
    await found.note(() => checkDocuments(check));
  }
  return {
    faults: found.faults,
    manifest,
    id,
    cases: found.cases,
    archives: found.archives,
    signers: [...found.signers].sort(),
  };
};
