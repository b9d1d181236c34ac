/** What a deployment needs and costs, held against the templates. */
import { describe, expect, it } from 'vitest';
import { deploymentPolicies, SERVICE_OF } from '#infra/deployment-policies.ts';
import { idleCost } from '#infra/idle-cost.ts';
import { parametersOf } from '#infra/parameters.ts';
import { line, Templates } from './templates.ts';

describe.each(['dev', 'china'])('%s', (environment) => {
  const templates = new Templates(environment);
  const policies = deploymentPolicies(parametersOf(environment));
  const statements = Object.values(policies).flatMap(({ Statement }) => Statement);
  const actions = new Set(statements.flatMap(({ Action }) => Action));
  const types = [...new Set(templates.everything().map(({ Type }) => Type))].sort();

  it.each(types)('the deploying role may make, and delete, a resource of type %s', (type) => {
    const service = SERVICE_OF[type.split('::').slice(0, 2).join('::')];
    expect(service).toBeDefined();
    const verbs = [...actions].filter((action) => action.startsWith(`${service}:`));
    expect(verbs.some((action) => /:(Create|Put|POST|Add|Publish|Set)/.test(action))).toBe(true);
    expect(verbs.some((action) => /:(Delete|Remove|DELETE|ScheduleKeyDeletion|Set)/.test(action))).toBe(true);
  });

  it('has no wildcard in an action, and one for resources only where none can be named', () => {
    expect([...actions].filter((action) => action.includes('*'))).toEqual([]);
    const everywhere = statements.filter(({ Resource }) => Resource.includes('*'));
    expect(everywhere.map(({ Action }) => Action[0])).toEqual([
      'kms:CreateKey',
      'secretsmanager:GetRandomPassword',
      'lambda:CreateEventSourceMapping',
      'logs:DescribeLogGroups',
    ]);
  });

  it('is for this environment and this partition alone', () => {
    const { partition } = parametersOf(environment);
    const arns = statements.flatMap(({ Resource }) => Resource).filter((arn) => arn !== '*');
    expect(arns.filter((arn) => !arn.startsWith(`arn:${partition}:`))).toEqual([]);
    const others = environment === 'dev' ? 'china' : 'dev';
    expect(JSON.stringify(policies)).not.toContain(`hardship-filing-${others}`);
  });

  it('covers the names that the templates give', () => {
    const covered = (service: string, resource: string) =>
      statements.some(({ Resource }) =>
        Resource.some((arn) => {
          const pattern = arn.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
          return new RegExp(`^${pattern}$`).test(
            `arn:${parametersOf(environment).partition}:${service}:${parametersOf(environment).region}:1:${resource}`,
          );
        }),
      );
    const named: [string, string, (name: string) => string][] = [
      ['AWS::Lambda::Function', 'FunctionName', (name) => `function:${name}`],
      ['AWS::Logs::LogGroup', 'LogGroupName', (name) => `log-group:${name}`],
      ['AWS::SQS::Queue', 'QueueName', (name) => name],
      ['AWS::StepFunctions::StateMachine', 'StateMachineName', (name) => `stateMachine:${name}`],
      ['AWS::CloudWatch::Alarm', 'AlarmName', (name) => `alarm:${name}`],
      ['AWS::KMS::Alias', 'AliasName', (name) => name],
    ];
    for (const [type, property, resource] of named) {
      const service = SERVICE_OF[type.split('::').slice(0, 2).join('::')] ?? '';
      const names = templates
        .everything()
        .filter(({ Type }) => Type === type)
        .map(({ Properties }) => line(Properties[property]));
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !covered(service, resource(name)))).toEqual([]);
    }
    // CloudFormation names a secret after its id.
    expect(templates.of('data', 'AWS::SecretsManager::Secret').map(([id]) => id)).toEqual([
      expect.stringMatching(/^Centre/),
    ]);
  });

  it.each(Object.entries(policies))('%s fits into a managed policy', (_, policy) => {
    // IAM's limit, white space apart.
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144);
  });
});

describe('the idle cost', () => {
  it('is known for everything that the templates hold', () => {
    const lines = idleCost(new Templates('prod').everything());
    expect(lines.filter(({ cents }) => cents === null)).toEqual([]);
    const keys = lines.find(({ what }) => what.startsWith('AWS::KMS::Key'));
    expect(keys).toEqual({ what: 'AWS::KMS::Key, each key', count: 4, cents: 400 });
  });

  it('counts each metric of an alarm on an expression', () => {
    const metric = { MetricStat: {} };
    const alarm = (Properties: Record<string, unknown>) => ({ Type: 'AWS::CloudWatch::Alarm', Properties });
    const [line] = idleCost([
      alarm({ MetricName: 'Errors' }),
      alarm({ Metrics: [{ Expression: 'm0 + m1' }, metric, metric] }),
    ]);
    expect(line).toMatchObject({ count: 3, cents: 30 });
  });

  it('says what it does not know', () => {
    expect(idleCost([{ Type: 'AWS::EC2::NatGateway', Properties: {} }])[0]).toEqual({
      what: 'AWS::EC2::NatGateway',
      count: 1,
      cents: null,
    });
  });
});
