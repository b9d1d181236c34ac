/** The entry of the functions that the state machine invokes. */
import * as z from 'zod';
import type { JsonObject } from '../ports.ts';
import { chain, type LambdaHandler } from './chain.ts';

/** Only for the log: the use case itself says what the payload must be. */
const caseOf = z.object({ caseId: z.string().regex(/^[0-9a-z]{26}$/) });

/**
 * The event is the `Payload` of the task's arguments, the task token among it where the task waits for one; the use
 * case parses it. The result is what the task's `$states.result.Payload` holds; the name of what is thrown is what
 * `Retry` and `Catch` go by.
 */
export const workflowHandler = <P>(
  useCase: (ports: P, payload: unknown) => Promise<JsonObject>,
  ports: P,
): LambdaHandler<JsonObject> =>
  chain(
    (event) => event,
    (payload) => useCase(ports, payload),
    (payload) => caseOf.safeParse(payload).data ?? {},
  );
