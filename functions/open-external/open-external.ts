/** Opens one paper to an outsider who holds a code (B-16): a stamped copy, counted and on record before it leaves. */
import { beijingDate } from '#domain/calendar/dates.ts';
import { PAPER_NAMES } from '#domain/filing/terms.ts';
import { putAccess } from '#functions/shared/access-log.ts';
import { type CasePorts, changeCase, systemActor, untilSettled } from '#functions/shared/case-store.ts';
import { requireReceived } from '#functions/shared/document-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import { accessOfCode, type External, findExternal, putExternal } from '#functions/shared/external-store.ts';
import type { FileReply } from '#functions/shared/http/route.ts';
import { codeHash } from '#functions/shared/one-time-code.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { EXTERNAL_LIMITS } from '#functions/shared/settings.ts';

/** What Lambda answers is 6 MB at most, as base64 with its headers. */
const MAX_BYTES = 4 * 1024 * 1024;

/** One answer for whatever is wrong with a code: nobody learns from it which codes there are, and what they open. */
const badCode = (): AppError =>
  new AppError(
    'external-code-invalid',
    404,
    '查阅码不对、已过期或已终止，或者不含这份材料，请与发码的工会核对。',
  );

const tooLarge = (): AppError =>
  new AppError('paper-too-large', 413, '这份材料过大，不能在线查阅，请到保管该档案的工会当面查阅。', {
    maxBytes: MAX_BYTES,
  });

const unstampable = (): AppError =>
  new AppError('paper-not-stampable', 422, '这份材料无法加盖查阅标记，请到保管该档案的工会当面查阅。');

/** Throws where the code doesn't open this paper now. */
const requireApproved = (
  external: External,
  documentId: string,
  wall: number,
): External['state'] & { readonly status: 'approved' } => {
  const { state, documents, openings } = external;
  if (state.status !== 'approved' || Date.parse(state.expiresAt) <= wall || !documents.includes(documentId)) {
    throw badCode();
  }
  if (openings >= EXTERNAL_LIMITS.maxOpenings) {
    throw new AppError('too-many-openings', 429, '这个查阅码的查阅次数已用完，请与发码的工会联系。', {
      limit: EXTERNAL_LIMITS.maxOpenings,
    });
  }
  return state;
};

const getByCode = async (ports: Pick<Ports, 'items'>, accessId: string | undefined) => {
  const found = accessId === undefined ? undefined : await findExternal(ports, accessId);
  if (found === undefined) throw badCode();
  return found;
};

/** Throws 404 `external-code-invalid`, 409, 413 `paper-too-large`, 422 `paper-not-stampable`, 429. */
export const openExternal = async (
  ports: CasePorts & Pick<Ports, 'documents'>,
  { code, documentId }: { readonly code: string; readonly documentId: string },
): Promise<FileReply> => {
  const accessId = await accessOfCode(ports, codeHash(code));
  const { external } = await getByCode(ports, accessId);
  requireApproved(external, documentId, ports.clock.wall());
  const document = await requireReceived(ports.items, external.caseId, documentId);
  if (document.bytes > MAX_BYTES) throw tooLarge();

  const { stampPaper } = await import('./stamp.ts');
  const bytes = await stampPaper(await ports.documents.read(document.key), document.contentType, {
    access: external.accessId,
    bodyCode: external.outsider.bodyCode,
    date: beijingDate(ports.clock.now()),
  });
  if (bytes === null) throw unstampable();
  if (bytes.length > MAX_BYTES) throw tooLarge();

  await untilSettled(() =>
    changeCase(ports, external.caseId, async (current) => {
      if (current.stage === 'archiving') throw new AppError('archiving', 409, '档案正在归档，请稍后再查阅。');
      const { external: now, version } = await getByCode(ports, accessId);
      const { by } = requireApproved(now, documentId, ports.clock.wall());
      const openings = now.openings + 1;
      const { name, body } = now.outsider;
      return {
        next: current,
        event: {
          type: 'externalOpened',
          actor: systemActor('open-external'),
          data: {
            accessId: now.accessId,
            name,
            body,
            documentId,
            paper: document.paper,
            openings,
            clause: 'B-16',
          },
        },
        operations: [
          putExternal({ ...now, openings }, version),
          putAccess(
            {
              caseId: now.caseId,
              kind: 'external',
              at: new Date(ports.clock.now()).toISOString(),
              subject: null,
              name: `${name}（${body}）`,
              organisation: by.organisation,
              roles: [],
              what: PAPER_NAMES[document.paper],
              purpose: null,
              note: now.purpose,
            },
            ports.ids.next(),
          ),
        ],
      };
    }),
  );
  return {
    contentType: 'application/pdf',
    name: `${PAPER_NAMES[document.paper]}-查阅-${documentId.slice(-6)}.pdf`,
    bytes,
  };
};
