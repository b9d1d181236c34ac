/**
 * The log of looks into cases (B-16). What is opened stands in the case's audit chain as well, in the same transaction; a
 * look at what is masked stands here alone, once for each person, case, kind and hour. Why: `docs/decisions/access.md`.
 */
import * as z from 'zod';
import {
  ACCESS_NAMES,
  type AccessKind,
  accessKindSchema,
  PURPOSES,
  purposeSchema,
  type ViewKind,
} from '#domain/filing/accesses.ts';
import { sha256 } from '#domain/filing/audit.ts';
import type { Case } from '#domain/filing/case.ts';
import { ROLE_NAMES, ROLES } from '#domain/people/roles.ts';
import type { Caller } from './access/policy.ts';
import { ConditionFailed } from './errors.ts';
import { filteredPage } from './filtered-page.ts';
import { keys } from './keys.ts';
import type { Item, ItemOperation, JsonObject, Ports } from './ports.ts';

const accessSchema = z.strictObject({
  caseId: z.string(),
  kind: accessKindSchema,
  /** Case time, as in the audit chain. */
  at: z.string(),
  /** Null for somebody from outside, who has no account. */
  subject: z.string().nullable(),
  name: z.string(),
  /** The union that the person acts for, or by whose approval an outsider looks. */
  organisation: z.string().nullable(),
  roles: z.array(z.enum(ROLES)),
  /** The field or the paper by its Chinese name; null where the kind says it all. */
  what: z.string().nullable(),
  purpose: purposeSchema.nullable(),
  note: z.string().nullable(),
});
export type Access = z.infer<typeof accessSchema>;

const accessItem = (access: Access, place: string): Item => ({
  ...keys.access(access.caseId, place),
  version: 1,
  schema: 1,
  data: access,
  index: {
    ...(access.subject !== null && {
      gsi1: { pk: keys.accessorIndex(access.subject), sk: `${access.at}#${place}` },
    }),
    ...(access.organisation !== null && {
      gsi2: { pk: keys.accessUnionIndex(access.organisation), sk: `${access.at}#${place}` },
    }),
  },
});

/** What stands in the log of a caller. */
export const accessBy = (
  caller: Caller,
  access: Pick<Access, 'caseId' | 'kind' | 'at'> & Partial<Pick<Access, 'what' | 'purpose' | 'note'>>,
): Access => ({
  subject: caller.subject,
  name: caller.name,
  organisation: caller.organisation ?? null,
  roles: [...caller.roles],
  what: null,
  purpose: null,
  note: null,
  ...access,
});

/** A look of its own; `id` tells apart those of one instant. */
export const putAccess = (access: Access, id: string): ItemOperation => ({
  type: 'put',
  item: accessItem(access, `${access.at}#${id}`),
  condition: 'absent',
});

/** `2019-01-07T01` */
const hourOf = (at: string): string => at.slice(0, 13);

/** Writes what counts once an hour; a second time it stands there already. */
const putHourly = async ({ items }: Pick<Ports, 'items'>, access: Access & { readonly subject: string }) => {
  const place = `${hourOf(access.at)}#${access.kind}#${sha256(access.subject).slice(0, 32)}`;
  try {
    await items.transact([{ type: 'put', item: accessItem(access, place), condition: 'absent' }]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

type Needs = Pick<Ports, 'items' | 'clock'>;

const hourly = ({ items, clock }: Needs, caller: Caller, caseId: string, kind: AccessKind): Promise<void> => {
  const at = new Date(clock.now()).toISOString();
  return putHourly({ items }, { ...accessBy(caller, { caseId, kind, at }), subject: caller.subject });
};

/** Records a look by somebody other than the owner. Rejects where it can't: then there is no answer. */
export const recordView = async (
  ports: Needs,
  caller: Caller,
  record: Case,
  kind: ViewKind,
): Promise<void> => {
  if (caller.subject !== record.applicant) await hourly(ports, caller, record.caseId, kind);
};

/** Records that somebody was refused for opening too much. */
export const recordRefusal = (ports: Needs, caller: Caller, caseId: string): Promise<void> =>
  hourly(ports, caller, caseId, 'refused');

export type AccessPage = { readonly accesses: readonly Access[]; readonly cursor?: string };
type Paging = { readonly limit?: number | undefined; readonly cursor?: string | undefined };

const parsed = (items: readonly Item[]): readonly Access[] =>
  items.map(({ data }) => accessSchema.parse(data));

/** Who looked into a case, the newest hours first. */
export const accessesOfCase = async (
  { items }: Pick<Ports, 'items'>,
  caseId: string,
  paging: Paging,
): Promise<AccessPage> => {
  const query = { pk: keys.accessesOf(caseId), direction: 'descending' } as const;
  const { found, ...rest } = await filteredPage(items, query, paging, async (page) => parsed(page));
  return { accesses: found, ...rest };
};

/** Of whom or of which union, and between which instants (ISO 8601; `to` is left out itself). */
export type AccessFilter = {
  readonly subject?: string | undefined;
  readonly organisation?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

/** What a person, or the people of a union, looked at, newest first. One of both must be given. */
export const accessesBy = async (
  { items }: Pick<Ports, 'items'>,
  { subject, organisation, from, to }: AccessFilter,
  paging: Paging,
): Promise<AccessPage> => {
  const place =
    subject === undefined
      ? { index: 'gsi2', pk: keys.accessUnionIndex(organisation ?? '') }
      : { index: 'gsi1', pk: keys.accessorIndex(subject) };
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const { found, ...rest } = await filteredPage(
    items,
    {
      index: place.index === 'gsi1' ? 'gsi1' : 'gsi2',
      pk: place.pk,
      direction: 'descending',
      ...(Object.keys(range).length === 0 ? {} : { sk: range }),
    },
    paging,
    async (page) =>
      parsed(page).filter((one) => organisation === undefined || one.organisation === organisation),
  );
  return { accesses: found, ...rest };
};

export const accessViewSchema = z
  .strictObject({
    caseId: z.string(),
    kind: accessKindSchema,
    kindName: z.string(),
    at: z.string(),
    name: z.string(),
    organisation: z.string().nullable(),
    organisationName: z.string().nullable(),
    roleNames: z.array(z.string()),
    what: z.string().nullable(),
    purposeName: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Access' });

/** As people read it: accounts by name and union, never by subject. */
export const accessViews = async (
  { organisations }: Pick<Ports, 'organisations'>,
  accesses: readonly Access[],
): Promise<readonly JsonObject[]> => {
  const tree = await organisations.tree();
  return accesses.map(({ caseId, kind, at, name, organisation, roles, what, purpose, note }) => ({
    caseId,
    kind,
    kindName: ACCESS_NAMES[kind],
    at,
    name,
    organisation,
    organisationName: organisation === null ? null : (tree.find(organisation)?.name ?? null),
    roleNames: roles.map((role) => ROLE_NAMES[role]),
    what,
    purposeName: purpose === null ? null : PURPOSES[purpose].name,
    note,
  }));
};
