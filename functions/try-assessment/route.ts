import { jsonObjectSchema } from '#domain/json.ts';
import { declarationSchema } from '#domain/rules/declaration.ts';
import { assessmentSchema } from '#functions/shared/assessment-view.ts';
import { EXAMPLE_DECLARATION } from '#functions/shared/examples.ts';
import { requireJsonType } from '#functions/shared/http/json.ts';
import { defineRoute } from '#functions/shared/http/route.ts';
import type { Ports } from '#functions/shared/ports.ts';
import { MAX_TRIAL_BYTES, readTrial, tryAssessment } from './try-assessment.ts';

export const tryAssessmentRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v1/assessments',
    access: 'public',
    operation: 'assessment.try',
    status: 200,
    maxBodyBytes: MAX_TRIAL_BYTES,
    // The contract's own parser judges the very text, so that its faults are the same everywhere.
    raw: true,
    about: {
      operationId: 'tryAssessment',
      tag: 'assessments',
      summary: '试算能否建档',
      description:
        '按现行规定和当地标准测算，逐条说明依据，不保存任何数据。金额写成文本；null 表示尚不清楚，与零不同。内容有误时一次列出全部错误。',
      answer: assessmentSchema,
      rawBody: declarationSchema,
      refusals: { 415: ['unsupported-media-type'] },
      example: EXAMPLE_DECLARATION,
    },
    request: {},
    handle: async (ports: Pick<Ports, 'settings'>, { message }) => {
      requireJsonType(message.headers);
      const assessment = tryAssessment(readTrial(message.body), ports.settings.parameters.set, {
        figuresOnly: false,
      });
      return { body: jsonObjectSchema.parse(assessment) };
    },
  }),
];
