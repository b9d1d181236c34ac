/** The repository of a case's documents: what was promised, what arrived, what was refused. */
import * as z from 'zod';
import { expenditureKindSchema, paperKindSchema } from '#domain/filing/terms.ts';
import { AppError } from './errors.ts';
import { keys } from './keys.ts';
import { readAll } from './pages.ts';
import type { Item, ItemOperation, ItemStore } from './ports.ts';

/** Papers are PDF, JPEG or PNG; what a file truly is shows in its first bytes, not in its name. */
export const contentTypeSchema = z.enum(
  ['application/pdf', 'image/jpeg', 'image/png'],
  '只接受 PDF、JPEG 或 PNG 文件。',
);
export type ContentType = z.infer<typeof contentTypeSchema>;

export const documentSchema = z.strictObject({
  documentId: z.string(),
  caseId: z.string(),
  paper: paperKindSchema,
  memberId: z.string().nullable(),
  expenditure: expenditureKindSchema.nullable(),
  contentType: contentTypeSchema,
  bytes: z.number().int(),
  /** Lower-case hex: of what was promised, and proved on receipt; once received, of what is kept. */
  sha256: z.string(),
  key: z.string(),
  promisedAt: z.string(),
  promisedBy: z.string(),
  state: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('promised') }),
    z.strictObject({
      status: z.literal('received'),
      at: z.string(),
      scan: z.enum(['clean', 'unscanned']),
      /** What was uploaded, where it was kept in another form: without what a camera had written into it. */
      cleanedFrom: z
        .strictObject({ key: z.string(), sha256: z.string(), bytes: z.number().int() })
        .nullable(),
    }),
    z.strictObject({ status: z.literal('refused'), at: z.string(), code: z.string() }),
  ]),
});
export type CaseDocument = z.infer<typeof documentSchema>;

const PREFIX = 'uploads/';

/** Where the bytes of a document lie in the uploads area. */
export const documentKey = (caseId: string, documentId: string): string => `${PREFIX}${caseId}/${documentId}`;

/** Where the cleaned form lies; no document is promised under it. */
export const cleanedKey = (key: string): string => `${key}.cleaned`;

/** The case and document of a key in the uploads area; undefined where it is none of ours. */
export const parseDocumentKey = (key: string): { caseId: string; documentId: string } | undefined => {
  const match = /^uploads\/([0-9a-z]{26})\/([0-9a-z]{26})$/.exec(key);
  const [, caseId, documentId] = match ?? [];
  return caseId === undefined || documentId === undefined ? undefined : { caseId, documentId };
};

export const putDocument = (document: CaseDocument, version: number): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.document(document.caseId, document.documentId),
    version: version + 1,
    schema: 1,
    data: document,
  },
  condition: version === 0 ? 'absent' : { version },
});

const parseDocument = (item: Item): CaseDocument => documentSchema.parse(item.data);

export const findDocument = async (
  items: ItemStore,
  caseId: string,
  documentId: string,
): Promise<{ document: CaseDocument; version: number } | undefined> => {
  const item = await items.get(keys.document(caseId, documentId));
  return item === undefined ? undefined : { document: parseDocument(item), version: item.version };
};

/** A document of this very case that has arrived and passed; 404 `document-not-found` where it is none. */
export const requireReceived = async (
  items: ItemStore,
  caseId: string,
  documentId: string,
): Promise<CaseDocument> => {
  const found = await findDocument(items, caseId, documentId);
  if (found === undefined || found.document.state.status !== 'received') {
    throw new AppError('document-not-found', 404, '没有这份材料，或者尚未收到。');
  }
  return found.document;
};

/** All documents of a case, in the order of their promises. */
export const readDocuments = async (items: ItemStore, caseId: string): Promise<readonly CaseDocument[]> =>
  (await readAll(items, { pk: keys.case(caseId).pk, sk: { prefix: 'DOC#' } })).map(parseDocument);

/** Those that have arrived and passed. */
export const receivedDocuments = async (items: ItemStore, caseId: string): Promise<readonly CaseDocument[]> =>
  (await readDocuments(items, caseId)).filter(({ state }) => state.status === 'received');
