/**
 * Takes a result of the cross-check. The centre's signature is verified over the raw bytes before anything is
 * read. The nonce table makes a repeated delivery harmless: the same message gets the recorded answer, another message
 * under an old nonce is refused. The record keeps every result; the judgement is over all of them.
 */
import * as z from 'zod';
import type { Case } from '#domain/filing/case.ts';
import {
  type CrossCheckResult,
  crossCheckFindings,
  crossCheckResultSchema,
  crossCheckStatus,
  type DeclaredAssets,
  latestResults,
} from '#domain/filing/cross-check.ts';
import { isSealed } from '#domain/filing/stages.ts';
import { type CasePorts, changeCase, systemActor, untilSettled } from '#functions/shared/case-store.ts';
import { type Check, findCheck, putCheck, putResult, readResults } from '#functions/shared/check-store.ts';
import { AppError, InvalidInput } from '#functions/shared/errors.ts';
import { zodFaults } from '#functions/shared/faults.ts';
import { readJson } from '#functions/shared/http/json.ts';
import type { RawMessage } from '#functions/shared/http/route.ts';
import { type VerifiedRequest, verifyRequest } from '#functions/shared/http-signature.ts';
import { keys } from '#functions/shared/keys.ts';
import type { ItemOperation, JsonObject, Ports } from '#functions/shared/ports.ts';

type Needs = CasePorts & Pick<Ports, 'settings'>;

const replySchema = z.strictObject({ received: z.literal(true), complete: z.boolean() });
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

/** The recorded answer of a message that was taken before; undefined for a new one. */
const recorded = async (ports: Needs, verified: VerifiedRequest): Promise<Reply | undefined> => {
  const item = await ports.items.get(keys.nonce(verified.keyId, verified.nonce));
  if (item === undefined) return undefined;
  const { digest, reply } = nonceSchema.parse(item.data);
  if (digest === verified.digest) return reply;
  throw new AppError('nonce-reused', 409, '同一随机数不能用于不同的内容。');
};

const assetsSchema = z.looseObject({
  homes: z.array(z.looseObject({ area: z.string().nullable() })).default([]),
  businessPremises: z.boolean().default(false),
  vehicles: z
    .array(
      z.looseObject({
        kind: z.enum(['motorVehicle', 'ship', 'constructionMachine', 'farmMachine']),
        purchasePrice: z.string().nullable(),
      }),
    )
    .default([]),
});

const membersSchema = z.array(
  z.looseObject({ incomes: z.array(z.looseObject({ kind: z.string() })).default([]) }),
);

const declaredAssets = ({ declaration }: Case): DeclaredAssets => {
  const members = membersSchema.parse(declaration.members);
  return {
    ...assetsSchema.parse(declaration.assets ?? {}),
    businessIncome: members.some(({ incomes }) => incomes.some(({ kind }) => kind === 'business')),
  };
};

const sameResult = (one: CrossCheckResult, other: CrossCheckResult): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

type Taking = {
  readonly check: Check;
  readonly version: number;
  readonly verified: VerifiedRequest;
  readonly result: CrossCheckResult;
  readonly former: readonly CrossCheckResult[];
};

const nonceOperation = (verified: VerifiedRequest, reply: Reply): ItemOperation => ({
  type: 'put',
  item: {
    ...keys.nonce(verified.keyId, verified.nonce),
    version: 1,
    schema: 1,
    data: { digest: verified.digest, reply } satisfies JsonObject,
  },
  condition: 'absent',
});

/** Writes the result with everything that follows from it, in one transaction. */
const record = async (ports: Needs, taking: Taking): Promise<Reply> => {
  const { check, version, verified, result, former } = taking;
  const all = [...former, result];
  const status = crossCheckStatus(check.categories, all);
  const reply: Reply = { received: true, complete: status.complete };
  const operations = [nonceOperation(verified, reply), putResult(result), putCheck(check, version)];
  let sealed = false;
  await changeCase(ports, check.caseId, (current) => {
    sealed = isSealed(current.stage);
    if (sealed) return null;
    const waiting = current.crossCheck?.requestId === check.requestId;
    const findings = crossCheckFindings(latestResults(all), declaredAssets(current)).map((one) => ({
      ...one,
    }));
    const answered = waiting && status.complete && current.crossCheck?.status === 'requested';
    return {
      next:
        waiting && current.crossCheck !== null
          ? {
              ...current,
              crossCheck: {
                ...current.crossCheck,
                findings,
                status: answered ? 'complete' : current.crossCheck.status,
              },
            }
          : current,
      event: {
        type: 'crossCheckAnswered',
        actor: systemActor('take-cross-check'),
        data: {
          requestId: check.requestId,
          resultId: result.resultId,
          sequence: result.sequence,
          complete: status.complete,
          missing: status.missing,
          hits: status.hits,
          findings,
          keyId: verified.keyId,
          digest: verified.digest,
        },
      },
      operations,
      // A partial result is a sign of life; the last one ends the wait. A late one tells nobody.
      outbox: answered
        ? [{ kind: 'answer', taskToken: check.taskToken, output: { outcome: 'complete' } }]
        : waiting
          ? [{ kind: 'heartbeat', taskToken: check.taskToken }]
          : [],
    };
  });
  // Too late for the case, which stays as it is; the record of the check is kept all the same.
  if (sealed) await ports.items.transact(operations);
  return reply;
};

const take = async (
  ports: Needs,
  message: RawMessage,
  requestId: string,
  verified: VerifiedRequest,
): Promise<Reply> => {
  const before = await recorded(ports, verified);
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
  const former = await readResults(ports.items, requestId);
  const twin = former.find(({ resultId }) => resultId === result.resultId);
  if (twin === undefined) return record(ports, { ...found, verified, result, former });
  if (!sameResult(twin, result)) {
    throw new AppError('result-changed', 409, '同一结果编号的内容前后不一致，请以新的编号报送更正。');
  }
  return { received: true, complete: crossCheckStatus(found.check.categories, former).complete };
};

/** The same message may come twice at once, and other results of the request between. */
export const takeCrossCheck = async (
  ports: Needs,
  message: RawMessage,
  requestId: string,
): Promise<Reply> => {
  const verified = await verify(ports, message);
  return untilSettled(() => take(ports, message, requestId, verified));
};
