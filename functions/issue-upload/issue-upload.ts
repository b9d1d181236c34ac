/**
 * Promises a place for a paper: one key, one content type, one size, one SHA-256, for a short time. The bytes go
 * straight to the document store; `receive-document` holds them against the promise.
 */
import type { Case } from '#domain/filing/case.ts';
import { isSealed } from '#domain/filing/stages.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { requireCaseAccess, wrongStage } from '#functions/shared/case-access.ts';
import { type CasePorts, readCase } from '#functions/shared/case-store.ts';
import { type CaseDocument, documentKey, putDocument } from '#functions/shared/document-store.ts';
import { AppError, InvalidInput } from '#functions/shared/errors.ts';
import type { Ports, UploadForm } from '#functions/shared/ports.ts';
import type { UploadRequest } from './schema.ts';

type Needs = CasePorts & Pick<Ports, 'documents' | 'settings'>;

const requireMoment = (record: Case, paper: UploadRequest['paper']): void => {
  if (isSealed(record.stage)) throw wrongStage(record.stage, '上传材料');
  if (paper === 'application' && record.stage !== 'awaitingApplication') {
    throw wrongStage(record.stage, '上传签字的申请书；请先提交申请');
  }
};

export const issueUpload = async (
  ports: Needs,
  caller: Caller,
  caseId: string,
  request: UploadRequest,
): Promise<{ readonly documentId: string; readonly form: UploadForm; readonly expiresInSeconds: number }> => {
  const record = await readCase(ports.items, caseId);
  requireCaseAccess(caller, 'document.upload', record);
  requireMoment(record, request.paper);
  const { maxBytes, expiresInSeconds } = ports.settings.upload;
  if (request.bytes > maxBytes) {
    const limit = `${Math.floor(maxBytes / 1024 / 1024)} MB`;
    throw new AppError('upload-too-large', 413, `文件不能超过 ${limit}，请压缩或分开上传。`, { maxBytes });
  }
  const memberId = 'memberId' in request ? request.memberId : null;
  if (memberId !== null && !record.persons.some((person) => person.memberId === memberId)) {
    throw new InvalidInput([
      { pointer: '/memberId', code: 'unknown-person', message: '家庭成员中没有这个编号。' },
    ]);
  }
  const documentId = ports.ids.next();
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
  const form = await ports.documents.issueUpload({
    key: document.key,
    contentType: document.contentType,
    minBytes: document.bytes,
    maxBytes: document.bytes,
    sha256: document.sha256,
    expiresInSeconds,
  });
  return { documentId, form, expiresInSeconds };
};
