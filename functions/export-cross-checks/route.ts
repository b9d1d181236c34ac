import * as z from 'zod';
import { defineRoute, NO_BODY } from '#functions/shared/http/route.ts';
import { SHEET_TYPES } from '#functions/shared/sheet.ts';
import { type ExportPorts, exportRequests } from './export-cross-checks.ts';

export const exportCrossChecksRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/cross-checks/export',
    access: 'jwt',
    operation: 'crossCheck.exchange',
    status: 200,
    about: {
      operationId: 'exportCrossChecks',
      tag: 'crossChecks',
      summary: '导出待比对人员名单',
      description: '供没有接口的中心使用。含身份证号码，须写明用途；导出人和用途记入每份申请的办理过程。',
      answer: NO_BODY,
      file: Object.values(SHEET_TYPES),
      refusals: {},
    },
    request: {
      query: z.strictObject({
        format: z.enum(['xlsx', 'csv']).default('xlsx'),
        purpose: z.string().trim().min(4, '请写明导出用途。').max(200),
      }),
    },
    handle: async (ports: ExportPorts, { caller }, { query }) => ({
      file: {
        contentType: SHEET_TYPES[query.format],
        name: `cross-check.${query.format}`,
        bytes: await exportRequests(ports, caller, query),
      },
      headers: { 'cache-control': 'no-store' },
    }),
  }),
];
