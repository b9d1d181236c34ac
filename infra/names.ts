/**
 * Names that are fixed, so that a stack may speak of a resource of a later stack without a circle between the
 * two: the relay starts executions of a state machine that invokes functions, and a function's role may send to a
 * queue whose owner invokes the function.
 */
import { Arn, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import type { Parameters } from './parameters.ts';

/** Part of every name, and the `service` of every metric. */
export const APPLICATION = 'hardship-filing';

/** The alias by which functions and the state machine are called. */
export const LIVE = 'live';

/**
 * What becomes of data when its stack is deleted: it stays. A first deployment that fails leaves nothing behind,
 * or its names would be in the way of the second.
 */
export const KEEP = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** `hardship-filing-<environment>-<part>` */
export function nameOf(parameters: Parameters, part: string): string {
  return `${APPLICATION}-${parameters.environment}-${part}`;
}

/** The ARN of the state machine, of its live alias and of all its executions. */
export function stateMachineArns(stack: Stack, parameters: Parameters) {
  const name = nameOf(parameters, 'filing');
  const colon = (resource: string, resourceName: string) =>
    Arn.format({ service: 'states', resource: `${resource}:${resourceName}` }, stack);
  return {
    machine: colon('stateMachine', name),
    alias: colon('stateMachine', `${name}:${LIVE}`),
    executions: colon('execution', `${name}:*`),
  };
}

/** What a trigger could not deliver, by trigger. */
export const FAILURE_QUEUES = ['document-failures', 'relay-failures', 'schedule-failures'] as const;
export type FailureQueue = (typeof FAILURE_QUEUES)[number];

export function failureQueueArn(stack: Stack, parameters: Parameters, queue: FailureQueue): string {
  return Arn.format({ service: 'sqs', resource: nameOf(parameters, queue) }, stack);
}
