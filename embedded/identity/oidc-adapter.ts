/**
 * Where `oidc-provider` keeps what it keeps: the rows of `ExpiringStore`, on disk before it answers. The id of a token or a
 * code is the token itself, so that its row is found by a hash and holds nothing that would let its reader in.
 */
import { createHash } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import type { ExpiringStore } from './expiring-store.ts';

/** Models that belong to a grant and go with it; whoever has their id has what it opens. */
const OF_GRANT: ReadonlySet<string> = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

/** Nothing of the provider lives longer; rows that name no end get this one. */
const LONGEST_SECONDS = 30 * 86_400;

const payloadSchema = z.custom<AdapterPayload>((value) => jsonObjectSchema.safeParse(value).success);

export const oidcAdapter =
  (store: ExpiringStore, wall: () => number) =>
  (model: string): Adapter => {
    const kind = `oidc:${model}`;
    const secret = OF_GRANT.has(model);
    const placeOf = (id: string): string =>
      secret ? createHash('sha256').update(id).digest('base64url') : id;
    return {
      upsert: (id, payload, expiresIn) => {
        const { uid, grantId, accountId } = payload;
        const { jti: _, ...rest } = payload;
        return store.put({
          kind,
          id: placeOf(id),
          // What is undefined in it has no place in JSON.
          data: jsonObjectSchema.parse(JSON.parse(JSON.stringify(secret ? rest : payload))),
          expires: wall() + (expiresIn || LONGEST_SECONDS) * 1000,
          ...(uid === undefined ? {} : { uid }),
          ...(grantId === undefined || !secret ? {} : { grant: grantId }),
          ...(accountId === undefined ? {} : { account: accountId }),
        });
      },
      find: async (id) => {
        const data = store.get(kind, placeOf(id));
        return payloadSchema.optional().parse(data !== undefined && secret ? { ...data, jti: id } : data);
      },
      findByUid: async (uid) => payloadSchema.optional().parse(store.getByUid(kind, uid)),
      // Codes of devices are not served.
      findByUserCode: async () => undefined,
      consume: (id) => store.amend(kind, placeOf(id), { consumed: Math.floor(wall() / 1000) }),
      destroy: (id) => store.remove(kind, placeOf(id)),
      revokeByGrantId: (grantId) => store.removeGrant(grantId),
    };
  };
