import * as z from 'zod';
import {
  organisationIdSchema,
  organisationKindSchema,
  organisationSchema,
} from '#domain/filing/organisations.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { readHistory, treeChangeSchema } from '#functions/shared/organisation-store.ts';
import {
  organisationSummary,
  organisationSummarySchema,
  organisationView,
  organisationViewSchema,
  requireOrganisation,
} from '#functions/shared/organisation-view.ts';
import { organisationParams, pageQuery } from '#functions/shared/params.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { searchOrganisations } from './read-organisations.ts';

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

type Needs = Pick<Ports, 'items' | 'organisations'>;

export const readOrganisationsRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/organisations',
    access: 'jwt',
    operation: 'organisation.read',
    status: 200,
    about: {
      operationId: 'searchOrganisations',
      tag: 'organisations',
      summary: '查找工会组织',
      description: '按名称的一部分、类型、上级或地区查找；filing=true 只列出受理建档申请的单位。',
      answer: z.strictObject({
        organisations: z.array(organisationSummarySchema),
        cursor: z.string().nullable(),
      }),
      refusals: { 400: ['invalid-cursor'] },
    },
    request: {
      query: pageQuery.extend({
        name: z.string().max(100).optional(),
        kind: organisationKindSchema.optional(),
        parent: organisationIdSchema.optional(),
        region: z
          .string()
          .regex(/^\d{2,6}$/, '应为行政区划代码的前2至6位。')
          .optional(),
        filing: flag,
        dissolved: flag,
      }),
    },
    handle: async (ports: Needs, _context, { query }) => {
      const { organisations, cursor } = searchOrganisations(await ports.organisations.tree(), query);
      return { body: { organisations: organisations.map(organisationSummary), cursor: cursor ?? null } };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/organisations/{organisationId}',
    access: 'jwt',
    operation: 'organisation.read',
    status: 200,
    about: {
      operationId: 'readOrganisation',
      tag: 'organisations',
      summary: '查看工会组织',
      answer: organisationViewSchema,
      refusals: { 404: ['organisation-not-found'] },
    },
    request: { params: organisationParams },
    handle: async (ports: Needs, _context, { params }) => {
      const tree = await ports.organisations.tree();
      return { body: organisationView(tree, requireOrganisation(tree, params.organisationId)) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/organisations/{organisationId}/changes',
    access: 'jwt',
    operation: 'organisation.history',
    status: 200,
    about: {
      operationId: 'readOrganisationChanges',
      tag: 'organisations',
      summary: '工会组织的变更记录',
      answer: z.strictObject({
        changes: z.array(
          treeChangeSchema.extend({ before: organisationSchema.nullable(), after: organisationSchema }),
        ),
      }),
      refusals: { 404: ['organisation-not-found'] },
    },
    request: { params: organisationParams },
    handle: async (ports: Needs, _context, { params }) => {
      const { id } = requireOrganisation(await ports.organisations.tree(), params.organisationId);
      const history = await readHistory(ports.items, id);
      return {
        body: { changes: history.map(({ change, before, after }) => ({ ...change, before, after })) },
      };
    },
  }),
];
