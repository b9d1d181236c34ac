/** What sets functions going besides callers and the state machine: uploads, and rows of the outbox. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnEventInvokeConfig, CfnEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { FUNCTION_NAMES, FUNCTIONS, type Trigger } from '#functions/manifest.ts';
import { OUTBOX_PREFIX } from '#functions/shared/keys.ts';
import { type FailureQueue, LIVE, nameOf } from '../names.ts';
import type { Parameters } from '../parameters.ts';
import type { DataStack } from './data.ts';
import type { LiveFunction } from './functions.ts';

type EventsStackProps = StackProps & { readonly data: DataStack; readonly live: LiveFunction };

export class EventsStack extends Stack {
  constructor(scope: Construct, id: string, parameters: Parameters, props: EventsStackProps) {
    super(scope, id, props);
    const { data, live } = props;

    /** Holds what a trigger could not deliver for 14 days, SQS's longest. */
    const failureQueue = (part: FailureQueue) =>
      new Queue(this, part, {
        queueName: nameOf(parameters, part),
        // The events hold keys, no content; EventBridge could not use a key of ours without a policy on it.
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      });

    for (const name of FUNCTION_NAMES) {
      const trigger: Trigger = FUNCTIONS[name].trigger;
      if (trigger.kind === 'objectCreated') {
        onObjectCreated(
          this,
          live(name),
          data.uploads.bucketName,
          trigger.prefix,
          failureQueue('document-failures'),
        );
      }
      if (trigger.kind === 'schedule') {
        onSchedule(this, name, live(name), trigger.everyMinutes, failureQueue('schedule-failures'));
      }
      if (trigger.kind === 'outbox') {
        onOutbox(this, live(name), data.tableStreamArn, trigger.everyMinutes, failureQueue('relay-failures'));
      }
    }
  }
}

function onObjectCreated(
  stack: Stack,
  live: IFunction,
  bucketName: string,
  prefix: string,
  failures: Queue,
): void {
  new Rule(stack, 'ObjectCreated', {
    eventPattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [bucketName] }, object: { key: [{ prefix }] } },
    },
    targets: [new LambdaFunction(live, { deadLetterQueue: failures })],
  });
  failuresOfInvocations(stack, 'DocumentInvocations', live, failures);
}

function onOutbox(
  stack: Stack,
  live: IFunction,
  streamArn: string,
  everyMinutes: number,
  failures: Queue,
): void {
  const newRows = JSON.stringify({
    eventName: ['INSERT'],
    dynamodb: { Keys: { pk: { S: [{ prefix: OUTBOX_PREFIX }] } } },
  });
  new CfnEventSourceMapping(stack, 'OutboxStream', {
    eventSourceArn: streamArn,
    functionName: live.functionArn,
    startingPosition: 'TRIM_HORIZON',
    batchSize: 100,
    maximumRetryAttempts: 5,
    bisectBatchOnFunctionError: true,
    functionResponseTypes: ['ReportBatchItemFailures'],
    filterCriteria: { filters: [{ pattern: newRows }] },
    destinationConfig: { onFailure: { destination: failures.queueArn } },
  });
  new Rule(stack, 'OutboxSchedule', {
    schedule: Schedule.rate(Duration.minutes(everyMinutes)),
    // The next schedule does what this one could not.
    targets: [new LambdaFunction(live, { deadLetterQueue: failures, retryAttempts: 0 })],
  });
  failuresOfInvocations(stack, 'RelayInvocations', live, failures);
}

function onSchedule(
  stack: Stack,
  name: string,
  live: IFunction,
  everyMinutes: number,
  failures: Queue,
): void {
  new Rule(stack, `${name}-schedule`, {
    schedule: Schedule.rate(Duration.minutes(everyMinutes)),
    // The next one measures anew.
    targets: [new LambdaFunction(live, { deadLetterQueue: failures, retryAttempts: 0 })],
  });
  failuresOfInvocations(stack, `${name}-invocations`, live, failures);
}

/**
 * EventBridge's own queue of failures takes what never reached the function. What reached it and failed, after two
 * more attempts, goes this way.
 */
function failuresOfInvocations(stack: Stack, id: string, live: IFunction, failures: Queue): void {
  new CfnEventInvokeConfig(stack, id, {
    functionName: live.functionName,
    qualifier: LIVE,
    maximumRetryAttempts: 2,
    destinationConfig: { onFailure: { destination: failures.queueArn } },
  });
}
