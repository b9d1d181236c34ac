import { caseView } from '#functions/shared/case-view.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { openCase } from './open-case.ts';
import { openCaseSchema } from './schema.ts';

export const openCaseRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/cases',
    access: 'jwt',
    operation: 'case.open',
    status: 201,
    request: { body: openCaseSchema },
    handle: async (
      ports: Pick<Ports, 'items' | 'clock' | 'ids' | 'metrics' | 'organisations' | 'vault'>,
      { caller },
      { body },
    ) => {
      const record = await openCase(ports, caller, body);
      return { body: caseView(record), headers: { location: `/v1/cases/${record.caseId}` } };
    },
  }),
];
