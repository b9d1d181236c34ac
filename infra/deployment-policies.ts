/**
 * What CloudFormation's execution role has to be allowed to make, change and delete the stacks, and no more: by service,
 * on the names of this application. Two policies, since IAM takes 6144 characters in one. `npm run -s deploy-policies`
 * writes them for `cdk bootstrap --cloudformation-execution-policies`.
 */
import { nameOf } from './names.ts';
import type { Parameters } from './parameters.ts';

type Statement = {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
};
export type Policy = { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };

/** The IAM service of each kind of resource: what a policy's actions begin with. */
export const SERVICE_OF: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2': 'apigateway',
  'AWS::CloudWatch': 'cloudwatch',
  'AWS::DynamoDB': 'dynamodb',
  'AWS::Events': 'events',
  'AWS::IAM': 'iam',
  'AWS::KMS': 'kms',
  'AWS::Lambda': 'lambda',
  'AWS::Logs': 'logs',
  'AWS::S3': 's3',
  'AWS::SNS': 'sns',
  'AWS::SQS': 'sqs',
  'AWS::SecretsManager': 'secretsmanager',
  'AWS::StepFunctions': 'states',
};

/** The policies by their names. Accounts are left open: a policy counts in its own account only. */
export function deploymentPolicies(parameters: Parameters): Readonly<Record<'data' | 'application', Policy>> {
  const { partition, region } = parameters;
  const prefix = nameOf(parameters, '');
  const arn = (service: string, resource: string, place = `${region}:*`): string =>
    `arn:${partition}:${service}:${place}:${resource}`;
  const allow = (service: string, actions: string, ...resources: readonly string[]): Statement => ({
    Effect: 'Allow',
    Action: actions.split(' ').map((action) => `${service}:${action}`),
    Resource: resources,
  });
  const policy = (...Statement: readonly Statement[]): Policy => ({ Version: '2012-10-17', Statement });

  return {
    data: policy(
      allow(
        'dynamodb',
        'CreateTable DescribeTable UpdateTable DeleteTable DescribeContinuousBackups UpdateContinuousBackups DescribeTimeToLive DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy ListTagsOfResource TagResource UntagResource',
        arn('dynamodb', `table/${prefix}*`),
      ),
      // A key has no name before it is made.
      allow(
        'kms',
        'CreateKey DescribeKey GetKeyPolicy PutKeyPolicy GetKeyRotationStatus EnableKeyRotation DisableKeyRotation UpdateKeyDescription ListResourceTags TagResource UntagResource ScheduleKeyDeletion CreateGrant Decrypt GenerateDataKey ListAliases',
        '*',
      ),
      allow(
        'kms',
        'CreateAlias UpdateAlias DeleteAlias',
        arn('kms', `alias/${prefix}*`),
        arn('kms', 'key/*'),
      ),
      allow(
        's3',
        'CreateBucket DeleteBucket GetBucketPolicy PutBucketPolicy DeleteBucketPolicy PutBucketVersioning PutEncryptionConfiguration PutBucketPublicAccessBlock PutBucketOwnershipControls PutLifecycleConfiguration PutBucketCORS PutBucketNotification PutBucketLogging PutBucketObjectLockConfiguration PutBucketTagging GetBucketTagging',
        `arn:${partition}:s3:::${prefix}*`,
      ),
      allow('s3', 'GetObject', `arn:${partition}:s3:::cdk-*-assets-*`),
      // CloudFormation names a secret by its id in the template.
      allow(
        'secretsmanager',
        'CreateSecret DescribeSecret UpdateSecret DeleteSecret TagResource UntagResource',
        arn('secretsmanager', 'secret:Centre*'),
      ),
      allow('secretsmanager', 'GetRandomPassword', '*'),
      allow(
        'sns',
        'CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes GetDataProtectionPolicy ListSubscriptionsByTopic ListTagsForResource TagResource UntagResource',
        arn('sns', `${prefix}*`),
      ),
      allow(
        'sqs',
        'CreateQueue DeleteQueue GetQueueAttributes SetQueueAttributes GetQueueUrl ListQueueTags TagQueue UntagQueue',
        arn('sqs', `${prefix}*`),
      ),
      allow('ssm', 'GetParameters', arn('ssm', 'parameter/cdk-bootstrap/*')),
    ),
    application: policy(
      allow(
        'apigateway',
        'GET POST PATCH PUT DELETE',
        arn('apigateway', '/apis*', `${region}:`),
        arn('apigateway', '/tags/*', `${region}:`),
      ),
      allow(
        'cloudwatch',
        'PutMetricAlarm DescribeAlarms DeleteAlarms ListTagsForResource TagResource UntagResource',
        arn('cloudwatch', `alarm:${prefix}*`),
      ),
      allow(
        'cloudwatch',
        'PutDashboard GetDashboard DeleteDashboards',
        arn('cloudwatch', `dashboard/${prefix}*`, ':*'),
      ),
      allow(
        'events',
        'PutRule DescribeRule DeleteRule PutTargets RemoveTargets ListTargetsByRule ListTagsForResource TagResource UntagResource',
        arn('events', `rule/${prefix}*`),
      ),
      allow(
        'iam',
        'CreateRole GetRole UpdateRole DeleteRole UpdateAssumeRolePolicy PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies ListAttachedRolePolicies TagRole UntagRole',
        arn('iam', `role/${prefix}*`, ':*'),
      ),
      {
        ...allow('iam', 'PassRole', arn('iam', `role/${prefix}*`, ':*')),
        Condition: {
          StringEquals: { 'iam:PassedToService': ['lambda.amazonaws.com', 'states.amazonaws.com'] },
        },
      },
      allow(
        'lambda',
        'CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig GetProvisionedConcurrencyConfig PublishVersion ListVersionsByFunction CreateAlias GetAlias UpdateAlias DeleteAlias AddPermission RemovePermission GetPolicy PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig ListTags TagResource UntagResource',
        arn('lambda', `function:${prefix}*`),
      ),
      // A mapping has no name before it is made.
      allow(
        'lambda',
        'CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping',
        '*',
      ),
      allow(
        'logs',
        'CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource TagResource UntagResource',
        ...[`/aws/lambda/${prefix}*`, `/aws/vendedlogs/*/${prefix}*`].map((name) =>
          arn('logs', `log-group:${name}`),
        ),
      ),
      // The gateway's access log is a log delivery, which has no resource to name.
      allow(
        'logs',
        'DescribeLogGroups CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries DescribeResourcePolicies PutResourcePolicy',
        '*',
      ),
      allow(
        'states',
        'CreateStateMachine DescribeStateMachine UpdateStateMachine DeleteStateMachine PublishStateMachineVersion ListStateMachineVersions DeleteStateMachineVersion CreateStateMachineAlias DescribeStateMachineAlias UpdateStateMachineAlias DeleteStateMachineAlias ListTagsForResource TagResource UntagResource',
        arn('states', `stateMachine:${prefix}*`),
      ),
    ),
  };
}
