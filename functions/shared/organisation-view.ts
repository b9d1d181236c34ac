/** A union as the API shows it. */
import { isBase, KINDS, type Organisation, type OrganisationTree } from '#domain/filing/organisations.ts';
import { AppError } from './errors.ts';
import type { JsonObject } from './ports.ts';

/** The line of a list. */
export const organisationSummary = (one: Organisation): JsonObject => ({
  id: one.id,
  name: one.name,
  kind: one.kind,
  kindName: KINDS[one.kind].name,
  parent: one.parent,
  region: one.region,
  supervisionPhone: one.supervisionPhone,
  /** Whether applications are filed with it. */
  filing: isBase(one),
  dissolution: one.dissolution,
});

export const organisationView = (tree: OrganisationTree, one: Organisation): JsonObject => ({
  ...organisationSummary(one),
  code: one.code,
  contact: one.contact,
  address: one.address,
  activeFrom: one.activeFrom,
  path: tree.path(one.id).map((id) => ({ id, name: tree.get(id).name })),
  children: tree.children(one.id).map(organisationSummary),
});

/** The union; 404 where there is none. */
export const requireOrganisation = (tree: OrganisationTree, id: string): Organisation => {
  const found = tree.find(id);
  if (found === undefined) throw new AppError('organisation-not-found', 404, '没有这个单位，请核对编码。');
  return found;
};
