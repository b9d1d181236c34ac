/**
 * Messages by way of an SNS topic, to which the union's message service subscribes. SNS delivers at least once, and
 * the relay sends again what it isn't sure of; the attribute `messageId` is what the subscriber knows a repetition by.
 */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Message, Notifier } from '#functions/shared/ports.ts';

export type SnsNotifierOptions = { readonly client: SNSClient; readonly topicArn: string };

export class SnsNotifier implements Notifier {
  readonly #options: SnsNotifierOptions;

  constructor(options: SnsNotifierOptions) {
    this.#options = options;
  }

  /** No `Subject`: it would have to be ASCII, and the title stands in the message. */
  async send({ id, caseId, to, title, text }: Message): Promise<void> {
    const { client, topicArn } = this.#options;
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: JSON.stringify({ id, caseId, to, title, text }),
        MessageAttributes: { messageId: { DataType: 'String', StringValue: id } },
      }),
    );
  }
}
