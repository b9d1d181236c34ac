/**
 * A file has arrived in the uploads area. It is held against its promise (size, SHA-256), looked into (true type, damage,
 * programs, size when unfolded), scanned for malware, and kept without what a camera wrote into it about place and
 * time. The signed application starts the process. The event may come twice, late or out of order: a document
 * that is settled stays as it is, and the execution's name lets one submission start only once.
 */
import { sha256 as hash } from '#domain/filing/audit.ts';
import { type Case, executionName, moved } from '#domain/filing/case.ts';
import { isSealed } from '#domain/filing/stages.ts';
import {
  type CaseChange,
  type CasePorts,
  changeCase,
  systemActor,
  untilSettled,
} from '#functions/shared/case-store.ts';
import {
  type CaseDocument,
  type ContentType,
  cleanedKey,
  findDocument,
  parseDocumentKey,
  putDocument,
} from '#functions/shared/document-store.ts';
import { DocumentExists } from '#functions/shared/errors.ts';
import { executionInput } from '#functions/shared/execution-input.ts';
import { inspectPaper } from '#functions/shared/papers/inspect.ts';
import { PAPER_LIMITS } from '#functions/shared/papers/limits.ts';
import type { Ports } from '#functions/shared/ports.ts';

type Needs = CasePorts & Pick<Ports, 'documents' | 'settings' | 'scanner'>;

const REFUSALS = {
  'wrong-size': '文件大小与申报的不符',
  'wrong-checksum': '文件内容与申报的校验值不符',
  'wrong-type': '文件的真实格式与申报的不符，只接受 PDF、JPEG 或 PNG',
  damaged: '文件不完整或已损坏，打不开',
  encrypted: '文件设有密码，请去掉密码后再上传',
  'active-content': '文件中带有程序、附件或表单，请打印成普通 PDF 或拍照后再上传',
  'too-many-pages': `文件超过${PAPER_LIMITS.pages}页，请分开上传`,
  'too-much-content': '文件展开后过大，请降低清晰度或分开上传',
  infected: '文件中发现病毒，请换一台设备重新扫描或拍照后上传',
} as const;

/** What is kept of a paper that passed. */
type Kept = Pick<CaseDocument, 'key' | 'sha256' | 'bytes'> & {
  readonly scan: 'clean' | 'unscanned';
  readonly cleanedFrom: Pick<CaseDocument, 'key' | 'sha256' | 'bytes'> | null;
};
type Verdict = { readonly refused: keyof typeof REFUSALS } | { readonly kept: Kept };

/** The same again, should the event come twice: the same bytes under the same key. */
const putCleaned = async (ports: Needs, key: string, content: Uint8Array, type: ContentType) => {
  const sha256 = hash(content);
  try {
    await ports.documents.put(key, content, { contentType: type, sha256, onlyIfAbsent: true });
  } catch (error) {
    if (!(error instanceof DocumentExists) || (await ports.documents.head(key))?.sha256 !== sha256)
      throw error;
  }
  return { key, sha256, bytes: content.length };
};

/** Holds the bytes against their promise, looks into them, and keeps them without what they shouldn't tell. */
const judge = async (ports: Needs, document: CaseDocument, content: Uint8Array): Promise<Verdict> => {
  const { key, sha256, bytes, contentType } = document;
  if (content.length !== bytes) return { refused: 'wrong-size' };
  if (hash(content) !== sha256) return { refused: 'wrong-checksum' };
  const inspected = inspectPaper(content, contentType);
  if ('fault' in inspected) return { refused: inspected.fault };
  const scan = await ports.scanner.scan(content);
  if (scan === 'infected') return { refused: 'infected' };
  const promised = { key, sha256, bytes };
  if (inspected.cleaned === null) return { kept: { ...promised, scan, cleanedFrom: null } };
  const cleaned = await putCleaned(ports, cleanedKey(key), inspected.cleaned, contentType);
  return { kept: { ...cleaned, scan, cleanedFrom: promised } };
};

const change = (
  ports: Needs,
  current: Case,
  document: CaseDocument,
  verdict: Verdict,
  version: number,
): CaseChange => {
  const at = new Date(ports.clock.now()).toISOString();
  const { documentId, paper } = document;
  if ('refused' in verdict) {
    const code = verdict.refused;
    return {
      next: current,
      event: {
        type: 'documentRefused',
        actor: systemActor('receive-document'),
        data: { documentId, paper, code },
      },
      operations: [putDocument({ ...document, state: { status: 'refused', at, code } }, version)],
      letters: [
        {
          to: 'household',
          title: '材料未被接受',
          text: `您上传的材料未被接受：${REFUSALS[code]}。请重新上传。`,
        },
      ],
    };
  }
  const { scan, cleanedFrom, ...kept } = verdict.kept;
  const starts = paper === 'application' && current.stage === 'awaitingApplication';
  const next: Case = starts
    ? { ...moved(current, 'checkingMaterials'), attempt: current.attempt + 1 }
    : current;
  return {
    next,
    event: {
      type: 'documentReceived',
      actor: systemActor('receive-document'),
      data: {
        documentId,
        paper,
        memberId: document.memberId,
        sha256: kept.sha256,
        bytes: kept.bytes,
        scan,
        uploadedSha256: document.sha256,
      },
    },
    operations: [
      putDocument({ ...document, ...kept, state: { status: 'received', at, scan, cleanedFrom } }, version),
    ],
    outbox: starts
      ? [
          {
            kind: 'start',
            execution: executionName(next),
            input: executionInput(next, 'CheckMaterials', ports.settings.waitingTimes),
          },
        ]
      : [],
  };
};

/** The first form of what was cleaned goes, whether in this call or in one that was cut short before. */
const removeUncleaned = async (ports: Needs, caseId: string, documentId: string): Promise<void> => {
  const state = (await findDocument(ports.items, caseId, documentId))?.document.state;
  if (state?.status === 'received' && state.cleanedFrom !== null) {
    await ports.documents.remove(state.cleanedFrom.key);
  }
};

/**
 * `key` is the object's. A key that no document was promised for is left alone: it is none of ours. Errors:
 * `ScannerUnavailable`, `DocumentMissing` (another call has just settled it): the event comes again.
 */
export const receiveDocument = async (ports: Needs, key: string): Promise<'settled' | 'unknown'> => {
  const ids = parseDocumentKey(key);
  if (ids === undefined) return 'unknown';
  const promised = await findDocument(ports.items, ids.caseId, ids.documentId);
  if (promised === undefined) return 'unknown';
  if (promised.document.state.status === 'promised') {
    const verdict = await judge(ports, promised.document, await ports.documents.read(key));
    // The same event may come twice at once, and many papers together.
    await untilSettled(() =>
      changeCase(ports, ids.caseId, async (current) => {
        const found = await findDocument(ports.items, ids.caseId, ids.documentId);
        if (found === undefined || found.document.state.status !== 'promised') return null;
        // Promised in time, come too late: the case has ended or is being archived.
        if (isSealed(current.stage)) return null;
        return change(ports, current, found.document, verdict, found.version);
      }),
    );
  }
  await removeUncleaned(ports, ids.caseId, ids.documentId);
  return 'settled';
};
