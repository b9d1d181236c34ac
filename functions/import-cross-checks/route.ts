import * as z from 'zod';
import { REPLY_HEADINGS } from '#domain/filing/cross-check-sheet.ts';
import { jsonObjectSchema } from '#domain/json.ts';
import { defineFileRoute } from '#functions/shared/http/route.ts';
import { SHEET_BYTES, SHEET_TYPES } from '#functions/shared/sheet.ts';
import { type ImportPorts, importReplies } from './import-cross-checks.ts';

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

export const importCrossChecksRoutes = [
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
    handle: async (ports: ImportPorts, { caller, file }, { query }) => ({
      body: jsonObjectSchema.parse(await importReplies(ports, caller, file, query.apply)),
    }),
  }),
];
