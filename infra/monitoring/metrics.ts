/** The metrics that dashboard and alarms are made of: those of the services, and the business metrics of the one list. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '#functions/manifest.ts';
import { METRICS, METRICS_NAMESPACE, type MetricName } from '#functions/shared/metrics.ts';
import { INDEXES } from '#functions/shared/ports.ts';
import { APPLICATION, type FailureQueue, nameOf } from '../names.ts';
import type { Parameters } from '../parameters.ts';

/** What a metric's dimensions name: identifiers that only the other stacks know. */
export type Watched = {
  readonly parameters: Parameters;
  readonly stateMachineArn: string;
  readonly apiId: string;
  readonly tableName: string;
  readonly topicName: string;
};

/** Gauges come every five minutes, and most services' metrics at least as often. */
const PERIOD = Duration.minutes(5);

const metric = (
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
  label?: string,
): Metric =>
  new Metric({
    namespace,
    metricName,
    dimensionsMap,
    statistic,
    period: PERIOD,
    ...(label === undefined ? {} : { label }),
  });

/**
 * A business metric, of one value of its dimension where it has one. Events are counted, of gauges the highest value of a
 * period counts unless another statistic is asked for. Throws for a value that the list of metrics does not know.
 */
export function business(
  name: MetricName,
  options: { readonly value?: string; readonly statistic?: string; readonly label?: string } = {},
): Metric {
  const { kind, dimension } = METRICS[name];
  const known: readonly string[] = dimension?.values ?? [];
  const { value } = options;
  if (dimension === null ? value !== undefined : value === undefined || !known.includes(value))
    throw new Error(`${name} has no series ${value}`);
  return metric(
    METRICS_NAMESPACE,
    name,
    {
      // Powertools adds it to whatever it emits.
      service: APPLICATION,
      ...(dimension === null || value === undefined ? {} : { [dimension.name]: value }),
    },
    options.statistic ?? (kind === 'event' ? Stats.SUM : Stats.MAXIMUM),
    options.label,
  );
}

/** The metrics of the services, by what they tell of. */
export const serviceMetrics = ({ parameters, stateMachineArn, apiId, tableName, topicName }: Watched) => ({
  executions: (name: string, label?: string) =>
    metric('AWS/States', name, { StateMachineArn: stateMachineArn }, Stats.SUM, label),
  api: (name: string, statistic: string, label?: string) =>
    metric('AWS/ApiGateway', name, { ApiId: apiId }, statistic, label),
  function: (name: string, functionName: FunctionName, statistic: string) =>
    metric('AWS/Lambda', name, { FunctionName: nameOf(parameters, functionName) }, statistic, functionName),
  /** Of all functions of the account in this region: they share one limit. */
  allFunctions: (name: string, statistic: string, label?: string) =>
    metric('AWS/Lambda', name, {}, statistic, label),
  waiting: (queue: FailureQueue) =>
    metric(
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      { QueueName: nameOf(parameters, queue) },
      Stats.MAXIMUM,
      queue,
    ),
  table: (name: string, label?: string) =>
    metric('AWS/DynamoDB', name, { TableName: tableName }, Stats.SUM, label),
  messages: (name: string, label?: string) =>
    metric('AWS/SNS', name, { TopicName: topicName }, Stats.SUM, label),
  /**
   * Refused reads and writes of the table and its indexes. `ThrottledRequests` would not do: it is only kept for each
   * operation, so without one it has no data.
   */
  tableThrottled: (): MathExpression => {
    const places = [{}, ...INDEXES.map((index) => ({ GlobalSecondaryIndexName: index }))];
    const metrics = places.flatMap((place) =>
      ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
        metric('AWS/DynamoDB', name, { TableName: tableName, ...place }, Stats.SUM),
      ),
    );
    const usingMetrics: Record<string, IMetric> = Object.fromEntries(
      metrics.map((one, index) => [`m${index}`, one]),
    );
    return new MathExpression({
      expression: Object.keys(usingMetrics)
        .map((id) => `FILL(${id}, 0)`)
        .join(' + '),
      usingMetrics,
      period: PERIOD,
      label: '被限流的读写',
    });
  },
});
