/**
 * What the stacks cost a month while nobody uses them: what is billed for standing there, counted from the templates. US
 * list prices; only those that AWS publishes as the same nearly everywhere stand here, everything else is said to be
 * unknown. Sources: https://aws.amazon.com/kms/pricing/, https://aws.amazon.com/secrets-manager/pricing/,
 * https://aws.amazon.com/cloudwatch/pricing/.
 */
import * as z from 'zod';
import { METRICS } from '#functions/shared/metrics.ts';

/** When the prices were looked at. Look again before you rely on them. */
export const PRICES_AS_OF = '2026-06';

/** USD a month of one unit; `by use`: nothing while idle, but what is stored; `free`: nothing at all. */
type Price =
  | {
      readonly usd: number;
      readonly unit: string;
      readonly count?: (properties: Readonly<Record<string, unknown>>) => number;
    }
  | 'by use'
  | 'free';

const Alarm = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })).optional() });

/** By the kind of resource, as CloudFormation names it. */
const PRICES: Readonly<Record<string, Price>> = {
  'AWS::KMS::Key': { usd: 1, unit: 'key' },
  'AWS::SecretsManager::Secret': { usd: 0.4, unit: 'secret' },
  'AWS::CloudWatch::Alarm': {
    usd: 0.1,
    unit: 'metric of an alarm',
    // An alarm on an expression is billed for each metric in it.
    count: (properties) =>
      Alarm.parse(properties).Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1,
  },
  'AWS::CloudWatch::Dashboard': { usd: 3, unit: 'dashboard' },
  'AWS::ApiGatewayV2::Api': 'by use',
  'AWS::ApiGatewayV2::Authorizer': 'free',
  'AWS::ApiGatewayV2::Integration': 'free',
  'AWS::ApiGatewayV2::Route': 'free',
  'AWS::ApiGatewayV2::Stage': 'free',
  'AWS::DynamoDB::Table': 'by use',
  'AWS::Events::Rule': 'free',
  'AWS::IAM::Role': 'free',
  'AWS::KMS::Alias': 'free',
  'AWS::Lambda::Alias': 'free',
  'AWS::Lambda::EventInvokeConfig': 'free',
  'AWS::Lambda::EventSourceMapping': 'free',
  'AWS::Lambda::Function': 'by use',
  'AWS::Lambda::Permission': 'free',
  'AWS::Lambda::Version': 'free',
  'AWS::Logs::LogGroup': 'by use',
  'AWS::S3::Bucket': 'by use',
  'AWS::S3::BucketPolicy': 'free',
  'AWS::SNS::Topic': 'by use',
  'AWS::SNS::TopicPolicy': 'free',
  'AWS::SQS::Queue': 'by use',
  'AWS::SQS::QueuePolicy': 'free',
  'AWS::StepFunctions::StateMachine': 'by use',
  'AWS::StepFunctions::StateMachineAlias': 'free',
  'AWS::StepFunctions::StateMachineVersion': 'free',
};

export type IdleResource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };

export type CostLine = {
  readonly what: string;
  readonly count: number;
  /** Cents a month for all of them; null where the price is not known. */
  readonly cents: number | null;
};

/** A custom metric is billed for the hours in which it is sent; while idle only the gauges are. */
const CENTS_PER_SERIES = 30;
const gaugeSeries = (): number =>
  Object.values(METRICS)
    .filter(({ kind }) => kind === 'gauge')
    .reduce((sum, { dimension }) => sum + (dimension?.values.length ?? 1), 0);

/**
 * The lines of the bill, what stands there first. A kind of resource without a price in the table is a line whose price is
 * not known.
 */
export function idleCost(resources: readonly IdleResource[]): readonly CostLine[] {
  const types = [...new Set(resources.map(({ Type }) => Type))].sort();
  const standing = types.flatMap((type): CostLine[] => {
    const price = PRICES[type];
    if (price === 'free' || price === 'by use') return [];
    const those = resources.filter(({ Type }) => Type === type);
    if (price === undefined) return [{ what: type, count: those.length, cents: null }];
    const { usd, unit, count = () => 1 } = price;
    const units = those.reduce((sum, { Properties }) => sum + count(Properties), 0);
    return [{ what: `${type}, each ${unit}`, count: units, cents: Math.round(units * usd * 100) }];
  });
  const series = gaugeSeries();
  return [
    ...standing,
    {
      what: 'business metrics that are always sent, each series',
      count: series,
      cents: series * CENTS_PER_SERIES,
    },
  ];
}
