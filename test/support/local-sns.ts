/** An SNS topic with one subscriber, which drops what comes again under the same `messageId`. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { SNSClient } from '@aws-sdk/client-sns';

export type LocalSns = {
  readonly url: string;
  readonly client: SNSClient;
  /** The forms of all requests, in order. */
  readonly requests: readonly URLSearchParams[];
  /** What the subscriber has kept. */
  readonly kept: readonly string[];
  stop(): Promise<void>;
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
  const server = createServer({ keepAliveTimeout: 65_000 }, async (request, response) => {
    const form = new URLSearchParams(await text(request));
    requests.push(form);
    const id = attribute(form, 'messageId');
    if (id !== null && !kept.has(id)) kept.set(id, form.get('Message') ?? '');
    response.setHeader('content-type', 'text/xml');
    response.end(
      '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const url = `http://127.0.0.1:${address.port}`;
  const client = new SNSClient({
    endpoint: url,
    region: 'cn-north-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    url,
    client,
    requests,
    get kept() {
      return [...kept.values()];
    },
    stop: async () => {
      client.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
