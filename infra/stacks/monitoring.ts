/** What somebody is told at once, and what can be looked at: alarms with one topic, and a dashboard. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { FunctionName } from '#functions/manifest.ts';
import { METRICS_NAMESPACE, SERVICE } from '#functions/shared/metrics.ts';
import { FAILURE_QUEUES, nameOf, stateMachineArns } from '../names.ts';
import type { Parameters } from '../parameters.ts';

type MonitoringStackProps = StackProps & { readonly apiId: string; readonly tableName: string };

/** One thing to watch: the metric, how much of it is too much, and what that means for people. */
type Watched = { readonly metric: Metric; readonly above: number; readonly means: string };

const RELAY: FunctionName = 'relay-outbox';

export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, parameters: Parameters, props: MonitoringStackProps) {
    super(scope, id, props);

    const metric = (
      namespace: string,
      metricName: string,
      dimensionsMap: Record<string, string>,
      statistic: string,
    ) => new Metric({ namespace, metricName, dimensionsMap, statistic, period: Duration.minutes(5) });
    const StateMachineArn = stateMachineArns(this, parameters).machine;
    const executions = (name: string) => metric('AWS/States', name, { StateMachineArn }, Stats.SUM);
    const api = (name: string, statistic: string) =>
      metric('AWS/ApiGateway', name, { ApiId: props.apiId }, statistic);
    const relay = { FunctionName: nameOf(parameters, RELAY) };
    const waiting = (queue: string) =>
      metric(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: nameOf(parameters, queue) },
        Stats.MAXIMUM,
      );

    // A withdrawn case aborts its execution, which is none of these.
    const watched: Record<string, Watched> = {
      'executions-failed': {
        metric: executions('ExecutionsFailed'),
        above: 0,
        means: '有案件的流程执行失败，须人工处理',
      },
      'executions-timed-out': {
        metric: executions('ExecutionsTimedOut'),
        above: 0,
        means: '有案件的流程执行超时，须人工处理',
      },
      'api-faults': { metric: api('5xx', Stats.SUM), above: 0, means: '接口出现系统错误' },
      'relay-errors': {
        metric: metric('AWS/Lambda', 'Errors', relay, Stats.SUM),
        above: 2,
        means: '发件箱转发反复失败，已作出的决定可能未送达流程',
      },
      'relay-behind': {
        metric: metric('AWS/Lambda', 'IteratorAge', relay, Stats.MAXIMUM),
        above: Duration.minutes(10).toMilliseconds(),
        means: '发件箱积压超过十分钟',
      },
      'table-throttled': {
        metric: metric('AWS/DynamoDB', 'ThrottledRequests', { TableName: props.tableName }, Stats.SUM),
        above: 0,
        means: '数据表请求被限流',
      },
      'callbacks-refused': {
        metric: metric(METRICS_NAMESPACE, 'CallbacksRefused', { service: SERVICE }, Stats.SUM),
        above: 0,
        means: '有比对回调被拒收（伪造、过期、重放或无法读取），须核对来源，必要时更换密钥',
      },
      ...Object.fromEntries(
        FAILURE_QUEUES.map((queue) => [
          queue,
          { metric: waiting(queue), above: 0, means: '有事件未能处理，已转入失败队列，须人工处理' },
        ]),
      ),
    };

    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    // A policy of its own (it has one: TLS only) takes the place of the one that lets alarms in by default.
    topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const action = new SnsAction(topic);
    for (const [name, { metric, above, means }] of Object.entries(watched)) {
      const alarm = new Alarm(this, name, {
        alarmName: nameOf(parameters, name),
        alarmDescription: means,
        metric,
        threshold: above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(action);
    }

    const graph = (title: string, left: Metric[]) => new GraphWidget({ title, left, width: 12 });
    new Dashboard(this, 'Dashboard', {
      dashboardName: nameOf(parameters, 'overview'),
      widgets: [
        [
          graph(
            '流程执行',
            [
              'ExecutionsStarted',
              'ExecutionsSucceeded',
              'ExecutionsFailed',
              'ExecutionsTimedOut',
              'ExecutionsAborted',
            ].map(executions),
          ),
          graph('失败队列', FAILURE_QUEUES.map(waiting)),
        ],
        [
          graph('接口请求', [api('Count', Stats.SUM), api('4xx', Stats.SUM), api('5xx', Stats.SUM)]),
          graph('接口时延（毫秒）', [api('Latency', 'p50'), api('Latency', 'p99')]),
        ],
      ],
    });
  }
}
