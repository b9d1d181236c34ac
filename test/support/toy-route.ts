/** What a toy route says of itself. */
import * as z from 'zod';
import type { About } from '#functions/shared/http/route.ts';

export const ABOUT: About = {
  operationId: 'toy',
  tag: 'cases',
  summary: '测试',
  answer: z.unknown(),
  refusals: {},
};
