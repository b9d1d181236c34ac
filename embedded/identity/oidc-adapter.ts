/** Where `oidc-provider` keeps what it keeps: the rows of `ExpiringStore`, on disk before it answers. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import * as z from 'zod';
import { jsonObjectSchema } from '#domain/json.ts';
import type { ExpiringStore } from './expiring-store.ts';

/** Models that belong to a grant and go with it. */
const OF_GRANT: ReadonlySet<string> = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

/** Nothing of the provider lives longer; rows that name no end get this one. */
const LONGEST_SECONDS = 30 * 86_400;

const payloadSchema = z.custom<AdapterPayload>((value) => jsonObjectSchema.safeParse(value).success);

export const oidcAdapter =
  (store: ExpiringStore, wall: () => number) =>
  (model: string): Adapter => {
    const kind = `oidc:${model}`;
    return {
      upsert: (id, payload, expiresIn) => {
        const { uid, grantId, accountId } = payload;
        return store.put({
          kind,
          id,
          // What is undefined in it has no place in JSON.
          data: jsonObjectSchema.parse(JSON.parse(JSON.stringify(payload))),
          expires: wall() + (expiresIn || LONGEST_SECONDS) * 1000,
          ...(uid === undefined ? {} : { uid }),
          ...(grantId === undefined || !OF_GRANT.has(model) ? {} : { grant: grantId }),
          ...(accountId === undefined ? {} : { account: accountId }),
        });
      },
      find: async (id) => payloadSchema.optional().parse(store.get(kind, id)),
      findByUid: async (uid) => payloadSchema.optional().parse(store.getByUid(kind, uid)),
      // Codes of devices are not served.
      findByUserCode: async () => undefined,
      consume: (id) => store.amend(kind, id, { consumed: Math.floor(wall() / 1000) }),
      destroy: (id) => store.remove(kind, id),
      revokeByGrantId: (grantId) => store.removeGrant(grantId),
    };
  };
