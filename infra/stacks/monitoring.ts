/** What somebody is told at once, and what can be looked at: alarms with one topic, and a dashboard. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { alarmProps, alarmsOf, RUNBOOK } from '../monitoring/alarms.ts';
import { drawDashboard } from '../monitoring/dashboard.ts';
import { nameOf, stateMachineArns } from '../names.ts';
import type { Parameters } from '../parameters.ts';
import type { DataStack } from './data.ts';

type MonitoringStackProps = StackProps & { readonly apiId: string; readonly data: DataStack };

export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, parameters: Parameters, props: MonitoringStackProps) {
    super(scope, id, props);
    const { apiId, data } = props;
    const watched = {
      parameters,
      apiId,
      stateMachineArn: stateMachineArns(this, parameters).machine,
      tableName: data.table.tableName,
      topicName: data.messages.topicName,
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
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn });

    const action = new SnsAction(topic);
    const alarms = [...alarmsOf(watched)].map(([name, declaration]) => {
      const alarm = new Alarm(this, name, {
        alarmName: nameOf(parameters, name),
        alarmDescription: `${declaration.means}。处理办法见 ${RUNBOOK}#${name}`,
        ...alarmProps(declaration),
      });
      alarm.addAlarmAction(action);
      return alarm;
    });

    drawDashboard(this, {
      watched,
      alarms,
      buckets: { uploads: data.uploads.bucketName, archive: data.archive.bucketName },
    });
  }
}
