/** The entry of the functions that run on a schedule: EventBridge's scheduled event. */
import * as z from 'zod';
import { chain, type LambdaHandler } from './chain.ts';

const Scheduled = z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') });

export const scheduledHandler = (run: () => Promise<void>): LambdaHandler<void> =>
  chain(Scheduled.parse, () => run());
