/** Our side of the cross-check, as small as it can be: what the tests of the simulator and of the client talk to. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { ensureCrossCheckKeys } from '#adapters/embedded/cross-check-keys.ts';
import {
  type CrossCheckRequestBody,
  type CrossCheckResult,
  crossCheckResultSchema,
} from '#domain/filing/cross-check.ts';
import { SignatureRefused, type VerifiedRequest, verifyRequest } from '#functions/shared/http-signature.ts';
import { type KeyRing, parseKeyRing } from '#functions/shared/signature-keys.ts';
import { startLocalServer } from '#test/support/local-server.ts';

/** A key ring for each side, made once for all tests of a file. */
export const makeKeys = (): { ours: KeyRing; centre: KeyRing } => {
  const root = mkdtempSync(join(tmpdir(), 'cross-check-'));
  try {
    const files = ensureCrossCheckKeys(join(root, 'keys'));
    return {
      ours: parseKeyRing(readFileSync(files.ours, 'utf8')),
      centre: parseKeyRing(readFileSync(files.centre, 'utf8')),
    };
  } finally {
    rmSync(root, { recursive: true });
  }
};

/** Listens on a free port of the loopback interface. */
export const listen = async (
  answer: (
    request: IncomingMessage,
    body: Uint8Array,
  ) => Promise<{ status: number; body?: string } | 'drop' | 'hang'>,
): Promise<{ url: string; authority: string; close(): Promise<void> }> => {
  const { url, stop } = await startLocalServer(async (request, response) => {
    const reply = await answer(request, await buffer(request));
    if (reply === 'drop') response.destroy();
    if (reply === 'drop' || reply === 'hang') return;
    response.writeHead(reply.status, { location: 'http://127.0.0.1:1/elsewhere' }).end(reply.body ?? '');
  });
  return { url, authority: new URL(url).host, close: stop };
};

export type Callback =
  | { readonly path: string; readonly refused: string; readonly input: string }
  | { readonly path: string; readonly verified: VerifiedRequest; readonly result: CrossCheckResult };

export type Union = {
  readonly url: string;
  /** Every callback that came in, in order. */
  readonly callbacks: readonly Callback[];
  close(): Promise<void>;
};

/** Verifies each callback and answers 204, or 401; `answers` are given first instead, whatever came. */
export const startUnion = async (keys: KeyRing, answers: (number | 'drop')[] = []): Promise<Union> => {
  const callbacks: Callback[] = [];
  let authority = '';
  const server = await listen(async (request, body) => {
    const path = request.url ?? '';
    const headers = z.record(z.string(), z.string()).parse(request.headers);
    try {
      const verified = await verifyRequest(
        { method: request.method ?? '', authority, path, headers, body },
        keys.trusted,
        { wall: Date.now(), tag: 'cross-check-result' },
      );
      const result = crossCheckResultSchema.parse(JSON.parse(new TextDecoder().decode(body)));
      callbacks.push({ path, verified, result });
    } catch (error) {
      if (!(error instanceof SignatureRefused)) throw error;
      callbacks.push({ path, refused: error.reason, input: headers['signature-input'] ?? '' });
      return { status: 401 };
    }
    const answer = answers.shift() ?? 204;
    return answer === 'drop' ? answer : { status: answer };
  });
  authority = server.authority;
  return { url: server.url, callbacks, close: server.close };
};

export const requestBody = (
  union: { readonly url: string },
  overrides: Partial<CrossCheckRequestBody> = {},
): CrossCheckRequestBody => {
  const requestId = overrides.requestId ?? 'r-1';
  return {
    requestId,
    authorisationDigest: 'a'.repeat(64),
    caseDate: '2026-05-06',
    categories: ['housing', 'vehicles', 'businessRegistration'],
    persons: [
      { personId: 'p1', name: '张三', idNumber: '11010519491231002X', relation: 'self' },
      { personId: 'p2', name: '李四', idNumber: '11010519491231002X', relation: 'spouse' },
    ],
    callback: `${union.url}/v1/cross-checks/${requestId}/results`,
    expiresAt: '2026-06-06T00:00:00+08:00',
    ...overrides,
  };
};
