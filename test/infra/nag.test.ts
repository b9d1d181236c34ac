/**
 * The AwsSolutions rules over the whole application. What they find and we leave is listed here, each with its reason, and
 * nowhere else; an exception that no longer stands for a finding has to go.
 */
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { withApplication } from './templates.ts';

type Exception = {
  readonly rule: RegExp;
  /** Where, by the path of the construct. */
  readonly at: RegExp;
  readonly reason: string;
  /** Only where there is something to find. */
  readonly unless?: string;
};

const EXCEPTIONS: readonly Exception[] = [
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:logs:.*:log-group:\/aws\/lambda\/[a-z-]+:\*]$/,
    at: /-functions\/[a-z-]+-role\//,
    reason: 'A log stream has no name before it is made: the wildcard stands for the streams of one group.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::<(Uploads|Archive)\w+\.Arn>\/(uploads|archive)\/\*]$/,
    at: /-functions\/(archive-file|dispose-cases|issue-upload|open-external|open-paper|receive-document)-role\//,
    reason: 'Documents are named by their cases: the wildcard stands for one area of one bucket.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::arn:<AWS::Partition>:states:.*:execution:[a-z-]+-filing:\*]$/,
    at: /-functions\/relay-outbox-role\//,
    reason: 'Executions are named by their cases: the wildcard stands for those of the one state machine.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*]$/,
    at: /-functions\/relay-outbox-role\//,
    reason: 'A task token names no resource, and dynamodb:ListStreams lists all: neither can be narrowed.',
  },
  {
    rule: /^AwsSolutions-IAM5\[Resource::\*]$/,
    at: /-workflow\/Role\//,
    reason: 'Log deliveries have no resources to name; Step Functions asks for these rights as they are.',
  },
  {
    rule: /^AwsSolutions-APIG4$/,
    at: /-api\/Api\/(GET|POST)--v1--(notices|assessments|openapi|privacy-notices|external-openings)/,
    reason:
      'What the law makes public, notices (of a filing, and of the processing of data), objections and the trial calculation, and the API’s description, is read without signing in; an outsider has a code.',
    unless: 'china',
  },
  {
    rule: /^AwsSolutions-APIG4$/,
    at: /-api\/Api\/POST--v1--cross-checks--\{requestId}--results/,
    reason:
      'A signature covers the body, which no authorizer sees: the function itself verifies it (RFC 9421).',
  },
  {
    rule: /^AwsSolutions-SF2$/,
    at: /-workflow\/Filing$/,
    reason: 'No tracing is served in China; correlation ids and the history tell the same.',
  },
  {
    rule: /^AwsSolutions-SMG4$/,
    at: /-data\/Centre\//,
    reason:
      'The centre issues half of these keys: a rotation is agreed with it, and follows docs/cross-check.md.',
  },
  {
    rule: /^AwsSolutions-SQS3$/,
    at: /-events\/[a-z]+-failures\//,
    reason: 'These are the queues of failures themselves.',
  },
];

const excepts = (rule: string, path: string) => (exception: Exception) =>
  exception.rule.test(rule) && exception.at.test(path);

describe.each(['dev', 'prod', 'china'])('%s', (environment) => {
  const findings = withApplication(environment, (app) =>
    new AwsSolutionsChecks(app)
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath = '' }) => ({ rule: ruleName, path: constructPath })),
      ),
  );

  it('has nothing that AwsSolutions finds, but what is listed with its reason', () => {
    expect(findings.filter(({ rule, path }) => !EXCEPTIONS.some(excepts(rule, path)))).toEqual([]);
  });

  it('has no exception that stands for nothing', () => {
    const idle = EXCEPTIONS.filter(
      (exception) =>
        exception.unless !== environment &&
        !findings.some(({ rule, path }) => excepts(rule, path)(exception)),
    );
    expect(idle.map(({ rule, at }) => `${rule} ${at}`)).toEqual([]);
  });
});
