import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { defineFileRoute, defineRoute } from '#functions/shared/http/route.ts';
import { SHEET_BYTES, SHEET_TYPES } from '#functions/shared/sheet.ts';
import { type ExchangePorts, exportRequests, importReplies } from './exchange-cross-checks.ts';

export const exchangeCrossChecksRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/cross-checks/export',
    access: 'jwt',
    operation: 'crossCheck.exchange',
    status: 200,
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
