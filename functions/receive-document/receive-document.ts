/**
 * A file has arrived in the uploads area. It is held against its promise: size, SHA-256, and the true type by its first
 * bytes. The signed application starts the process. The event may come twice, late or out of order: a document
 * that is settled stays as it is, and the execution's name lets one submission start only once.
 */
import { createHash } from 'node:crypto';
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
  findDocument,
  parseDocumentKey,
  putDocument,
} from '#functions/shared/document-store.ts';
import { executionInput } from '#functions/shared/execution-input.ts';
import type { Ports } from '#functions/shared/ports.ts';

type Needs = CasePorts & Pick<Ports, 'documents' | 'settings'>;

const SIGNATURES: readonly { readonly type: ContentType; readonly bytes: readonly number[] }[] = [
  { type: 'application/pdf', bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { type: 'image/jpeg', bytes: [0xff, 0xd8, 0xff] },
  { type: 'image/png', bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
];

/** The type that the first bytes tell; undefined for anything that isn't accepted. */
const trueType = (content: Uint8Array): ContentType | undefined =>
  SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => content[index] === byte))?.type;

const REFUSALS = {
  'wrong-size': '文件大小与申报的不符',
  'wrong-checksum': '文件内容与申报的校验值不符',
  'wrong-type': '文件的真实格式与申报的不符，只接受 PDF、JPEG 或 PNG',
} as const;

const judge = (document: CaseDocument, content: Uint8Array): keyof typeof REFUSALS | null => {
  if (content.length !== document.bytes) return 'wrong-size';
  if (createHash('sha256').update(content).digest('hex') !== document.sha256) return 'wrong-checksum';
  return trueType(content) === document.contentType ? null : 'wrong-type';
};

const change = (
  ports: Needs,
  current: Case,
  document: CaseDocument,
  content: Uint8Array,
  version: number,
): CaseChange => {
  const at = new Date(ports.clock.now()).toISOString();
  const { documentId, paper } = document;
  const code = judge(document, content);
  if (code !== null) {
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
        sha256: document.sha256,
        bytes: document.bytes,
      },
    },
    operations: [putDocument({ ...document, state: { status: 'received', at } }, version)],
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

/** `key` is the object's. A key that no document was promised for is left alone: it is none of ours. */
export const receiveDocument = async (ports: Needs, key: string): Promise<'settled' | 'unknown'> => {
  const ids = parseDocumentKey(key);
  if (ids === undefined) return 'unknown';
  if ((await findDocument(ports.items, ids.caseId, ids.documentId)) === undefined) return 'unknown';
  const content = await ports.documents.read(key);
  // The same event may come twice at once, and many papers together.
  await untilSettled(() =>
    changeCase(ports, ids.caseId, async (current) => {
      const found = await findDocument(ports.items, ids.caseId, ids.documentId);
      if (found === undefined || found.document.state.status !== 'promised') return null;
      // Promised in time, come too late: the case has ended or is being archived.
      if (isSealed(current.stage)) return null;
      return change(ports, current, found.document, content, found.version);
    }),
  );
  return 'settled';
};
