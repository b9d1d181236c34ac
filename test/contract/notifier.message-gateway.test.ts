import { randomBytes } from 'node:crypto';
import { HttpMessageGateway } from '#adapters/http/message-gateway.ts';
import { verifyRequest } from '#functions/shared/http-signature.ts';
import type { Message } from '#functions/shared/ports.ts';
import { parseKeyRing } from '#functions/shared/signature-keys.ts';
import { listen } from '#test/simulator/union.ts';
import { notifierContract } from './notifier.contract.ts';

const key = {
  keyId: 'messages',
  algorithm: 'hmac-sha256',
  jwk: { kty: 'oct', k: randomBytes(32).toString('base64url') },
};
const ring = parseKeyRing(JSON.stringify({ signing: key, trusted: [key] }));
const WALL = Date.UTC(2026, 4, 6);

// The gateway takes what is signed, and knows a repetition by its key.
notifierContract('message gateway', async () => {
  const kept = new Map<string, Message>();
  const gateway = await listen(async (request, body) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
    await verifyRequest(
      {
        method: request.method ?? '',
        authority: gateway.authority,
        path: request.url ?? '',
        headers,
        body,
      },
      ring.trusted,
      { wall: WALL, tag: 'message' },
    );
    const { template, ...message } = JSON.parse(Buffer.from(body).toString('utf8'));
    const id = headers['idempotency-key'] ?? '';
    if (template === 'T-1' && !kept.has(id)) kept.set(id, message);
    return { status: 202 };
  });
  let count = 0;
  return {
    notifier: new HttpMessageGateway({
      url: `${gateway.url}/send`,
      key: ring.signing,
      template: 'T-1',
      clock: { wall: () => WALL },
      ids: { next: () => `nonce-0000000000-${count++}` },
    }),
    sent: async () => [...kept.values()],
    close: gateway.close,
  };
});
