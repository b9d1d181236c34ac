/**
 * Takes a result of the cross-check. The centre's signature is verified over the raw bytes before anything is
 * read. The nonce table makes a repeated delivery harmless: the same message gets the recorded answer, another message
 * under an old nonce is refused. The record keeps every result; the judgement is over all of them.
 */
import * as z from 'zod';
import { sha256 } from '#domain/filing/audit.ts';
import {
  type CrossCheckResult,
  crossCheckResultSchema,
  crossCheckStatus,
} from '#domain/filing/cross-check.ts';
import { type CasePorts, readCase, systemActor, untilSettled } from '#functions/shared/case-store.ts';
import { findCheck, personFaults, readResults } from '#functions/shared/check-store.ts';
import { recordResult } from '#functions/shared/cross-check-results.ts';
import { AppError, InvalidInput } from '#functions/shared/errors.ts';
import { zodFaults } from '#functions/shared/faults.ts';
import { readJson } from '#functions/shared/http/json.ts';
import type { RawMessage } from '#functions/shared/http/route.ts';
import { MAX_AGE, type VerifiedRequest, verifyRequest } from '#functions/shared/http-signature.ts';
import { keys } from '#functions/shared/keys.ts';
import { newMessage, outboxOperation } from '#functions/shared/outbox.ts';
import {
  expiryOf,
  type Item,
  type ItemOperation,
  type JsonObject,
  type Ports,
} from '#functions/shared/ports.ts';

type Needs = CasePorts & Pick<Ports, 'settings'>;

/** What the centre is told. */
export const replySchema = z.strictObject({ received: z.literal(true), complete: z.boolean() });
type Reply = z.infer<typeof replySchema>;

const nonceSchema = z.strictObject({ digest: z.string(), reply: replySchema });

const verify = (ports: Needs, message: RawMessage): Promise<VerifiedRequest> => {
  const { authority, centreKeys } = ports.settings.crossCheck;
  const [path = ''] = message.target.split('?');
  return verifyRequest(
    { method: message.method, authority, path, headers: message.headers, body: message.body },
    centreKeys,
    { wall: ports.clock.wall(), tag: 'cross-check-result' },
  );
};

const parse = (message: RawMessage, requestId: string): CrossCheckResult => {
  const value = readJson(message.headers, message.body);
  const parsed = crossCheckResultSchema.safeParse(value);
  if (!parsed.success) throw new InvalidInput(zodFaults(parsed.error, value));
  if (parsed.data.requestId !== requestId) {
    throw new InvalidInput([
      { pointer: '/requestId', code: 'other-request', message: '内容中的编号与地址中的编号不一致。' },
    ]);
  }
  return parsed.data;
};

/** Who holds the centre's key, or has copied it, used a nonce for two contents: the union is warned at once. */
const warn = async (ports: Needs, requestId: string, { keyId, nonce }: VerifiedRequest): Promise<void> => {
  const found = await findCheck(ports.items, requestId);
  if (found === undefined) return;
  const { caseId, unions } = await readCase(ports.items, found.check.caseId);
  const message = {
    // One message however often it is tried.
    id: sha256(`nonce-reused/${keyId}/${nonce}`),
    caseId,
    to: { organisation: unions.centre },
    title: '比对回调异常',
    text: '收到一份比对回调，随机数与此前的相同而内容不同，已拒收。请与民政信息中心核对，必要时更换密钥。',
  };
  await ports.items.transact([outboxOperation(ports.ids, caseId, newMessage(message))]);
};

/** The recorded answer of a message that was taken before; undefined for a new one, or where the nonce is free again. */
const recorded = async (
  ports: Needs,
  requestId: string,
  verified: VerifiedRequest,
  item: Item | undefined,
): Promise<Reply | undefined> => {
  if (item === undefined || (item.expiresAt ?? Infinity) * 1000 <= ports.clock.wall()) return undefined;
  const { digest, reply } = nonceSchema.parse(item.data);
  if (digest === verified.digest) return reply;
  await warn(ports, requestId, verified);
  throw new AppError('nonce-reused', 409, '同一随机数不能用于不同的内容。');
};

const sameResult = (one: CrossCheckResult, other: CrossCheckResult): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** A signature is good for five minutes and a clock may be half a minute ahead: after this none is left to repeat. */
const NONCE_MS = 3 * MAX_AGE;

const nonceOperation = (
  ports: Needs,
  verified: VerifiedRequest,
  former: Item | undefined,
  reply: Reply,
): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.nonce(verified.keyId, verified.nonce),
    version: (former?.version ?? 0) + 1,
    schema: 1,
    data: { digest: verified.digest, reply } satisfies JsonObject,
    expiresAt: expiryOf(ports.clock.wall() + NONCE_MS),
  },
  condition: former === undefined ? 'absent' : { version: former.version },
});

const take = async (
  ports: Needs,
  message: RawMessage,
  requestId: string,
  verified: VerifiedRequest,
): Promise<Reply> => {
  const nonce = await ports.items.get(keys.nonce(verified.keyId, verified.nonce));
  const before = await recorded(ports, requestId, verified, nonce);
  if (before !== undefined) return before;
  const result = parse(message, requestId);
  const found = await findCheck(ports.items, requestId);
  if (found === undefined) throw new AppError('request-not-found', 404, '没有这项比对请求。');
  const unasked = result.categories.findIndex(({ category }) => !found.check.categories.includes(category));
  if (unasked >= 0) {
    throw new InvalidInput([
      {
        pointer: `/categories/${unasked}/category`,
        code: 'not-asked',
        message: '这一类信息没有请求比对，不予接收。',
      },
    ]);
  }
  const unknown = personFaults(found.check.persons, result.categories);
  if (unknown.length > 0) throw new InvalidInput(unknown);
  const former = await readResults(ports.items, requestId);
  const twin = former.find(({ resultId }) => resultId === result.resultId);
  if (twin === undefined) {
    const { complete } = await recordResult(ports, {
      ...found,
      result,
      former,
      origin: {
        actor: systemActor('take-cross-check'),
        data: { keyId: verified.keyId, digest: verified.digest },
        operations: (recorded) => [nonceOperation(ports, verified, nonce, { received: true, ...recorded })],
      },
    });
    return { received: true, complete };
  }
  if (!sameResult(twin, result)) {
    throw new AppError('result-changed', 409, '同一结果编号的内容前后不一致，请以新的编号报送更正。');
  }
  const { complete } = crossCheckStatus(found.check.categories, former, ports.settings.crossCheck.policy);
  const reply: Reply = { received: true, complete };
  await ports.items.transact([nonceOperation(ports, verified, nonce, reply)]);
  return reply;
};

/** The same message may come twice at once, and other results of the request between. */
export const takeCrossCheck = async (
  ports: Needs,
  message: RawMessage,
  requestId: string,
): Promise<Reply> => {
  try {
    const verified = await verify(ports, message);
    return await untilSettled(() => take(ports, message, requestId, verified));
  } catch (error) {
    // Forged, stale, replayed, unreadable or not asked for: what we refuse somebody has to look at.
    if (error instanceof AppError && error.status < 500) ports.metrics.count('CallbacksRefused');
    throw error;
  }
};
