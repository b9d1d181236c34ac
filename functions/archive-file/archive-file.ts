/**
 * Archives an established file (B-9, B-14, B-15): the papers, the case, the decision with all that went into it, the
 * audit chain, a manifest over everything and its signature. Each step writes the same bytes when it is repeated;
 * the signature comes last but for the case itself, so an archive without one is an archive that isn't finished.
 */
import * as z from 'zod';
import {
  type ArchiveEntry,
  buildManifest,
  describeFile,
  EVENTS,
  encodeEvents,
  encodeSignature,
  MANIFEST,
  SIGNATURE,
  signedStatement,
} from '#domain/filing/archive.ts';
import { type AuditEvent, canonicalJson, sha256 } from '#domain/filing/audit.ts';
import { type Case, moved } from '#domain/filing/case.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { type CasePorts, changeCase, readEvents, systemActor } from '#functions/shared/case-store.ts';
import { readResults } from '#functions/shared/check-store.ts';
import { type CaseDocument, receivedDocuments } from '#functions/shared/document-store.ts';
import { DocumentExists } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { getNotice, readObjections } from '#functions/shared/notice-store.ts';
import { readAll } from '#functions/shared/pages.ts';
import type { DocumentStore, JsonObject, Ports } from '#functions/shared/ports.ts';
import {
  requireCurrent,
  type WorkflowPayload,
  workflowPayloadSchema,
} from '#functions/shared/workflow-payload.ts';

type Needs = CasePorts & Pick<Ports, 'documents' | 'vault'>;

const EXTENSIONS = { 'application/pdf': 'pdf', 'image/jpeg': 'jpg', 'image/png': 'png' } as const;

const json = (value: JsonObject): Uint8Array => Buffer.from(canonicalJson(value));

/** Puts a file that may be there from an earlier attempt: the same bytes are fine, others are a fault. */
const putOnce = async (
  documents: DocumentStore,
  key: string,
  content: Uint8Array,
  contentType: string,
): Promise<void> => {
  const hash = sha256(content);
  try {
    await documents.put(key, content, { contentType, sha256: hash, onlyIfAbsent: true });
  } catch (error) {
    if (!(error instanceof DocumentExists)) throw error;
    if ((await documents.head(key))?.sha256 !== hash) throw error;
  }
  await documents.setLegalHold(key, true);
};

/** The stage is set first, with an event of its own: from then on nothing changes the case but this function. */
const beginArchiving = (ports: Needs, payload: WorkflowPayload): Promise<Case> =>
  changeCase(ports, payload.caseId, (current) => {
    if (current.stage === 'filed') return null;
    requireCurrent(current, payload);
    if (current.stage === 'archiving') return null;
    return {
      next: moved(current, 'archiving'),
      event: {
        type: 'archiving',
        actor: systemActor('archive-file'),
        data: { fileNumber: current.file?.number ?? null },
      },
    };
  });

const documentName = (document: CaseDocument): string =>
  `documents/${document.paper}-${document.documentId}.${EXTENSIONS[document.contentType]}`;

const storedAssessmentSchema = z.looseObject({ parameters: jsonObjectSchema });
const assessedBySchema = z.object({ assessment: z.object({ rules: z.object({ version: z.string() }) }) });

/** The rules by which the deciding assessment was made: by the time of the archive others may be in force. */
const rulesVersionOf = async (ports: Needs, { caseId, determination }: Case): Promise<string> => {
  if (determination === null) throw new Error(`case ${caseId} is archived without a determination`);
  const item = await ports.items.get(keys.assessment(caseId, determination.assessment));
  return assessedBySchema.parse(item?.data).assessment.rules.version;
};

/** The decision and everything that it was reckoned from: each set of parameters once. */
const decisionOf = async (ports: Needs, record: Case): Promise<JsonObject> => {
  const items = await readAll(ports.items, {
    pk: keys.case(record.caseId).pk,
    sk: { prefix: 'ASSESSMENT#' },
  });
  const stored = items.map(({ data }) => storedAssessmentSchema.parse(data));
  const sets = new Map(stored.map(({ parameters }) => [canonicalJson(parameters), parameters]));
  return jsonObjectSchema.parse({
    determination: record.determination,
    opinions: record.opinions,
    meeting: record.meeting,
    assessments: stored.map(({ parameters: _, ...assessment }) => assessment),
    parameters: [...sets.values()],
  });
};

/** B-9: the proof of the public notice belongs to the original file. */
const noticeOf = async (ports: Needs, { notice }: Case): Promise<JsonObject> =>
  notice === null
    ? { notice: null, objections: [] }
    : {
        notice: (await getNotice(ports.items, notice.noticeId)).notice,
        objections: await readObjections(ports.items, notice.noticeId),
      };

/** What was asked of the registers and everything that they answered. */
const crossCheckOf = async (ports: Needs, { crossCheck }: Case): Promise<JsonObject> => ({
  crossCheck,
  results: crossCheck === null ? [] : [...(await readResults(ports.items, crossCheck.requestId))],
});

const lettersOf = async (ports: Needs, { caseId }: Case): Promise<JsonObject> => ({
  letters: (await readAll(ports.items, { pk: keys.case(caseId).pk, sk: { prefix: 'LETTER#' } })).map(
    ({ data }) => data,
  ),
});

export const archiveFile = async (ports: Needs, input: unknown): Promise<JsonObject> => {
  const payload = workflowPayloadSchema.parse(input);
  const record = await beginArchiving(ports, payload);
  if (record.stage === 'filed') return { outcome: 'filed' };
  if (record.file === null) throw new Error(`case ${record.caseId} is to be archived without a file number`);

  const events = await readEvents(ports.items, record.caseId);
  const head: AuditEvent | undefined = events.at(-1);
  if (head === undefined) throw new Error(`case ${record.caseId} has no events`);
  // A folder of its own for each state of the chain: what an attempt left half done before a fault and a resumption,
  // which are events themselves, stands in nobody's way. It has no signature, so it is no archive.
  const prefix = `archive/${record.caseId}/${head.sequence}/`;
  const entries: ArchiveEntry[] = [];
  const add = async (
    path: string,
    mediaType: string,
    content: () => Uint8Array | Promise<Uint8Array>,
  ): Promise<void> => {
    const bytes = await content();
    await putOnce(ports.documents, prefix + path, bytes, mediaType);
    entries.push(describeFile(path, bytes, mediaType));
  };
  const addJson = (path: string, value: () => JsonObject | Promise<JsonObject>): Promise<void> =>
    add(path, 'application/json', async () => json(await value()));

  const papers = await receivedDocuments(ports.items, record.caseId);
  // Nothing is awaited between the first and the last of them: one that failed meanwhile would be nobody's, and end
  // the process.
  await Promise.all([
    ...papers.map((document) =>
      add(documentName(document), document.contentType, () => ports.documents.read(document.key)),
    ),
    addJson('case.json', () => record),
    addJson('decision.json', () => decisionOf(ports, record)),
    addJson('notice.json', () => noticeOf(ports, record)),
    addJson('cross-check.json', () => crossCheckOf(ports, record)),
    addJson('visits.json', () => ({ visits: record.visits })),
    addJson('letters.json', () => lettersOf(ports, record)),
    add(EVENTS, 'application/jsonl', () => encodeEvents(events)),
  ]);

  const manifest = buildManifest({
    caseId: record.caseId,
    fileNumber: record.file.number,
    madeAt: head.at,
    rulesVersion: await rulesVersionOf(ports, record),
    head,
    files: entries,
  });
  await putOnce(ports.documents, prefix + MANIFEST, manifest, 'application/json');
  const signatureKey = prefix + SIGNATURE;
  // A vault whose signatures differ from time to time must not trip over its own earlier one.
  if ((await ports.documents.head(signatureKey)) === undefined) {
    const signature = encodeSignature(await ports.vault.sign(signedStatement(manifest)));
    await putOnce(ports.documents, signatureKey, signature, 'application/json');
  }

  const manifestSha256 = sha256(manifest);
  await changeCase(ports, payload.caseId, (current) => {
    if (current.stage === 'filed') return null;
    return {
      next: { ...moved(current, 'filed'), archive: { prefix, manifestSha256 } },
      event: {
        type: 'archived',
        actor: systemActor('archive-file'),
        data: { prefix, manifestSha256, files: entries.length },
      },
    };
  });
  return { outcome: 'filed' };
};
