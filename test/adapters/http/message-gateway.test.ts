import { createSecretKey, randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { HttpMessageGateway } from '#adapters/http/message-gateway.ts';
import { NotifierUnavailable } from '#functions/shared/errors.ts';
import type { Message } from '#functions/shared/ports.ts';
import { listen } from '#test/simulator/union.ts';

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const message: Message = {
  id: 'c-1',
  caseId: 'c',
  to: { subject: 'worker-1' },
  title: '进入公示',
  text: '您有一条新的办理通知，请登录后查看。',
};

const gatewayAt = (url: string, timeout?: number) =>
  new HttpMessageGateway({
    url,
    key: { keyId: 'k', algorithm: 'hmac-sha256', key: createSecretKey(randomBytes(32)) },
    template: 'T-1',
    clock: { wall: () => 0 },
    ids: { next: () => 'nonce-0000000000-1' },
    ...(timeout === undefined ? {} : { timeout }),
  });

test.each<[string, Awaited<ReturnType<Parameters<typeof listen>[0]>>]>([
  ['a refusal', { status: 400 }],
  ['a fault', { status: 503 }],
  ['a redirect, which is not followed', { status: 302 }],
  ['a connection that breaks', 'drop'],
  ['no answer in time', 'hang'],
])('%s is a message that is not handed on', async (_, answer) => {
  const server = await listen(async () => answer);
  servers.push(server);
  const sending = gatewayAt(server.url, 100).send(message);
  await expect(sending).rejects.toThrow(NotifierUnavailable);
  await expect(sending).rejects.not.toThrow(/进入公示|worker-1/);
});

test('what goes out names the recipient by the account and holds no more than the words', async () => {
  const bodies: unknown[] = [];
  const server = await listen(async (_, body) => {
    bodies.push(JSON.parse(Buffer.from(body).toString('utf8')));
    return { status: 200 };
  });
  servers.push(server);
  await gatewayAt(server.url).send(message);
  expect(bodies).toEqual([{ ...message, template: 'T-1' }]);
});
