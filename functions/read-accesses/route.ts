import * as z from 'zod';
import { organisationIdSchema } from '#domain/filing/organisations.ts';
import { accessViewSchema } from '#functions/shared/access-log.ts';
import { defineRoute, NO_BODY } from '#functions/shared/http/route.ts';
import { caseParams, cursorSchema, pageQuery } from '#functions/shared/params.ts';
import { SHEET_TYPES, writeSheet } from '#functions/shared/sheet.ts';
import { accessesToCase, accessSheet, type Needs, searchAccesses } from './read-accesses.ts';

const answer = z.strictObject({ accesses: z.array(accessViewSchema), cursor: cursorSchema });

const searchShape = {
  subject: z.string().min(1).max(256).optional(),
  organisation: organisationIdSchema.optional(),
  from: z.iso.date('日期格式应为 YYYY-MM-DD。').optional(),
  to: z.iso.date('日期格式应为 YYYY-MM-DD。').optional(),
};

/** Of somebody, or of somebody's union: all looks of the whole province at once are nobody's question. */
const oneOf = ({
  subject,
  organisation,
}: {
  subject?: string | undefined;
  organisation?: string | undefined;
}) => subject !== undefined || organisation !== undefined;
const ONE_OF = { message: '请指定查阅人（subject）或其所在工会（organisation）。', path: ['organisation'] };

export const readAccessesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/accesses',
    access: 'jwt',
    operation: 'access.read',
    status: 200,
    about: {
      operationId: 'listCaseAccesses',
      tag: 'access',
      summary: '谁看过这份档案',
      description: '新的在前。同一人同一小时内的同类查看只记一次；明文、材料每次都记，并写明用途。',
      answer,
      refusals: { 400: ['invalid-cursor'], 404: ['case-not-found'] },
    },
    request: { params: caseParams, query: pageQuery },
    handle: async (ports: Needs, { caller }, { params, query }) => ({
      body: await accessesToCase(ports, caller, params.caseId, query),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/accesses',
    access: 'jwt',
    operation: 'access.search',
    status: 200,
    about: {
      operationId: 'searchAccesses',
      tag: 'access',
      summary: '查询查阅记录',
      description:
        '按查阅人或其所在工会，新的在前；日期为北京时间，首尾两天都算。外单位的查阅记在批准的工会名下。',
      answer,
      refusals: { 400: ['invalid-cursor'] },
    },
    request: { query: pageQuery.extend(searchShape).refine(oneOf, ONE_OF) },
    handle: async (ports: Needs, _context, { query: { limit, cursor, ...search } }) => ({
      body: await searchAccesses(ports, search, { limit, cursor }),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/accesses/export',
    access: 'jwt',
    operation: 'access.search',
    status: 200,
    about: {
      operationId: 'exportAccesses',
      tag: 'access',
      summary: '导出查阅记录',
      answer: NO_BODY,
      file: Object.values(SHEET_TYPES),
      refusals: { 413: ['too-many-accesses'] },
    },
    request: {
      query: z
        .strictObject({ ...searchShape, format: z.enum(['xlsx', 'csv']).default('xlsx') })
        .refine(oneOf, ONE_OF),
    },
    handle: async (ports: Needs, _context, { query: { format, ...search } }) => ({
      file: {
        contentType: SHEET_TYPES[format],
        name: `查阅记录.${format}`,
        bytes: await writeSheet('查阅记录', await accessSheet(ports, search), format),
      },
    }),
  }),
];
