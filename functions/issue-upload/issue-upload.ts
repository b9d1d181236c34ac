/**
 * Promises a place for a paper: one key, one content type, one size, one SHA-256, for a short time. The bytes go
 * straight to the document store; `receive-document` holds them against the promise.
 */
import type { Case } from '#domain/filing/case.ts';
import { isSealed } from '#domain/filing/stages.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { type CasePorts, readCase } from '#functions/shared/case-store.ts';
import {
  type CaseDocument,
  documentKey,
  findDocument,
  putDocument,
  readDocuments,
} from '#functions/shared/document-store.ts';
import { AppError, InvalidInput } from '#functions/shared/errors.ts';
import type { Ports, UploadForm } from '#functions/shared/ports.ts';
import type { Settings } from '#functions/shared/settings.ts';
import type { UploadRequest } from './schema.ts';

export type Needs = CasePorts & Pick<Ports, 'documents'> & { readonly settings: Pick<Settings, 'upload'> };

type Issued = { readonly documentId: string; readonly form: UploadForm; readonly expiresInSeconds: number };

const requireMoment = (record: Case, paper: UploadRequest['paper']): void => {
  if (isSealed(record.stage)) throw wrongStage(record.stage, '上传材料');
  if (paper === 'application' && record.stage !== 'awaitingApplication') {
    throw wrongStage(record.stage, '上传签字的申请书；请先提交申请');
  }
};

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MB`;

/**
 * So much a case may hold, promises included: what nobody sends is a promise that stands in the table all the same.
 * Of several at once one or two may get past; the bound keeps a disk from being filled, it needn't be exact.
 */
const requireRoom = async (ports: Needs, caseId: string, bytes: number): Promise<void> => {
  const { maxDocuments, maxTotalBytes } = ports.settings.upload;
  const documents = await readDocuments(ports.items, caseId);
  if (documents.length >= maxDocuments) {
    throw new AppError(
      'too-many-documents',
      409,
      `一份申请最多上传 ${maxDocuments} 份材料，请把同类材料合并成一个文件，或联系基层工会。`,
      { maxDocuments },
    );
  }
  const kept = documents.filter(({ state }) => state.status !== 'refused');
  const total = kept.reduce((sum, document) => sum + document.bytes, bytes);
  if (total > maxTotalBytes) {
    throw new AppError(
      'documents-too-large',
      409,
      `一份申请的材料合计不能超过 ${megabytes(maxTotalBytes)}，请压缩后上传，或联系基层工会。`,
      { maxTotalBytes },
    );
  }
};

const issue = async (ports: Needs, document: CaseDocument): Promise<Issued> => {
  const { expiresInSeconds } = ports.settings.upload;
  const form = await ports.documents.issueUpload({
    key: document.key,
    contentType: document.contentType,
    minBytes: document.bytes,
    maxBytes: document.bytes,
    sha256: document.sha256,
    expiresInSeconds,
  });
  return { documentId: document.documentId, form, expiresInSeconds };
};

const accessibleCase = async (ports: Needs, caller: Caller, caseId: string): Promise<Case> => {
  const record = await readCase(ports.items, caseId);
  requireCaseAccess(caller, 'document.upload', record);
  return record;
};

/** Promises the place under an id that is new. */
export const issueUpload = async (
  ports: Needs,
  caller: Caller,
  caseId: string,
  request: UploadRequest,
  documentId: string,
): Promise<Issued> => {
  const record = await accessibleCase(ports, caller, caseId);
  requireMoment(record, request.paper);
  const { maxBytes } = ports.settings.upload;
  if (request.bytes > maxBytes) {
    const limit = megabytes(maxBytes);
    throw new AppError('upload-too-large', 413, `文件不能超过 ${limit}，请压缩或分开上传。`, { maxBytes });
  }
  const memberId = 'memberId' in request ? request.memberId : null;
  if (memberId !== null && !record.persons.some((person) => person.memberId === memberId)) {
    throw new InvalidInput([
      { pointer: '/memberId', code: 'unknown-person', message: '家庭成员中没有这个编号。' },
    ]);
  }
  await requireRoom(ports, caseId, request.bytes);
  const document: CaseDocument = {
    documentId,
    caseId,
    paper: request.paper,
    memberId,
    expenditure: 'expenditure' in request ? request.expenditure : null,
    contentType: request.contentType,
    bytes: request.bytes,
    sha256: request.sha256,
    key: documentKey(caseId, documentId),
    promisedAt: new Date(ports.clock.now()).toISOString(),
    promisedBy: caller.subject,
    state: { status: 'promised' },
  };
  await ports.items.transact([putDocument(document, 0)]);
  return issue(ports, document);
};

/** A new form for a place that was promised before. */
export const reissueUpload = async (
  ports: Needs,
  caller: Caller,
  caseId: string,
  documentId: string,
): Promise<Issued> => {
  const record = await accessibleCase(ports, caller, caseId);
  if (isSealed(record.stage)) throw wrongStage(record.stage, '上传材料');
  const found = await findDocument(ports.items, caseId, documentId);
  if (found === undefined) throw new Error('a promised document is gone');
  return issue(ports, found.document);
};
