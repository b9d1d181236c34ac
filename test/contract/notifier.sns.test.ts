import { SnsNotifier } from '#adapters/aws/notifier.ts';
import { startLocalSns } from '#test/support/local-sns.ts';
import { notifierContract } from './notifier.contract.ts';

// SNS itself delivers what it is given: that the id suffices to know a repetition by is what is held here.
notifierContract('SNS', async () => {
  const sns = await startLocalSns();
  return {
    notifier: new SnsNotifier({ client: sns.client, topicArn: 'arn:aws-cn:sns:cn-north-1:1:messages' }),
    sent: async () => sns.kept.map((text) => JSON.parse(text)),
    close: sns.stop,
  };
});
