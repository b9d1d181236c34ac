/**
 * An outsider sees papers of a file only with the keeper's approval (B-16). Somebody of the union system asks for it and
 * says who it is, from where, by what authority, for what, which papers and how long; a keeper of the union that keeps the
 * file, another person, approves or refuses. The approval gives a code, shown once. Nothing is lent: `open-external` hands
 * out stamped copies.
 */
import * as z from 'zod';
import { beijingDate } from '#domain/calendar/dates.ts';
import { withoutNumbers } from '#domain/filing/accesses.ts';
import { type Case, custodyOf } from '#domain/filing/case.ts';
import { externalLetter } from '#domain/filing/letters.ts';
import { PAPER_NAMES } from '#domain/filing/terms.ts';
import { checkCreditCode } from '#domain/identity/credit-code.ts';
import type { Caller, GuardedOperation } from '#functions/shared/access/policy.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import {
  actorOf,
  type CaseChange,
  type CasePorts,
  changeCase,
  readCase,
  untilSettled,
} from '#functions/shared/case-store.ts';
import { findDocument, requireReceived } from '#functions/shared/document-store.ts';
import { AppError } from '#functions/shared/errors.ts';
import {
  type External,
  externalsOf,
  getExternal,
  putCode,
  putExternal,
} from '#functions/shared/external-store.ts';
import { codeHash, newCode } from '#functions/shared/one-time-code.ts';
import type { ItemOperation, JsonObject, Ports } from '#functions/shared/ports.ts';
import { EXTERNAL_LIMITS } from '#functions/shared/settings.ts';
import { signedBy } from '#functions/shared/signatory.ts';

/** 78 bits: a code is tried over the open net. */
const CODE_SIGNS = 16;
const DAY_MS = 86_400_000;

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(2)
    .max(most)
    .refine((text) => text.isWellFormed(), '含有不完整的字符。');

export const requestSchema = z.strictObject({
  name: line(40),
  body: line(80),
  bodyCode: z
    .string()
    .trim()
    .transform((text, context) => {
      const checked = checkCreditCode(text);
      if (checked.ok) return checked.value;
      context.addIssue({ code: 'custom', message: checked.message });
      return z.NEVER;
    }),
  authority: line(80),
  purpose: line(200),
  documents: z
    .array(z.string().regex(/^[0-9a-z]{26}$/, '编号格式有误。'))
    .min(1)
    .max(EXTERNAL_LIMITS.maxPapers),
  days: z.int().min(1).max(EXTERNAL_LIMITS.maxDays),
});
export type RequestForm = z.infer<typeof requestSchema>;

const reason = line(400);
export const decisionSchema = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('approve') }),
  z.strictObject({ decision: z.literal('refuse'), reason }),
]);
export type DecisionForm = z.infer<typeof decisionSchema>;
export const revocationSchema = z.strictObject({ reason });

type Needs = CasePorts & Pick<Ports, 'organisations'>;

/** The archive is closed with what it began with. */
const requireOpenChain = ({ stage }: Case): void => {
  if (stage === 'archiving') throw new AppError('archiving', 409, '档案正在归档，请稍后再办理。');
};

/** What the audit chain says of an access. */
const told = ({ accessId, outsider, documents, days }: External, more: JsonObject = {}): JsonObject => ({
  accessId,
  body: outsider.body,
  bodyCode: outsider.bodyCode,
  authority: outsider.authority,
  documents,
  days,
  ...more,
  clause: 'B-16',
});

/** Throws 404 `case-not-found`, `document-not-found`. */
export const requestExternal = async (
  ports: CasePorts,
  caller: Caller,
  caseId: string,
  form: RequestForm,
  accessId: string,
): Promise<External> => {
  const { name, body, bodyCode, authority, purpose, days } = form;
  const external: External = {
    accessId,
    caseId,
    requested: signedBy(ports, caller),
    outsider: { name, body, bodyCode, authority },
    purpose: withoutNumbers(purpose),
    documents: [...new Set(form.documents)],
    days,
    state: { status: 'requested' },
    openings: 0,
  };
  await changeCase(ports, caseId, async (current) => {
    requireCaseAccess(caller, 'external.request', current);
    requireOpenChain(current);
    for (const documentId of external.documents) await requireReceived(ports.items, caseId, documentId);
    return {
      next: current,
      event: { type: 'externalRequested', actor: actorOf(caller), data: told(external) },
      operations: [putExternal(external, 0)],
      letters: [
        {
          to: { organisation: custodyOf(current).organisation },
          title: '有外单位申请查阅档案',
          text: `${body}申请查阅申请 ${caseId} 的材料，请档案管理员审核（B-16）。`,
        },
      ],
    };
  });
  return external;
};

export const listExternals = async (
  ports: Pick<Ports, 'items'>,
  caller: Caller,
  caseId: string,
): Promise<readonly External[]> => {
  requireCaseAccess(caller, 'external.read', await readCase(ports.items, caseId));
  return externalsOf(ports, caseId);
};

const wrongState = ({ state }: External): AppError =>
  new AppError('external-access-decided', 409, '这项外单位查阅已经办理过了。', { status: state.status });

type Step = { readonly next: External } & Pick<CaseChange, 'event'> &
  Partial<Pick<CaseChange, 'letters'>> & { readonly operations?: readonly ItemOperation[] };

/** Changes an access together with its case. */
const change = async (
  ports: CasePorts,
  caller: Caller,
  accessId: string,
  operation: GuardedOperation,
  decide: (external: External, current: Case) => Step | Promise<Step>,
): Promise<External> => {
  const { caseId } = (await getExternal(ports, accessId)).external;
  let changed: External | undefined;
  await untilSettled(() =>
    changeCase(ports, caseId, async (current) => {
      requireCaseAccess(caller, operation, current);
      requireOpenChain(current);
      const { external, version } = await getExternal(ports, accessId);
      const { next, operations = [], ...rest } = await decide(external, current);
      changed = next;
      return { next: current, operations: [putExternal(next, version), ...operations], ...rest };
    }),
  );
  if (changed === undefined) throw new Error('an access was changed without a change');
  return changed;
};

export type Decided = {
  readonly external: External;
  /** Shown now and never again; null where it was refused. */
  readonly code: string | null;
};

const approve = async (
  ports: Needs,
  caller: Caller,
  external: External,
  current: Case,
  code: string,
): Promise<Step> => {
  const expiry = ports.clock.wall() + external.days * DAY_MS;
  const expiresAt = new Date(expiry).toISOString();
  const found = await Promise.all(
    external.documents.map((documentId) => findDocument(ports.items, external.caseId, documentId)),
  );
  const keeper = (await ports.organisations.tree()).get(custodyOf(current).organisation);
  const letter = externalLetter(
    current,
    {
      body: external.outsider.body,
      purpose: external.purpose,
      papers: found.flatMap((one) => (one === undefined ? [] : [one.document.paper])),
      until: beijingDate(expiry),
    },
    keeper,
  );
  return {
    next: { ...external, state: { status: 'approved', by: signedBy(ports, caller), expiresAt } },
    event: {
      type: 'externalApproved',
      actor: actorOf(caller),
      data: told(external, { expiresAt }),
    },
    operations: [putCode(codeHash(code), external.accessId, expiry)],
    letters: [{ to: 'household', ...letter }],
  };
};

/** Throws 403 `same-person`, 404, 409 `external-access-decided`. */
export const decideExternal = async (
  ports: Needs,
  caller: Caller,
  accessId: string,
  form: DecisionForm,
): Promise<Decided> => {
  const code = newCode(CODE_SIGNS);
  const external = await change(ports, caller, accessId, 'external.decide', (current, record) => {
    if (current.state.status !== 'requested') throw wrongState(current);
    if (caller.subject === current.requested.subject || caller.subject === record.applicant) {
      throw new AppError(
        'same-person',
        403,
        '登记人、档案本人不能审核自己的查阅事项，请由另一位档案管理员审核。',
        {
          clause: 'B-16',
        },
      );
    }
    if (form.decision === 'approve') return approve(ports, caller, current, record, code);
    return {
      next: { ...current, state: { status: 'refused', by: signedBy(ports, caller), reason: form.reason } },
      event: {
        type: 'externalRefused',
        actor: actorOf(caller),
        data: told(current, { reason: form.reason }),
      },
    };
  });
  return { external, code: form.decision === 'approve' ? code : null };
};

/** Throws 404, 409 `external-access-decided` where nothing is approved. */
export const revokeExternal = (
  ports: CasePorts,
  caller: Caller,
  accessId: string,
  why: string,
): Promise<External> =>
  change(ports, caller, accessId, 'external.decide', (current) => {
    if (current.state.status !== 'approved') throw wrongState(current);
    return {
      next: { ...current, state: { status: 'revoked', by: signedBy(ports, caller), reason: why } },
      event: { type: 'externalRevoked', actor: actorOf(caller), data: told(current, { reason: why }) },
    };
  });

/** The papers of an access by what they are, to be handed out with the code. */
export const papersOf = async (
  { items }: Pick<Ports, 'items'>,
  { caseId, documents }: External,
): Promise<readonly { readonly documentId: string; readonly paperName: string }[]> => {
  const found = await Promise.all(documents.map((documentId) => findDocument(items, caseId, documentId)));
  return found.flatMap((one) =>
    one === undefined
      ? []
      : [{ documentId: one.document.documentId, paperName: PAPER_NAMES[one.document.paper] }],
  );
};
