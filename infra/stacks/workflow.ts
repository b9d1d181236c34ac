/** The state machine, its versions, and the right to invoke exactly the functions that the definition names. */
import { Aws, CfnDeletionPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine, CfnStateMachineAlias, CfnStateMachineVersion } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { FUNCTION_NAMES } from '#functions/manifest.ts';
import { functionsNamed, PARTITION, placeholder } from '#statemachines/substitutions.ts';
import { KEEP, LIVE, nameOf } from '../names.ts';
import type { Parameters } from '../parameters.ts';
import type { LiveFunction } from './functions.ts';

type WorkflowStackProps = StackProps & {
  readonly live: LiveFunction;
  /** The text of the definition, names left open. */
  readonly definition: string;
};

export class WorkflowStack extends Stack {
  constructor(scope: Construct, id: string, parameters: Parameters, props: WorkflowStackProps) {
    super(scope, id, props);
    const { live, definition } = props;

    const aliases = functionsNamed(definition).map((named) => {
      const name = FUNCTION_NAMES.find((known) => known === named);
      if (!name) throw new Error(`the definition invokes ${named}, which is not in the manifest`);
      return { name, arn: live(name).functionArn };
    });

    const name = nameOf(parameters, 'filing');
    const logGroup = new LogGroup(this, 'Logs', {
      // CloudWatch's policy for delivered logs covers this prefix as a whole; others run into its length limit.
      logGroupName: `/aws/vendedlogs/states/${name}`,
      retention: parameters.logDays,
      removalPolicy: KEEP,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: {
        rights: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: aliases.map(({ arn }) => arn),
            }),
            // Log deliveries have no resources to name.
            new PolicyStatement({
              actions: [
                'logs:CreateLogDelivery',
                'logs:GetLogDelivery',
                'logs:UpdateLogDelivery',
                'logs:DeleteLogDelivery',
                'logs:ListLogDeliveries',
                'logs:PutResourcePolicy',
                'logs:DescribeResourcePolicies',
                'logs:DescribeLogGroups',
              ],
              resources: ['*'],
            }),
          ],
        }),
      },
    });

    const machine = new CfnStateMachine(this, 'Filing', {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: definition,
      definitionSubstitutions: {
        [PARTITION]: Aws.PARTITION,
        ...Object.fromEntries(aliases.map(({ name, arn }) => [placeholder(name), arn])),
      },
      loggingConfiguration: {
        level: 'ALL',
        // Executions carry case ids only, but what a task returns is not for the logs.
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logGroup.logGroupArn } }],
      },
    });

    // Each revision makes a new version. The old ones stay: cases that have waited for months go on in theirs.
    const version = new CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: machine.attrArn,
      stateMachineRevisionId: machine.attrStateMachineRevisionId,
    });
    version.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    version.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    new CfnStateMachineAlias(this, 'Alias', {
      name: LIVE,
      routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }],
    });
  }
}
