/** Opens one paper of a case (B-16): a link that lives for a minute, after its record stands. */
import { PAPER_NAMES } from '#domain/filing/terms.ts';
import type { Caller } from '#functions/shared/access/policy.ts';
import { type CaseDocument, requireReceived } from '#functions/shared/document-store.ts';
import { caseToOpen, type OpeningPorts, type Reason, recordOpening } from '#functions/shared/openings.ts';
import type { Ports } from '#functions/shared/ports.ts';

/** Long enough for a browser to follow, too short to be handed on. */
const LINK_SECONDS = 60;

const EXTENSIONS = { 'application/pdf': 'pdf', 'image/jpeg': 'jpg', 'image/png': 'png' } as const;

/** What kind of paper it is, told apart by its id: nothing of a person. */
const fileNameOf = ({ paper, documentId, contentType }: CaseDocument): string =>
  `${PAPER_NAMES[paper]}-${documentId.slice(-6)}.${EXTENSIONS[contentType]}`;

/** Throws 403 `not-allowed`, `purpose-not-allowed`; 404 `document-not-found`; 409; 429 `too-many-openings`. */
export const openPaper = async (
  ports: OpeningPorts & Pick<Ports, 'documents'>,
  caller: Caller,
  caseId: string,
  documentId: string,
  reason: Reason,
): Promise<{ readonly url: string; readonly expiresInSeconds: number }> => {
  const opening = { operation: 'paper.open', opened: 'paper', reason } as const;
  await caseToOpen(ports, caller, caseId, opening);
  const document = await requireReceived(ports.items, caseId, documentId);
  const { paper, key, contentType } = document;
  await recordOpening(ports, caller, caseId, {
    ...opening,
    event: 'paperOpened',
    what: { name: PAPER_NAMES[paper], data: { documentId, paper } },
  });
  const { url } = await ports.documents.issueDownload({
    key,
    fileName: fileNameOf(document),
    contentType,
    expiresInSeconds: LINK_SECONDS,
  });
  return { url, expiresInSeconds: LINK_SECONDS };
};
