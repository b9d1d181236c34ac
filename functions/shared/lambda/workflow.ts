/** The entry of the functions that the state machine invokes. */
import type { JsonObject } from '../ports.ts';
import { chain, type LambdaHandler } from './chain.ts';

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
  );
