import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { tryAssessment } from './try-assessment.ts';

export const tryAssessmentRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/assessments',
    access: 'public',
    operation: 'assessment.try',
    status: 200,
    // The contract's own parser judges the body, so that its faults are the same everywhere.
    request: { body: z.unknown() },
    handle: async (ports: Pick<Ports, 'settings'>, _context, { body }) => ({
      body: jsonObjectSchema.parse(
        tryAssessment(body, ports.settings.parameters.set, { figuresOnly: false }),
      ),
    }),
  }),
];
