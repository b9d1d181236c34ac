/** What may be read of cases: lists by what the caller reaches, one case, its timeline, its letters. */

import type { ViewKind } from '#domain/filing/accesses.ts';
import { settlementOf, unsettled } from '#domain/filing/adjudication.ts';
import type { AuditEvent } from '#domain/filing/audit.ts';
import type { Case } from '#domain/filing/case.ts';
import { isInternal } from '#domain/filing/events.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { type Caller, scopesOf } from '#functions/shared/access/policy.ts';
import { recordView } from '#functions/shared/access-log.ts';
import { requireCaseAccess } from '#functions/shared/case-access.ts';
import { casesOf, isUnregistered, readCase, readEvents } from '#functions/shared/case-store.ts';
import { settlementView } from '#functions/shared/case-view.ts';
import { AppError } from '#functions/shared/errors.ts';
import { keys } from '#functions/shared/keys.ts';
import { readTable } from '#functions/shared/matters.ts';
import { readAll } from '#functions/shared/pages.ts';
import { findPerson } from '#functions/shared/people-store.ts';
import type { Json, JsonObject, Ports } from '#functions/shared/ports.ts';

type Needs = Pick<Ports, 'items'>;
/** A look at a case is written down, so it needs the time. */
export type LookPorts = Pick<Ports, 'items' | 'clock'>;

/**
 * A page of cases, newest first: a worker's own, or those that a union keeps, which must be the caller's
 * own or lie below it.
 */
export const listCases = async (
  ports: Needs & Pick<Ports, 'organisations'>,
  caller: Caller,
  {
    union,
    limit,
    cursor,
  }: { union?: string | undefined; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ readonly cases: readonly Case[]; readonly cursor?: string }> => {
  const scopes = scopesOf(caller, 'case.list');
  const paging = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
  const organisation = union ?? caller.organisation;
  if (organisation === undefined) {
    const page = await ports.items.query({
      index: 'gsi1',
      pk: keys.ownerIndex(caller.subject),
      direction: 'descending',
      ...paging,
    });
    return { cases: casesOf(page.items), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
  }
  const tree = await ports.organisations.tree();
  const path = tree.find(organisation) === undefined ? [] : tree.path(organisation);
  const reached =
    scopes.has('all') ||
    (scopes.has('subtree') && caller.organisation !== undefined && path.includes(caller.organisation)) ||
    (scopes.has('ownOrganisation') && organisation === caller.organisation);
  if (!reached) throw new AppError('not-allowed', 403, '该工会不在您的管理范围内。');
  const page = await ports.items.query({
    index: 'gsi2',
    pk: keys.unionIndex(organisation),
    direction: 'descending',
    ...paging,
  });
  return { cases: casesOf(page.items), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
};

/** The case, for somebody who looks at this of it; the look is on record before anything is shown (B-16). */
export const showCase = async (
  ports: LookPorts,
  caller: Caller,
  caseId: string,
  kind: ViewKind,
): Promise<Case> => {
  const record = await readCase(ports.items, caseId);
  requireCaseAccess(caller, 'case.read', record);
  await recordView(ports, caller, record, kind);
  return record;
};

export const showEvents = async (
  ports: LookPorts,
  caller: Caller,
  caseId: string,
): Promise<readonly AuditEvent[]> => {
  const { applicant } = await showCase(ports, caller, caseId, 'history');
  const events = await readEvents(ports.items, caseId);
  return caller.subject === applicant ? events.filter(({ type }) => !isInternal(type)) : events;
};

/** The letters that the caller may read: the household's own, or those to the caller's union. */
export const showLetters = async (
  ports: LookPorts,
  caller: Caller,
  caseId: string,
): Promise<readonly Json[]> => {
  const record = await showCase(ports, caller, caseId, 'letters');
  const letters = await readAll(ports.items, { pk: keys.case(caseId).pk, sk: { prefix: 'LETTER#' } });
  const mine = record.applicant === caller.subject;
  return letters
    .map(({ data }) => data)
    .filter(({ to }) => {
      const toHousehold = typeof to === 'object' && to !== null && 'subject' in to;
      return toHousehold || !mine;
    });
};

/** The newest assessment with its explanation, and where each of its facts comes from; nulls before the first. */
export const latestAssessment = async (
  ports: Needs,
  record: Case,
): Promise<{ readonly assessment: Json; readonly provenance: Json }> => {
  if (record.assessments === 0) return { assessment: null, provenance: null };
  const item = await ports.items.get(keys.assessment(record.caseId, record.assessments));
  return { assessment: item?.data.assessment ?? null, provenance: item?.data.provenance ?? null };
};

/** One screen's worth: every matter with its three columns, what is suggested, and how it was settled. */
export const adjudicationTable = async (ports: Needs, record: Case): Promise<JsonObject> => {
  const { matters, persons } = await readTable(ports.items, record);
  const open = new Set(unsettled(matters, record.settlements).map(({ id }) => id));
  return jsonObjectSchema.parse({
    persons,
    unsettled: open.size,
    matters: matters.map((matter) => {
      const settlement = settlementOf(matter, record.settlements);
      return {
        ...matter,
        open: open.has(matter.id),
        settlement: settlement === undefined ? null : settlementView(settlement),
      };
    }),
  });
};

/** What the officers should know of the worker's account: whether there is one, and who vouched for name and number. */
export const applicantAccount = async (
  { items }: Pick<Ports, 'items'>,
  { applicant }: Case,
): Promise<{ readonly registered: boolean; readonly provedBy: string | null }> => ({
  registered: !isUnregistered(applicant),
  provedBy: (await findPerson(items, applicant))?.provedBy ?? null,
});
