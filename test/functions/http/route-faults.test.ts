import { expect, test } from 'vitest';
import * as z from 'zod';
import type { FunctionDeclaration } from '#functions/manifest.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import { ABOUT } from '#test/support/toy-route.ts';
import { routeFaults } from './route-faults.ts';

const functions: Record<string, FunctionDeclaration> = {
  'read-case': {
    trigger: { kind: 'routes', routes: [{ method: 'GET', path: '/v1/cases/{caseId}', access: 'jwt' }] },
    rights: {},
    memoryMb: 512,
    timeoutSeconds: 10,
  },
};

const route = (params: z.ZodType, path: `/v1/${string}` = '/v1/cases/{caseId}') =>
  defineRoute({
    method: 'GET',
    path,
    access: 'jwt',
    operation: 'case.read',
    status: 200,
    about: ABOUT,
    request: { params },
    handle: async () => ({}),
  });

test('a route that is as declared has no fault', () => {
  expect(routeFaults([route(z.strictObject({ caseId: z.string() }))], functions)).toEqual([]);
});

test('what is missing, too much, twice, open or differs in its parameters is told', () => {
  const caseId = z.strictObject({ caseId: z.string() });
  expect(routeFaults([], functions)).toEqual(['GET /v1/cases/{caseId} (jwt): declared, not defined']);
  expect(routeFaults([route(caseId), route(caseId)], functions)).toEqual([
    'GET /v1/cases/{caseId} (jwt): defined twice',
  ]);
  expect(routeFaults([route(caseId), route(caseId, '/v1/x/{caseId}')], functions)).toEqual([
    'GET /v1/x/{caseId} (jwt): defined, not declared',
  ]);
  expect(routeFaults([route(z.object({ caseId: z.string() }))], functions)).toEqual([
    'GET /v1/cases/{caseId} (jwt): an object of its request lets unknown keys in',
  ]);
  expect(routeFaults([route(z.strictObject({ id: z.string() }))], functions)).toEqual([
    'GET /v1/cases/{caseId} (jwt): its schema has other path parameters',
  ]);
});
