import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { InvalidInput } from '#functions/shared/errors.ts';
import { pointerTo } from '#functions/shared/faults.ts';
import { defineFileRoute } from '#functions/shared/http/route.ts';
import type { OrganisationPorts } from '#functions/shared/organisation-store.ts';
import { SHEET_BYTES, SHEET_TYPES } from '#functions/shared/sheet.ts';
import { signatoryOf } from '#functions/shared/signatory.ts';
import { importOrganisations } from './import-organisations.ts';

const line = z.strictObject({ row: z.int().nullable(), id: z.string(), name: z.string() });
const importReportSchema = z.strictObject({
  applied: z.boolean(),
  faults: z.array(
    z.strictObject({
      row: z.int().nullable(),
      column: z.string().nullable(),
      code: z.string(),
      message: z.string(),
    }),
  ),
  counts: z.strictObject({
    added: z.int(),
    changed: z.int(),
    dissolved: z.int(),
    unchanged: z.int(),
    faults: z.int(),
  }),
  changes: z.strictObject({ added: z.array(line), changed: z.array(line), dissolved: z.array(line) }),
});

export const importOrganisationsRoutes = [
  defineFileRoute({
    method: 'POST',
    path: '/v1/organisations/import',
    operation: 'organisation.change',
    status: 200,
    about: {
      operationId: 'importOrganisations',
      tag: 'organisations',
      summary: '导入工会组织表',
      description:
        '接受 XLSX 或 CSV（UTF-8、GB18030）。默认只试算：列出将新增、变更、撤销的单位和全部问题；apply=true 时没有问题才一次导入。',
      answer: importReportSchema,
      refusals: { 422: ['unreadable-sheet'] },
    },
    // A gateway may take text for UTF-8: bytes in GB18030 come through it unharmed as octets only.
    accepts: { types: [...Object.values(SHEET_TYPES), 'application/octet-stream'], maxBytes: SHEET_BYTES },
    request: {
      query: z.strictObject({
        apply: z
          .enum(['true', 'false'])
          .default('false')
          .transform((text) => text === 'true'),
        reason: z.string().trim().min(1).max(1000).default('导入工会组织表'),
      }),
    },
    handle: async (ports: OrganisationPorts, { caller, file }, { query }) => {
      const by = signatoryOf(caller);
      const report = await importOrganisations(ports, by, file, query);
      if (query.apply && !report.applied) {
        throw new InvalidInput(
          report.faults.map(({ row, column, code, message }) => ({
            pointer: pointerTo([row ?? 0, column ?? ''].filter((part) => part !== '')),
            code,
            message: `${row === null ? '' : `第${row}行`}${column === null ? '' : `“${column}”`}：${message}`,
          })),
          '表格有误，没有导入任何内容；请按提示逐项改正后重新导入。',
        );
      }
      return { body: jsonObjectSchema.parse(report) };
    },
  }),
];
