import * as z from 'zod';
import { REPLY_HEADINGS } from '#domain/filing/cross-check-sheet.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { defineFileRoute, defineRoute, NO_BODY } from '#functions/shared/http/route.ts';
import { SHEET_BYTES, SHEET_TYPES } from '#functions/shared/sheet.ts';
import { type ExchangePorts, exportRequests, importReplies } from './exchange-cross-checks.ts';

const importReportSchema = z.strictObject({
  applied: z.boolean(),
  faults: z.array(
    z.strictObject({
      row: z.int(),
      column: z.enum(REPLY_HEADINGS).nullable(),
      code: z.string(),
      message: z.string(),
    }),
  ),
  counts: z.strictObject({ taken: z.int(), known: z.int(), faults: z.int() }),
});

export const exchangeCrossChecksRoutes = [
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
    handle: async (ports: ExchangePorts, { caller }, { query }) => ({
      file: {
        contentType: SHEET_TYPES[query.format],
        name: `cross-check.${query.format}`,
        bytes: await exportRequests(ports, caller, query),
      },
      headers: { 'cache-control': 'no-store' },
    }),
  }),
  defineFileRoute({
    method: 'POST',
    path: '/v1/cross-checks/import',
    operation: 'crossCheck.exchange',
    status: 200,
    about: {
      operationId: 'importCrossChecks',
      tag: 'crossChecks',
      summary: '导入比对结果',
      description: '逐行逐列指出全部错误；没有错误且 apply=true 时一次接收，与接口回调的记录相同。',
      answer: importReportSchema,
      refusals: { 422: ['unreadable-sheet'] },
    },
    accepts: { types: [...Object.values(SHEET_TYPES), 'application/octet-stream'], maxBytes: SHEET_BYTES },
    request: {
      query: z.strictObject({
        apply: z
          .enum(['true', 'false'])
          .default('false')
          .transform((text) => text === 'true'),
      }),
    },
    handle: async (ports: ExchangePorts, { caller, file }, { query }) => ({
      body: jsonObjectSchema.parse(await importReplies(ports, caller, file, query.apply)),
    }),
  }),
];
