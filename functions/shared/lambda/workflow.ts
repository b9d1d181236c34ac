/** The entry of the functions that the state machine invokes. */
import type { Json } from '../ports.ts';
import { chain, type LambdaHandler } from './chain.ts';

/**
 * The event is the `Payload` of the task's arguments, the task token among it where the task waits for one; the
 * result is what the task's `$states.result.Payload` holds.
 */
export function workflowHandler<Payload, Result extends Json>(
  parse: (payload: unknown) => Payload,
  useCase: (payload: Payload) => Promise<Result>,
): LambdaHandler<Result> {
  return chain(parse, useCase);
}
