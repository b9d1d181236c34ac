/**
 * What somebody is told at once. Each alarm's name is also the heading of its section in `docs/runbook.md`. A case that
 * is withdrawn raises none: its execution is aborted, or ends by itself.
 */
import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type MathExpression,
  type Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from '#functions/manifest.ts';
import { FAILURE_QUEUES } from '../names.ts';
import { OLDEST_TASK_LEVELS } from '../parameters.ts';
import { business, serviceMetrics, type Watched } from './metrics.ts';

/** Where an operator reads on. */
export const RUNBOOK = 'docs/runbook.md';

export type AlarmDeclaration = {
  readonly metric: Metric | MathExpression;
  /** It rings above, or below, this value, in the metric's own unit. */
  readonly above?: number;
  readonly below?: number;
  /** Periods of five minutes in a row; 1 where left out. */
  readonly periods?: number;
  /** Whether no data is as bad as bad data; where it is left out, silence is good. */
  readonly silenceIsBad?: boolean;
  /** What it means for people, in one sentence. */
  readonly means: string;
};

const RELAY: FunctionName = 'relay-outbox';
const LEVEL_NAMES = {
  grassroots: '基层工会',
  superior: '上级工会',
  centre: '服务中心（或地市总工会）',
} as const;
const QUEUE_MEANS = {
  'document-failures': '有上传的材料未能接收，已转入失败队列',
  'relay-failures': '发件箱转发的触发未能处理，已转入失败队列',
  'schedule-failures': '定时统计未能运行，已转入失败队列',
} as const satisfies Record<(typeof FAILURE_QUEUES)[number], string>;

/** All alarms by their names. */
export function alarmsOf(watched: Watched): ReadonlyMap<string, AlarmDeclaration> {
  const { parameters } = watched;
  const of = serviceMetrics(watched);
  const days = parameters.alarms.oldestTaskDays;
  return new Map<string, AlarmDeclaration>([
    [
      'executions-failed',
      {
        metric: of.executions('ExecutionsFailed'),
        above: 0,
        means: '有案件的流程执行失败，须管理员恢复办理',
      },
    ],
    [
      'executions-timed-out',
      {
        metric: of.executions('ExecutionsTimedOut'),
        above: 0,
        means: '有案件的流程执行超时，须管理员恢复办理',
      },
    ],
    [
      'executions-throttled',
      { metric: of.executions('ExecutionThrottled'), above: 0, means: '流程执行被限流，办理变慢' },
    ],
    ...FAILURE_QUEUES.map((queue): [string, AlarmDeclaration] => [
      queue,
      { metric: of.waiting(queue), above: 0, means: QUEUE_MEANS[queue] },
    ]),
    ...OLDEST_TASK_LEVELS.map((level): [string, AlarmDeclaration] => [
      `oldest-task-${level}`,
      {
        metric: business('OldestOpenTask', { value: level }),
        above: Duration.days(days[level]).toSeconds(),
        means: `${LEVEL_NAMES[level]}有任务超过${days[level]}天未办理`,
      },
    ]),
    [
      'callbacks-refused',
      {
        metric: business('CallbacksRefused'),
        above: 0,
        means: '比对中心的回调被拒绝：伪造、过期、重放或无法读取',
      },
    ],
    [
      'outbox-age',
      {
        metric: business('OutboxAge'),
        above: Duration.minutes(10).toSeconds(),
        means: '发件箱中有超过十分钟未送达的事项，已作出的决定可能未送达流程',
      },
    ],
    [
      'calendar-ending',
      {
        metric: business('CalendarDaysLeft', { statistic: Stats.MINIMUM }),
        below: 60,
        means: '已知的工作日历不足60天，之后的公示截止日须人工确定',
      },
    ],
    [
      'backlog-unmeasured',
      {
        metric: business('CalendarDaysLeft', { statistic: Stats.SAMPLE_COUNT }),
        below: 1,
        periods: 6,
        silenceIsBad: true,
        means: '半小时没有积压数据，依靠这些数据的告警此时不起作用',
      },
    ],
    ['api-faults', { metric: of.api('5xx', Stats.SUM), above: 0, means: '接口出现系统错误' }],
    [
      'function-errors',
      // Workflow functions are called again after an error, so a single one is nobody's business yet.
      { metric: of.allFunctions('Errors', Stats.SUM), above: 10, means: '函数反复出错' },
    ],
    [
      'function-throttles',
      {
        metric: of.allFunctions('Throttles', Stats.SUM),
        above: 0,
        means: '函数并发达到账号上限，请求被限流',
      },
    ],
    [
      'relay-errors',
      {
        metric: of.function('Errors', RELAY, Stats.SUM),
        above: 2,
        means: '发件箱转发反复失败，已作出的决定可能未送达流程',
      },
    ],
    [
      'relay-behind',
      {
        metric: of.function('IteratorAge', RELAY, Stats.MAXIMUM),
        above: Duration.minutes(10).toMilliseconds(),
        means: '发件箱的变更流积压超过十分钟',
      },
    ],
    ['table-throttled', { metric: of.tableThrottled(), above: 0, means: '数据表请求被限流' }],
    [
      'messages-failed',
      {
        metric: of.messages('NumberOfNotificationsFailed'),
        above: 0,
        means: '有消息未能送达订阅的短信或消息服务',
      },
    ],
  ]);
}

/** The properties of the alarm as CloudWatch has them. */
export function alarmProps({ metric, above, below, periods = 1, silenceIsBad = false }: AlarmDeclaration) {
  const threshold = above ?? below;
  if (threshold === undefined) throw new Error('an alarm without a threshold');
  return {
    metric,
    threshold,
    comparisonOperator:
      above === undefined
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  };
}
