/** An SNS topic with one subscriber, which drops what comes again under the same `messageId`. */
import { text } from 'node:stream/consumers';
import { SNSClient } from '@aws-sdk/client-sns';
import { type LocalServer, startLocalServer } from './local-server.ts';

export type LocalSns = LocalServer & {
  readonly client: SNSClient;
  /** The forms of all requests, in order. */
  readonly requests: readonly URLSearchParams[];
  /** What the subscriber has kept. */
  readonly kept: readonly string[];
};

const attribute = (form: URLSearchParams, name: string): string | null => {
  for (let at = 1; ; at += 1) {
    const found = form.get(`MessageAttributes.entry.${at}.Name`);
    if (found === null) return null;
    if (found === name) return form.get(`MessageAttributes.entry.${at}.Value.StringValue`);
  }
};

export async function startLocalSns(): Promise<LocalSns> {
  const requests: URLSearchParams[] = [];
  const kept = new Map<string, string>();
  const server = await startLocalServer(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    requests.push(form);
    const id = attribute(form, 'messageId');
    if (id !== null && !kept.has(id)) kept.set(id, form.get('Message') ?? '');
    response.setHeader('content-type', 'text/xml');
    response.end(
      '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    );
  });
  const client = new SNSClient({
    endpoint: server.url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    url: server.url,
    client,
    requests,
    get kept() {
      return [...kept.values()];
    },
    stop: () => {
      client.destroy();
      return server.stop();
    },
  };
}
