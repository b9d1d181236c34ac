/**
 * What every Lambda entry has in common: lines of the log that say which function, request and case they are about,
 * the event parsed once, and a fault told by name only. What a Lambda function throws lands in logs and, for the state
 * machine's tasks, in the execution's history; an unforeseen message may quote what it stumbled over, so it stays inside.
 */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import * as z from 'zod';
import { AppError } from '../errors.ts';
import { errorFields, type LogFields } from '../log.ts';
import { emf } from './emf.ts';
import { aboutInvocation, logger, powertools } from './log.ts';

/** The part of Lambda's context that the entries read. */
type LambdaContext = { readonly awsRequestId: string };

export type LambdaHandler<Result> = (event: unknown, context: LambdaContext) => Promise<Result>;

/**
 * A Lambda handler that hands the parsed event to `run` and returns what that returns; `about` says what the log's
 * lines name of the event. What `parse` or `run` throws is logged and thrown on: an `AppError` as it is (its message is
 * made for people), anything else with its name, which the definition's `Retry` and `Catch` go by, and without its
 * message, stack and cause.
 */
export function chain<Event, Result>(
  parse: (event: unknown) => Event,
  run: (event: Event) => Promise<Result>,
  about: (event: Event) => LogFields = () => ({}),
): LambdaHandler<Result> {
  return middy<unknown, Result>()
    .use(injectLambdaContext(powertools, { resetKeys: true }))
    .use(logMetrics(emf, { captureColdStartMetric: true }))
    .onError((request) => {
      logger.error('fault', evidence(request.error));
      if (!(request.error instanceof AppError)) {
        request.error = nameOnly(request.error, String(request.context.awsRequestId));
      }
    })
    .handler(async (event) => {
      const parsed = parse(event);
      aboutInvocation(about(parsed));
      return run(parsed);
    });
}

/** What may be known of an error: its name, where it was thrown, a code or the places of a parse's faults. */
function evidence(error: unknown): LogFields {
  return {
    ...errorFields(error),
    error: nameOf(error),
    ...(error instanceof AppError && { code: error.code }),
    ...(error instanceof z.ZodError && {
      faults: error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join('; '),
    }),
  };
}

function nameOnly(error: unknown, requestId: string): Error {
  const told = new Error(`details in the log under request ${requestId}`);
  told.name = nameOf(error);
  told.stack = `${told.name}: ${told.message}`;
  return told;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'UnknownFault');
