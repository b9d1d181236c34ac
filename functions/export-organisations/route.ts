/** The whole tree as a file that can be changed and imported again. */
import * as z from 'zod';
import { organisationSheet } from '#domain/filing/organisation-sheet.ts';
import { defineRoute, NO_BODY } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { SHEET_TYPES, writeSheet } from '#functions/shared/sheet.ts';

export const exportOrganisationsRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/organisations/export',
    access: 'jwt',
    operation: 'organisation.change',
    status: 200,
    about: {
      operationId: 'exportOrganisations',
      tag: 'organisations',
      summary: '导出工会组织表',
      description: '改好后可以再导入。',
      answer: NO_BODY,
      file: Object.values(SHEET_TYPES),
      refusals: {},
    },
    request: { query: z.strictObject({ format: z.enum(['xlsx', 'csv']).default('xlsx') }) },
    handle: async (ports: Pick<Ports, 'organisations'>, _context, { query: { format } }) => ({
      file: {
        contentType: SHEET_TYPES[format],
        name: `organisations.${format}`,
        bytes: await writeSheet('工会组织', organisationSheet(await ports.organisations.tree()), format),
      },
    }),
  }),
];
