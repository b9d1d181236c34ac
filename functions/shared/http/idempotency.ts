/**
 * `Idempotency-Key` (the IETF's draft of that name): a client that heard no answer sends the same request again, and
 * what it creates is created once.
 *
 * There is no lock. The record of a key is written in the very transaction that creates the thing, on condition that
 * there is none: a crash leaves both or neither, and of two requests at once the one that comes second finds the
 * record and gives the first one's answer, so that "under way" is never seen from outside. The record holds hashes
 * and the thing's id: the answer is built anew from the thing, and nothing personal lies in it.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AppError, ConditionFailed } from '../errors.ts';
import { keys } from '../keys.ts';
import {
  expiryOf,
  type Item,
  type ItemKey,
  type ItemOperation,
  type ItemStore,
  type Ports,
} from '../ports.ts';
import type { Call } from './request.ts';
import type { Reply } from './route.ts';

/** A caller's key: `place` is of caller, route and key, `digest` of what was asked under it. Both are SHA-256, hex. */
export type RequestKey = { readonly place: string; readonly digest: string };

const DAY_MS = 24 * 60 * 60 * 1000;
const VISIBLE = /^[\x21-\x7e]{8,128}$/;

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  // Each part's length goes before it, so that no two lists of parts read alike.
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
};

/**
 * The key of a request; undefined where it has none. Throws 400 `invalid-idempotency-key`. The key itself goes into
 * both hashes: from the record alone nobody can guess at a body.
 */
export const requestKeyOf = ({
  subject,
  route,
  call: { headers, target, rawBody },
}: {
  /** The caller's; empty for those who haven't signed in. */
  readonly subject: string;
  readonly route: string;
  readonly call: Pick<Call, 'headers' | 'target' | 'rawBody'>;
}): RequestKey | undefined => {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!VISIBLE.test(key)) {
    throw new AppError(
      'invalid-idempotency-key',
      400,
      'Idempotency-Key 应为 8 到 128 个可见的英文字符，每次新的提交另取一个，例如 UUID。',
    );
  }
  return { place: sha256(subject, route, key), digest: sha256(key, target, rawBody) };
};

const recordSchema = z.strictObject({
  digest: z.string(),
  /** Of what was created. */
  id: z.string(),
  /** Wall time, milliseconds: afterwards the key is free again. */
  expiresAt: z.number().int(),
});
type Record = z.infer<typeof recordSchema>;

/** Another request with the same key was faster. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** The store of one request: its first transaction writes the record of the key as well. */
const recording = (items: ItemStore, operation: ItemOperation): ItemStore => {
  let recorded = false;
  return {
    get: (key) => items.get(key),
    query: (query) => items.query(query),
    transact: async (operations) => {
      if (recorded) return items.transact(operations);
      try {
        await items.transact([...operations, operation]);
        recorded = true;
      } catch (error) {
        if (error instanceof ConditionFailed && error.operations.includes(operations.length))
          throw new Overtaken();
        throw error;
      }
    },
  };
};

const recordOperation = (key: ItemKey, data: Record, former: Item | undefined): ItemOperation => ({
  type: 'put',
  item: {
    ...key,
    version: (former?.version ?? 0) + 1,
    schema: 1,
    data,
    expiresAt: expiryOf(data.expiresAt),
  },
  condition: former === undefined ? 'absent' : { version: former.version },
});

/** Two rounds are enough: a record that was in the way is there to be read. */
const ROUNDS = 3;

/**
 * Creates something under an id, once for each key; `recall` answers for what a former request with the same key has
 * created. Throws 422 `idempotency-key-reused` where the key was used for something else within a day, and what
 * `create` and `recall` throw: what was refused has left no record, and may be tried again under the same key.
 */
export const createOnce = async <P extends Pick<Ports, 'items' | 'ids' | 'clock'>>(
  ports: P,
  requestKey: RequestKey | undefined,
  {
    create,
    recall,
  }: {
    readonly create: (ports: P, id: string) => Promise<Reply>;
    readonly recall: (id: string) => Promise<Reply>;
  },
): Promise<Reply> => {
  if (requestKey === undefined) return create(ports, ports.ids.next());
  const key = keys.requestKey(requestKey.place);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const former = await ports.items.get(key);
    const record = former === undefined ? undefined : recordSchema.parse(former.data);
    if (record !== undefined && record.expiresAt > ports.clock.wall()) {
      if (record.digest !== requestKey.digest) {
        throw new AppError(
          'idempotency-key-reused',
          422,
          '这个 Idempotency-Key 已经用于另一次内容不同的提交，请为新的提交另取一个。',
        );
      }
      const reply = await recall(record.id);
      return { ...reply, headers: { ...reply.headers, 'idempotency-replayed': 'true' } };
    }
    const id = ports.ids.next();
    const data = { digest: requestKey.digest, id, expiresAt: ports.clock.wall() + DAY_MS };
    try {
      return await create(
        { ...ports, items: recording(ports.items, recordOperation(key, data, former)) },
        id,
      );
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
  throw new AppError('case-busy', 409, '该申请正在被同时修改，请稍后重试。');
};
