/**
 * The `lambda:invoke` integration on functions in the same process: `FunctionName` and `Payload` in, the shape
 * of Lambda's answer out.
 */
import * as z from 'zod';
import type { Json } from '#functions/shared/ports.ts';
import type { Perform } from './engine.ts';
import { ERRORS, TaskFailure } from './failure.ts';

/** Calls a function by the name or ARN that stands in the definition. What it throws is the task's error. */
export type Invoke = (functionName: string, payload: Json) => Promise<Json | undefined>;

const invocation = z.strictObject({ FunctionName: z.string().min(1), Payload: z.json().default({}) });

/** A performer for `Engine`. Arguments of another shape end the execution with `States.Runtime`. */
export function lambdaInvocations(invoke: Invoke): Perform {
  return async ({ arguments: given }) => {
    const parsed = invocation.safeParse(given);
    if (!parsed.success) {
      throw new TaskFailure(
        ERRORS.runtime,
        `lambda:invoke takes FunctionName and Payload: ${parsed.error.message}`,
      );
    }
    const payload = await invoke(parsed.data.FunctionName, parsed.data.Payload);
    return { ExecutedVersion: '$LATEST', Payload: overTheWire(payload), StatusCode: 200 };
  };
}

/** As it would arrive from Lambda: dates as text, nothing as null, no field that is undefined. */
const overTheWire = (payload: Json | undefined): Json => JSON.parse(JSON.stringify(payload ?? null));
