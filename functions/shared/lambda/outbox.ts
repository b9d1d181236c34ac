/** The entry of the function that empties the outbox: woken by the table's stream and by a schedule. */
import { z } from 'zod';
import { chain, type LambdaHandler } from './chain.ts';

const Awakening = z.union([
  z.object({ Records: z.array(z.object({ eventSource: z.literal('aws:dynamodb') })).min(1) }),
  z.object({ source: z.literal('aws.events'), 'detail-type': z.literal('Scheduled Event') }),
]);

/**
 * Both triggers say only that rows may be waiting, so `relay` reads the outbox itself and is handed nothing. When
 * it throws, the stream's batch is tried again and the next schedule comes anyway.
 */
export function outboxHandler(relay: () => Promise<unknown>): LambdaHandler<void> {
  return chain(Awakening.parse, async () => {
    await relay();
  });
}
