/**
 * What every Lambda entry has in common: the event is parsed once, and a fault is told by name only. What a
 * Lambda function throws lands in logs and, for the state machine's tasks, in the execution's history; an
 * unforeseen message may quote what it stumbled over, so it stays inside.
 */
import middy from '@middy/core';
import * as z from 'zod';
import { AppError } from '../errors.ts';

/** The part of Lambda's context that the entries read. */
type LambdaContext = { readonly awsRequestId: string };

export type LambdaHandler<Result> = (event: unknown, context: LambdaContext) => Promise<Result>;

/**
 * A Lambda handler that hands the parsed event to `run` and returns what that returns. What `parse` or `run`
 * throws is logged and thrown on: an `AppError` as it is (its message is made for people), anything else with
 * its name, which the definition's `Retry` and `Catch` go by, and without its message, stack and cause.
 */
export function chain<Event, Result>(
  parse: (event: unknown) => Event,
  run: (event: Event) => Promise<Result>,
): LambdaHandler<Result> {
  return middy<unknown, Result>()
    .onError((request) => {
      const requestId = String(request.context.awsRequestId);
      console.error(evidence(request.error, requestId));
      if (!(request.error instanceof AppError)) request.error = nameOnly(request.error, requestId);
    })
    .handler(async (event) => run(parse(event)));
}

/** What may be known of an error: its name, where it was thrown, a code or the places of a parse's faults. */
function evidence(error: unknown, requestId: string) {
  return {
    event: 'fault',
    requestId,
    error: nameOf(error),
    ...(error instanceof AppError && { code: error.code }),
    ...(error instanceof z.ZodError && {
      faults: error.issues.map((issue) => ({ path: issue.path.join('.'), code: issue.code })),
    }),
    frames: error instanceof Error ? (error.stack?.match(/^ {4}at .+$/gm) ?? []) : [],
  };
}

function nameOnly(error: unknown, requestId: string): Error {
  const told = new Error(`details in the log under request ${requestId}`);
  told.name = nameOf(error);
  told.stack = `${told.name}: ${told.message}`;
  return told;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'UnknownFault');
