import { afterAll, beforeAll, expect, it } from 'vitest';
import { SnsNotifier } from '#adapters/aws/notifier.ts';
import { type LocalSns, startLocalSns } from '#test/support/local-sns.ts';

let sns: LocalSns;
beforeAll(async () => {
  sns = await startLocalSns();
});
afterAll(() => sns.stop());

it('publishes the message as one JSON document, its id as an attribute, and nothing more', async () => {
  const notifier = new SnsNotifier({ client: sns.client, topicArn: 'arn:aws-cn:sns:cn-north-1:1:messages' });
  const to = { subject: 'worker-1' };
  const told = { id: 'm1', caseId: 'c1', to, title: '公示通知', text: '您的申请已进入公示。' };
  // What a caller hands over beyond the port's message stays here.
  const message = { ...told, phone: '13800000000' };
  await notifier.send(message);
  const [form, ...more] = sns.requests;
  expect(more).toEqual([]);
  const { Message, ...fields } = Object.fromEntries(form ?? []);
  expect(JSON.parse(Message ?? '')).toEqual(told);
  expect(fields).toEqual({
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: 'arn:aws-cn:sns:cn-north-1:1:messages',
    'MessageAttributes.entry.1.Name': 'messageId',
    'MessageAttributes.entry.1.Value.DataType': 'String',
    'MessageAttributes.entry.1.Value.StringValue': 'm1',
  });
});

it('fails where SNS does, so that the relay sends it again', async () => {
  const gone = new SnsNotifier({ client: sns.client, topicArn: 'arn:aws-cn:sns:cn-north-1:1:messages' });
  await sns.stop();
  const message = { id: 'm2', caseId: 'c1', to: { organisation: 'o1' }, title: '提醒', text: '请办理。' };
  await expect(gone.send(message)).rejects.toThrow();
  sns = await startLocalSns();
});
