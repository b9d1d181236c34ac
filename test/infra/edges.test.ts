/**
 * Nothing that is handed on without somebody waiting for it can get lost: every asynchronous edge of the templates ends in
 * a queue of failures. The edges are found by the kinds of resources that make them, whatever stack they stand in.
 */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { line, type Resource, type StackName, Templates } from './templates.ts';

const arn = z.unknown().transform(line);
const DeadLetterConfig = z.object({ Arn: arn }).optional();
const Properties = {
  rule: z.object({ Targets: z.array(z.object({ Arn: arn, DeadLetterConfig })) }),
  schedule: z.object({ Target: z.object({ Arn: arn, DeadLetterConfig }) }),
  onFailure: z.object({
    FunctionName: arn,
    DestinationConfig: z.object({ OnFailure: z.object({ Destination: arn }) }).optional(),
  }),
  subscription: z.object({
    RedrivePolicy: z.object({ deadLetterTargetArn: arn }).optional(),
    Endpoint: arn.optional(),
  }),
};

/** An edge: what is called, and where its failures go. */
type Edge = { readonly calls: string; readonly failures: string | undefined };

const EDGES: Readonly<Record<string, (properties: unknown) => readonly Edge[]>> = {
  'AWS::Events::Rule': (value) =>
    Properties.rule
      .parse(value)
      .Targets.map(({ Arn, DeadLetterConfig: queue }) => ({ calls: Arn, failures: queue?.Arn })),
  'AWS::Scheduler::Schedule': (value) => {
    const { Arn, DeadLetterConfig: queue } = Properties.schedule.parse(value).Target;
    return [{ calls: Arn, failures: queue?.Arn }];
  },
  'AWS::Lambda::EventSourceMapping': (value) => {
    const { FunctionName, DestinationConfig } = Properties.onFailure.parse(value);
    return [{ calls: FunctionName, failures: DestinationConfig?.OnFailure.Destination }];
  },
  'AWS::SNS::Subscription': (value) => {
    const { Endpoint, RedrivePolicy } = Properties.subscription.parse(value);
    return [{ calls: Endpoint ?? '', failures: RedrivePolicy?.deadLetterTargetArn }];
  },
};

/** Kinds that would make edges of a form that this test doesn't read. */
const UNKNOWN = /^AWS::Pipes::|^AWS::IoT::TopicRule|^AWS::Logs::SubscriptionFilter|^AWS::S3::.*Notification/;

describe.each(['dev', 'prod', 'china'])('%s', (environment) => {
  const templates = new Templates(environment);
  const all = Object.entries(templates.all).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, resource]) => ({ stack, id, resource })),
  );
  const queues = new Set(
    all.flatMap(({ id, resource }) => (resource.Type === 'AWS::SQS::Queue' ? [`<${id}.Arn>`] : [])),
  );
  const edgesOf = ({ Type, Properties: properties }: Resource): readonly Edge[] =>
    EDGES[Type]?.(properties) ?? [];
  const edges = all.flatMap(({ id, resource }) =>
    edgesOf(resource).map((edge): [string, Edge] => [`${resource.Type} ${id}`, edge]),
  );

  it('has edges of all the kinds that the events need', () => {
    expect(edges.map(([name]) => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['AWS::Events::Rule', 'AWS::Lambda::EventSourceMapping']),
    );
    expect(all.filter(({ resource }) => UNKNOWN.test(resource.Type))).toEqual([]);
  });

  it.each(edges)('%s puts its failures aside', (_, { failures }) => {
    expect(queues).toContain(failures);
  });

  it('has every function that is invoked asynchronously put aside what it fails on', () => {
    const configured = new Map(
      templates.of('events', 'AWS::Lambda::EventInvokeConfig').map(([, { Properties: properties }]) => {
        const { FunctionName, DestinationConfig } = Properties.onFailure.parse(properties);
        return [FunctionName, DestinationConfig?.OnFailure.Destination];
      }),
    );
    const invoked = edges
      .filter(([name]) => !name.startsWith('AWS::Lambda::EventSourceMapping'))
      .map(([, { calls }]) => calls)
      .filter((calls) => calls.includes(':lambda:'))
      .map((calls) => calls.replace(/^.*:function:/, '').replace(/:live$/, ''));
    expect(invoked.length).toBeGreaterThan(0);
    for (const name of invoked) expect([name, queues.has(configured.get(name) ?? '')]).toEqual([name, true]);
  });

  it('has no bucket that calls anything but EventBridge', () => {
    const stack: StackName = 'data';
    for (const [, { Properties: properties }] of templates.of(stack, 'AWS::S3::Bucket')) {
      const { NotificationConfiguration = {} } = z
        .object({ NotificationConfiguration: z.record(z.string(), z.unknown()).optional() })
        .parse(properties);
      expect(
        Object.keys(NotificationConfiguration).filter((key) => key !== 'EventBridgeConfiguration'),
      ).toEqual([]);
    }
  });
});
