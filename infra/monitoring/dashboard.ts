/** The dashboard: what people ask first on top, what the machines tell below. Titles are Chinese, for the operators. */
import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type CustomMetricGroup, DefaultDashboardFactory, MonitoringFacade } from 'cdk-monitoring-constructs';
import type { Construct } from 'constructs';
import { STAGES, type Stage } from '#domain/filing/stages.ts';
import { FUNCTION_NAMES, FUNCTIONS } from '#functions/manifest.ts';
import { METRICS } from '#functions/shared/metrics.ts';
import { FAILURE_QUEUES, nameOf } from '../names.ts';
import { business, serviceMetrics, type Watched } from './metrics.ts';

const LEVELS = { grassroots: '基层工会', superior: '上级工会', centre: '服务中心' } as const;
const DECISIONS = {
  national: '全总级',
  provincial: '省总级',
  municipal: '市总级',
  refused: '不予建档',
} as const;

const graph = (title: string, metrics: CustomMetricGroup['metrics']): CustomMetricGroup => ({
  title,
  metrics: [...metrics],
});

/** One line for each value of the metric's dimension, each under the name that people know it by. */
const byLevel = (name: 'OpenTasks' | 'OldestOpenTask') =>
  METRICS[name].dimension.values.map((value) => business(name, { value, label: LEVELS[value] }));
const byStage = (name: 'StageEntered' | 'StageLeft') =>
  METRICS[name].dimension.values.map((value: Stage) => business(name, { value, label: STAGES[value].name }));

/** S3 tells the size of a bucket once a day. */
const bucketSize = (bucketName: string, label: string): Metric =>
  new Metric({
    namespace: 'AWS/S3',
    metricName: 'BucketSizeBytes',
    dimensionsMap: { BucketName: bucketName, StorageType: 'StandardStorage' },
    statistic: Stats.AVERAGE,
    period: Duration.days(1),
    label,
  });

type DashboardProps = {
  readonly watched: Watched;
  readonly alarms: readonly Alarm[];
  readonly buckets: { readonly uploads: string; readonly archive: string };
};

/** One dashboard, `<prefix>-overview`. */
export function drawDashboard(scope: Construct, { watched, alarms, buckets }: DashboardProps): void {
  const of = serviceMetrics(watched);
  const facade = new MonitoringFacade(scope, 'Overview', {
    dashboardFactory: new DefaultDashboardFactory(scope, 'Dashboards', {
      dashboardNamePrefix: nameOf(watched.parameters, 'overview'),
      detailDashboardRange: Duration.days(1),
    }),
  });
  const section = (title: string, ...metricGroups: CustomMetricGroup[]): void => {
    // The alarms are drawn from a list of their own; a section makes none, so its alarm names don't matter.
    facade.monitorCustom({ humanReadableName: title, alarmFriendlyName: title, metricGroups });
  };

  facade.addWidget(new AlarmStatusWidget({ title: '告警', alarms: [...alarms], width: 24, height: 5 }));
  section(
    '办理',
    graph('进入各环节（件）', byStage('StageEntered')),
    graph('离开各环节（件）', byStage('StageLeft')),
    graph('待办任务（件）', byLevel('OpenTasks')),
    graph('最久未办任务（秒）', byLevel('OldestOpenTask')),
  );
  section(
    '信息比对',
    graph('等待结果（件）', [business('CrossChecksWaiting', { label: '等待中' })]),
    graph('结果（件）', [
      business('CrossCheckHits', { label: '比中' }),
      business('CrossCheckFailures', { label: '失败' }),
      business('CallbacksRefused', { label: '回调被拒' }),
    ]),
  );
  section(
    '认定',
    graph(
      '建档与不予建档（件）',
      METRICS.Decisions.dimension.values.map((value) =>
        business('Decisions', { value, label: DECISIONS[value] }),
      ),
    ),
  );
  section(
    '通道',
    graph('发件箱（行）', [business('OutboxRows', { label: '未送达' })]),
    graph('发件箱最久未送达（秒）', [business('OutboxAge', { label: '最久' })]),
    graph('失败队列（条）', FAILURE_QUEUES.map(of.waiting)),
    graph('发给人的消息（条）', [
      of.messages('NumberOfNotificationsDelivered', '送达'),
      of.messages('NumberOfNotificationsFailed', '失败'),
    ]),
  );
  section(
    '日历',
    graph('已知工作日历剩余（天）', [
      business('CalendarDaysLeft', { statistic: Stats.MINIMUM, label: '剩余' }),
    ]),
  );
  section(
    '流程执行',
    graph('执行（次）', [
      of.executions('ExecutionsStarted', '开始'),
      of.executions('ExecutionsSucceeded', '完成'),
      of.executions('ExecutionsFailed', '失败'),
      of.executions('ExecutionsTimedOut', '超时'),
      of.executions('ExecutionsAborted', '中止（撤回）'),
      of.executions('ExecutionThrottled', '限流'),
    ]),
  );
  section(
    '接口',
    graph('请求（次）', [
      of.api('Count', Stats.SUM, '全部'),
      of.api('4xx', Stats.SUM, '被拒绝（4xx）'),
      of.api('5xx', Stats.SUM, '系统错误（5xx）'),
    ]),
    graph('时延（毫秒）', [of.api('Latency', 'p50', '中位'), of.api('Latency', 'p99', '99%')]),
  );
  section(
    '函数',
    graph(
      '错误（次）',
      FUNCTION_NAMES.map((name) => of.function('Errors', name, Stats.SUM)),
    ),
    graph(
      '接口函数时延99%（毫秒）',
      FUNCTION_NAMES.filter((name) => FUNCTIONS[name].trigger.kind === 'routes').map((name) =>
        of.function('Duration', name, 'p99'),
      ),
    ),
    graph('并发（本账号全部函数）', [
      of.allFunctions('ConcurrentExecutions', Stats.MAXIMUM, '并发'),
      of.allFunctions('Throttles', Stats.SUM, '限流'),
    ]),
  );
  section(
    '数据与文档',
    graph('数据表读写量（单位）', [
      of.table('ConsumedReadCapacityUnits', '读'),
      of.table('ConsumedWriteCapacityUnits', '写'),
    ]),
    graph('数据表限流（次）', [of.tableThrottled()]),
    graph('文档大小（字节）', [bucketSize(buckets.uploads, '上传区'), bucketSize(buckets.archive, '档案区')]),
  );
}
