/** Alarms, dashboard and runbook belong together, and both draw from the one list of business metrics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRICS, METRICS_NAMESPACE } from '#functions/shared/metrics.ts';
import { line, Templates } from './templates.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const templates = new Templates('china');
const PREFIX = 'hardship-filing-china-';

/** A metric by its name and dimensions, in one writing: `name{a=1,b=2}`. */
const written = (name: string, dimensions: ReadonlyMap<string, string>): string =>
  `${name}{${[...dimensions]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',')}}`;

/** Every series of the list, as CloudWatch keeps it. */
const LISTED = Object.entries(METRICS).flatMap(([name, { dimension }]) => {
  const service: [string, string] = ['service', 'hardship-filing'];
  return dimension === null
    ? [written(name, new Map([service]))]
    : dimension.values.map((value) => written(name, new Map([service, [dimension.name, value]])));
});

const dimensions = z
  .array(z.object({ Name: z.string(), Value: z.unknown().transform(line) }))
  .default([])
  .transform((list) => new Map(list.map(({ Name, Value }) => [Name, Value])));
const Metric = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions });
const Alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: z.string().optional(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Metric }).optional() })).default([]),
  ComparisonOperator: z.string(),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  TreatMissingData: z.string(),
});

const alarms = new Map(
  templates.of('monitoring', 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
    const alarm = Alarm.parse(Properties);
    return [alarm.AlarmName.replace(PREFIX, ''), alarm] as const;
  }),
);
const alarmed = [...alarms.values()].flatMap(({ Namespace, MetricName, Dimensions, Metrics }) =>
  Namespace === undefined || MetricName === undefined
    ? Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
    : [{ Namespace, MetricName, Dimensions }],
);

const Widget = z.object({
  type: z.string(),
  properties: z.looseObject({
    title: z.string().optional(),
    metrics: z.array(z.array(z.json())).default([]),
  }),
});
const [dashboard] = templates.of('monitoring', 'AWS::CloudWatch::Dashboard');
const { widgets } = z
  .object({ widgets: z.array(Widget) })
  .parse(JSON.parse(line(dashboard?.[1].Properties.DashboardBody)));
const drawn = widgets.flatMap(({ properties: { metrics } }) =>
  metrics.flatMap((parts) => {
    const [Namespace, MetricName, ...rest] = parts.filter((part) => typeof part === 'string');
    if (Namespace === undefined || MetricName === undefined) return [];
    const pairs = rest.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rest[index + 1] ?? ''] as const] : [],
    );
    return [{ Namespace, MetricName, Dimensions: new Map(pairs) }];
  }),
);
const ours = (list: readonly { Namespace: string; MetricName: string; Dimensions: Map<string, string> }[]) =>
  list
    .filter(({ Namespace }) => Namespace === METRICS_NAMESPACE)
    .map(({ MetricName, Dimensions }) => written(MetricName, Dimensions));

describe('business metrics', () => {
  it('are all drawn, each series of the list', () => {
    expect([...new Set(ours(drawn))].sort()).toEqual([...LISTED].sort());
  });

  it('that an alarm watches are on the list', () => {
    const watched = ours(alarmed);
    expect(watched.length).toBeGreaterThan(0);
    expect(watched.filter((series) => !LISTED.includes(series))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('is one, and within what CloudWatch takes', () => {
    expect(dashboard?.[1].Properties.DashboardName).toBe('hardship-filing-china-overview');
    expect(templates.of('monitoring', 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
    // CloudWatch's limits: 500 metrics a widget, 2500 a dashboard.
    for (const { properties } of widgets) expect(properties.metrics.length).toBeLessThanOrEqual(500);
    expect(drawn.length).toBeLessThan(2500);
  });

  it('speaks Chinese', () => {
    const titles = widgets.flatMap(({ properties: { title } }) => title ?? []);
    expect(titles.length).toBeGreaterThan(10);
    expect(titles.filter((title) => !/\p{Script=Han}/u.test(title))).toEqual([]);
  });

  it('shows every alarm', () => {
    const shown = widgets.flatMap(({ type, properties }) =>
      type === 'alarm' ? z.array(z.string()).parse(properties.alarms) : [],
    );
    const ids = templates.of('monitoring', 'AWS::CloudWatch::Alarm').map(([id]) => `<${id}.Arn>`);
    expect(shown.sort()).toEqual(ids.sort());
  });
});

describe('alarms', () => {
  it('call somebody for what is lost, failed, late or forged, and for nothing else', () => {
    expect([...alarms.keys()].sort()).toEqual([
      'api-faults',
      'backlog-unmeasured',
      'calendar-ending',
      'callbacks-refused',
      'document-failures',
      'executions-failed',
      'executions-throttled',
      'executions-timed-out',
      'function-errors',
      'function-throttles',
      'messages-failed',
      'oldest-task-centre',
      'oldest-task-grassroots',
      'oldest-task-superior',
      'outbox-age',
      'relay-behind',
      'relay-errors',
      'relay-failures',
      'schedule-failures',
      'table-throttled',
    ]);
  });

  it('are silent when a case is withdrawn: its execution is aborted', () => {
    expect(alarmed.map(({ MetricName }) => MetricName)).not.toContain('ExecutionsAborted');
  });

  it('ring by the numbers that the parameters give', () => {
    const day = 86_400;
    expect(alarms.get('oldest-task-grassroots')).toMatchObject({
      MetricName: 'OldestOpenTask',
      Statistic: 'Maximum',
      Threshold: 21 * day,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(alarms.get('oldest-task-centre')?.Threshold).toBe(35 * day);
    expect(alarms.get('calendar-ending')).toMatchObject({
      MetricName: 'CalendarDaysLeft',
      Statistic: 'Minimum',
      Threshold: 60,
      ComparisonOperator: 'LessThanThreshold',
    });
    expect(alarms.get('outbox-age')?.Threshold).toBe(600);
    expect(alarms.get('callbacks-refused')).toMatchObject({ Statistic: 'Sum', Threshold: 0 });
  });

  it('miss the gauges when they stay away', () => {
    expect(alarms.get('backlog-unmeasured')).toMatchObject({
      Statistic: 'SampleCount',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 6,
      TreatMissingData: 'breaching',
    });
  });

  it('watch the table where DynamoDB counts what it refuses: with its name alone, and each index', () => {
    const table = alarmed.filter(({ Namespace }) => Namespace === 'AWS/DynamoDB');
    expect(
      table.map(
        ({ MetricName, Dimensions }) => `${MetricName} ${Dimensions.get('GlobalSecondaryIndexName') ?? ''}`,
      ),
    ).toEqual([
      'ReadThrottleEvents ',
      'WriteThrottleEvents ',
      'ReadThrottleEvents gsi1',
      'WriteThrottleEvents gsi1',
      'ReadThrottleEvents gsi2',
      'WriteThrottleEvents gsi2',
      'ReadThrottleEvents gsi3',
      'WriteThrottleEvents gsi3',
    ]);
  });

  it('watch every queue that there is', () => {
    const queues = templates
      .of('events', 'AWS::SQS::Queue')
      .map(([, { Properties }]) => z.string().parse(Properties.QueueName));
    const watched = alarmed.flatMap(({ Dimensions }) => Dimensions.get('QueueName') ?? []);
    expect(watched.sort()).toEqual(queues.sort());
  });
});

describe('the runbook', () => {
  const sections = new Map(
    readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8')
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const [heading = '', ...rest] = section.split('\n');
        return [heading.trim(), rest.join('\n')] as const;
      }),
  );

  it('has a section for each alarm, and none that no alarm leads to', () => {
    expect([...sections.keys()].sort()).toEqual([...alarms.keys()].sort());
  });

  it.each([...alarms])('%s: the alarm points to its section', (name, { AlarmDescription }) => {
    expect(AlarmDescription).toMatch(/\p{Script=Han}/u);
    expect(AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${name}$`));
  });

  it.each([...sections])(
    '%s: says what it means, what to check, how to mend it, and whose it is',
    (_, text) => {
      const parts = [...text.matchAll(/^\*\*(含义|检查|处理|负责)\*\*：(?=\S)/gm)].map(([, part]) => part);
      expect(parts).toEqual(['含义', '检查', '处理', '负责']);
    },
  );
});
