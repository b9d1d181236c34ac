/** A union as the API shows it. */
import * as z from 'zod';
import {
  isBase,
  KINDS,
  type Organisation,
  type OrganisationTree,
  organisationKindSchema,
  organisationSchema,
} from '#domain/filing/organisations.ts';
import { AppError } from './errors.ts';
import type { JsonObject } from './ports.ts';

const summarySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: organisationKindSchema,
  kindName: z.string(),
  parent: z.string().nullable(),
  region: z.string(),
  supervisionPhone: z.string(),
  filing: z.boolean(),
  dissolution: organisationSchema.shape.dissolution.unwrap(),
});
export const organisationSummarySchema = summarySchema.meta({ id: 'OrganisationSummary' });
export const organisationViewSchema = summarySchema
  .extend({
    code: z.string().nullable(),
    contact: z.strictObject({ name: z.string(), phone: z.string() }).nullable(),
    address: z.string().nullable(),
    activeFrom: z.string().nullable(),
    path: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    children: z.array(organisationSummarySchema),
  })
  .meta({ id: 'Organisation' });

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
