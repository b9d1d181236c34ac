/** One Lambda function for each entry of the manifest, with a role and a log group of its own. */
import { Arn, ArnFormat, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type IFunction,
  Function as Lambda,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import {
  FUNCTION_NAMES,
  FUNCTIONS,
  type FunctionDeclaration,
  type FunctionName,
} from '#functions/manifest.ts';
import { KEEP, LIVE, nameOf, stateMachineArns } from '../names.ts';
import type { Parameters } from '../parameters.ts';
import { statementsFor } from '../rights.ts';
import type { DataStack } from './data.ts';

/** The live alias of a function: it is called by no other name. */
export type LiveFunction = (name: FunctionName) => IFunction;

type FunctionsStackProps = StackProps & {
  readonly data: DataStack;
  /** The folder of a function's bundle. */
  readonly codeOf: (name: FunctionName) => string;
};

export class FunctionsStack extends Stack {
  readonly live: LiveFunction;

  constructor(scope: Construct, id: string, parameters: Parameters, props: FunctionsStackProps) {
    super(scope, id, props);
    const { data, codeOf } = props;
    const environment = environmentOf(this, parameters, data);

    const make = (name: FunctionName): IFunction => {
      const declaration: FunctionDeclaration = FUNCTIONS[name];
      const functionName = nameOf(parameters, name);
      const logGroup = new LogGroup(this, `${name}-logs`, {
        logGroupName: `/aws/lambda/${functionName}`,
        retention: parameters.logDays,
        removalPolicy: KEEP,
      });
      const writesLogs = new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [
          Arn.format(
            {
              service: 'logs',
              resource: 'log-group',
              resourceName: `/aws/lambda/${functionName}:*`,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            },
            this,
          ),
        ],
      });
      const role = new Role(this, `${name}-role`, {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        inlinePolicies: {
          rights: new PolicyDocument({
            statements: [writesLogs, ...statementsFor(declaration, { stack: this, parameters, data })],
          }),
        },
      });
      const lambda = new Lambda(this, name, {
        functionName,
        runtime: Runtime.NODEJS_24_X,
        architecture: parameters.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
        code: Code.fromAsset(codeOf(name)),
        handler: 'index.handler',
        memorySize: declaration.memoryMb,
        timeout: Duration.seconds(declaration.timeoutSeconds),
        environment,
        logGroup,
        loggingFormat: LoggingFormat.JSON,
        // The role is written here, whole; no construct adds to it.
        role: role.withoutPolicyUpdates(),
      });
      lambda.addAlias(LIVE);
      // Handed on by its name: a reference would tie the stacks to a version where the name is all they need.
      return Lambda.fromFunctionAttributes(this, `${name}-called`, {
        functionArn: Arn.format(
          {
            service: 'lambda',
            resource: 'function',
            resourceName: `${functionName}:${LIVE}`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          },
          this,
        ),
        sameEnvironment: true,
      });
    };

    const made = new Map(FUNCTION_NAMES.map((name) => [name, make(name)]));
    this.live = (name) => {
      const called = made.get(name);
      if (!called) throw new Error(`no function ${name}`);
      return called;
    };
  }
}

/** The same for all functions: where things are is no secret, what a function may do there is its role's to say. */
function environmentOf(stack: Stack, parameters: Parameters, data: DataStack): Record<string, string> {
  return {
    TABLE_NAME: data.table.tableName,
    UPLOADS_BUCKET: data.uploads.bucketName,
    ARCHIVE_BUCKET: data.archive.bucketName,
    ARCHIVE_LOCK_MODE: parameters.archive.lockMode,
    STATE_MACHINE_ARN: stateMachineArns(stack, parameters).alias,
    SEAL_KEY_ARN: data.sealKey.keyArn,
    INDEX_KEY_ARN: data.indexKey.keyArn,
    SIGNING_KEY_ARN: data.signingKey.keyArn,
    API_URL: parameters.apiUrl,
    ROLES_FROM: parameters.jwt.rolesFrom,
    NAME_CLAIM: parameters.jwt.nameClaim,
    ROLES_CLAIM: parameters.jwt.rolesClaim,
    ORGANISATION_CLAIM: parameters.jwt.organisationClaim,
    CENTRE_URL: parameters.centreUrl,
    CENTRE_SECRET_ARN: data.centreSecret.secretArn,
    MESSAGES_TOPIC_ARN: data.messages.topicArn,
    MAIL_SERVER: parameters.mail?.server ?? '',
    MAIL_FROM: parameters.mail?.from ?? '',
    MAIL_SECRET_ARN: data.mailSecret?.secretArn ?? '',
    CLAMD_ADDRESS: parameters.clamdAddress ?? '',
  };
}
